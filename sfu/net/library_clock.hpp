#pragma once
// usrsctp and OpenSSL's DTLS read gettimeofday for their timers. Where the wall clock is set back by N seconds (NTP, an
// administrator), they would repeat nothing that is lost for N seconds.

namespace parley::net {

/// Call it first thing in main, before there are threads. It also makes the linker take this file, which defines gettimeofday:
/// the dynamic linker gives that definition to the libraries. It tells Clock's time from then on.
void steady_library_clock();

}  // namespace parley::net
