// Datagrams of every protocol into two transports: one in use, which must stay as it is, and one that has only seen a check,
// whose DTLS reads the datagram as a client's first. Seeds: all that a client sends while it connects and talks.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tests/support/two_ends.hpp"

namespace {

using namespace parley;

test::TwoEnds& established() {
  static test::TwoEnds ends(1);
  static const bool once = [] {
    ends.connect_and_wait();
    ends.client.send_rtp(test::rtp_header(1, 2), Buffer(100, 0x5a), ends.client_out);
    ends.client.send_rtcp(test::receiver_report(2), ends.client_out);
    ends.flush();
    ends.run(seconds(10));
    return ends.server_rtp.size() == 1 && ends.server_rtcp.size() == 1;
  }();
  if (!once) std::abort();
  return ends;
}

void read_as_first_datagram(test::TwoEnds& ends, Buffer datagram, Outbox& out) {
  transport::Transport fresh(ends.server_certificate, *ends.cipher, ends.server.local_credentials());
  fresh.set_remote(ends.client.ice.local(), {ends.client_certificate.fingerprint()});
  Buffer check = ends.to_server[0];
  fresh.receive(ends.now, ends.added[0], check, out);
  fresh.receive(ends.now, ends.added[0], datagram, out);
  if (fresh.ready()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::TwoEnds& ends = established();
  Outbox out;
  Buffer datagram(data, data + size);
  read_as_first_datagram(ends, datagram, out);
  ends.server.receive(ends.now, ends.added[0], datagram, out);
  if (!ends.server.ready()) std::abort();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() { return established().to_server; }
