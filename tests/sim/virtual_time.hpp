#pragma once
// Time and randomness of the libraries that the simulator can't hand them to. Linking this file into a program is enough for
// the first half: it defines gettimeofday, and the dynamic linker gives this definition to libssl, libcrypto and usrsctp.
//
// What was found out with OpenSSL 3.0.22 (time_stands_still.cpp keeps it true):
// - DTLS reads the clock in one place, gettimeofday, for its retransmission timer. With the symbol defined here the timer
//   fires when virtual time says so, and never by itself.
// - RAND_set_rand_method, deprecated as it is, is asked first by RAND_bytes_ex and RAND_priv_bytes_ex, so that with one seed
//   everything repeats bit for bit: certificate keys, hello randoms, X25519 keys, the nonces in ECDSA signatures, and the
//   explicit nonces of AES-GCM records. Nothing comes from the DRBG behind it.
// - time() is read too, for the age of a session and the dates of certificates; neither is ever on the wire or matters to us.
// - libsrtp has no randomness at all.
// usrsctp 0.9.5 reads gettimeofday too, and its tags and sequence numbers come from syscall(SYS_getrandom), a symbol that can be
// defined as well: then everything repeats but the signature in its cookies (tests/unit/transport/sctp_determinism_test.cpp).

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"

namespace parley::sim {

/// When the simulator's histories begin: some day in 2026. Tokens want a calendar.
constexpr Time calendar_begin{seconds(1'790'000'000)};

/// Sets the clock to calendar_begin and seeds everything below, before anything else is made: certificates are made of OpenSSL's
/// randomness. Gives the randomness for the rest.
Random begin_history(std::uint64_t seed);

/// What gettimeofday answers from now on, in the whole process.
void set_virtual_time(Time now);

/// More at one instant means that a machine wants to be woken again and again without getting anywhere.
constexpr int maximum_steps_without_time = 10'000;

/// Lets happen what is to happen up to `end`: the clock, which is `now` and that of the libraries, goes on to each wakeup() in
/// its turn, and then step() is called. Throws std::logic_error when time does not go on.
template <typename Wakeup, typename Step>
void play_until(Time end, Time& now, Wakeup wakeup, Step step) {
  int steps_without_time = 0;
  for (Time next = wakeup(); next <= end; next = wakeup()) {
    steps_without_time = next > now ? 0 : steps_without_time + 1;
    if (steps_without_time > maximum_steps_without_time) throw std::logic_error("time does not go on: a machine spins");
    now = std::max(now, next);
    set_virtual_time(now);
    step();
  }
  now = end;
  set_virtual_time(now);
}

/// From now on, and in the whole process, what syscall(SYS_getrandom) gives is the sequence that belongs to `seed`.
void seed_kernel(std::uint64_t seed);

/// From now on, and in the whole process, OpenSSL's randomness is the sequence that belongs to `seed`.
void seed_openssl(std::uint64_t seed);

}  // namespace parley::sim
