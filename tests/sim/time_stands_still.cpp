// The spike on which the simulator rests: a whole connection with real cryptography, over a bad link, repeats bit for bit.

#include <catch2/catch.hpp>

#include "tests/sim/virtual_time.hpp"
#include "tests/support/two_ends.hpp"

namespace parley::test {

namespace {

struct Outcome {
  std::array<std::uint8_t, 32> trace{};
  Duration connected_after{0};
  std::size_t at_server = 0;
  std::size_t at_client = 0;
  bool all_whole = true;
};

constexpr int packets = 100;

Outcome talk_over_a_bad_link(std::uint64_t seed) {
  sim::seed_openssl(seed);
  TwoEnds ends(seed, {.loss = 0.3, .delay = milliseconds(20), .jitter = milliseconds(20)});
  ends.clock = sim::set_virtual_time;
  const Time begin = ends.now;
  sim::set_virtual_time(begin);
  ends.connect();
  while (!(ends.server.ready() && ends.client.ready()) && ends.now < begin + seconds(20)) ends.run(milliseconds(10));
  Outcome outcome{.connected_after = ends.now - begin};
  const Buffer payload(300, 0x5a);
  for (std::uint16_t i = 0; i < packets && ends.server.ready() && ends.client.ready(); ++i) {
    ends.server.send_rtp(ends.now, rtp_header(i, 1), payload, ends.server_out);
    ends.client.send_rtp(rtp_header(i, 2), payload, ends.client_out);
    ends.flush();
    ends.run(milliseconds(20));
  }
  ends.run(milliseconds(100));
  for (const auto* const arrived : {&ends.server_rtp, &ends.client.rtp})
    for (const Buffer& packet : *arrived) outcome.all_whole &= packet.size() == 312 && packet.back() == 0x5a;
  outcome.at_server = ends.server_rtp.size();
  outcome.at_client = ends.client.rtp.size();
  outcome.trace = ends.trace();
  return outcome;
}

}  // namespace

TEST_CASE("DTLS and SRTP under 30 % loss repeat bit for bit from one seed") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const Outcome once = talk_over_a_bad_link(seed);
    const Outcome again = talk_over_a_bad_link(seed);
    CHECK(once.trace == again.trace);
    CHECK(once.connected_after == again.connected_after);
    CHECK(once.connected_after < seconds(20));
    CHECK(once.at_server > packets / 2);
    CHECK(once.at_client > packets / 2);
    CHECK(once.all_whole);
  }
}

TEST_CASE("Another seed gives another trace") { CHECK(talk_over_a_bad_link(1).trace != talk_over_a_bad_link(2).trace); }

TEST_CASE("A DTLS retransmission waits for virtual time") {
  sim::seed_openssl(3);
  TwoEnds ends(3, {.loss = 1.0});
  sim::set_virtual_time(ends.now);
  transport::Dtls dtls(ends.client_certificate, transport::Dtls::Role::client, {});
  Outbox out;
  const Path path{Protocol::udp, ends.client_address, ends.server_address};
  dtls.start(ends.now, path, out);
  CHECK(out.datagrams.entries().size() == 1);
  CHECK(dtls.wakeup() == ends.now + milliseconds(100));
  // The machine is told that its time has come, but the process's clock says otherwise: OpenSSL believes the clock.
  dtls.advance(dtls.wakeup(), path, out);
  CHECK(out.datagrams.entries().size() == 1);
  sim::set_virtual_time(ends.now + milliseconds(100));
  const Time later = dtls.wakeup();
  dtls.advance(later, path, out);
  CHECK(out.datagrams.entries().size() == 2);
  CHECK(dtls.wakeup() == later + milliseconds(200));
}

}  // namespace parley::test
