#include "sfu/transport/ice_client.hpp"

#include <catch2/catch.hpp>

#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"

namespace parley::transport {

namespace {

const Address own = Address::v4({198, 51, 100, 7}, 50000);
const Address elsewhere = Address::v4({203, 0, 113, 9}, 50001);
const Address server_address = Address::v4({192, 0, 2, 1}, 40000);

/// The client and the lite agent joined by a wire without delay, which can be cut.
struct Bench {
  IceLite server{{"serverfrag", "server-password-server-password"}};
  IceClient client{{"clientfrag", "client-password-client-password"}, Random::from_number(1)};
  Time now{seconds(1000)};
  Outbox out;
  bool udp_works = true;
  bool tcp_works = true;
  std::vector<std::pair<Time, Path>> sent;

  void connect(std::vector<IceClient::Candidate> candidates = {{Protocol::udp, server_address}}) {
    client.connect(now, own, server.local(), std::move(candidates));
  }

  void run(Duration duration) {
    const Time end = now + duration;
    for (;;) {
      const Time next = std::min(client.wakeup(), server.wakeup());
      if (next > end) break;
      now = std::max(now, next);
      server.advance(now);
      client.advance(now, out);
      exchange();
    }
    now = end;
  }

  /// Carries requests over and the answers back until both are quiet.
  void exchange() {
    while (!out.datagrams.empty()) {
      Outbox requests;
      std::swap(requests, out);
      for (const auto& entry : requests.datagrams.entries()) carry(entry);
    }
  }

  void carry(const DatagramBatch::Entry& request) {
    sent.emplace_back(now, request.path);
    if (!(request.path.protocol == Protocol::udp ? udp_works : tcp_works)) return;
    Outbox answers;
    server.receive(now, {request.path.protocol, request.path.remote, request.path.local}, request.bytes(), answers);
    for (const auto& answer : answers.datagrams.entries()) client.receive(now, request.path, answer.bytes(), out);
  }
};

Path udp_path(const Address& local = own) { return {Protocol::udp, local, server_address}; }

}  // namespace

TEST_CASE("The client checks, nominates, and both ends select the same path") {
  Bench bench;
  bench.connect();
  CHECK(bench.client.state() == IceClient::State::checking);
  bench.run(milliseconds(10));
  CHECK(bench.client.state() == IceClient::State::connected);
  CHECK(bench.client.selected() == udp_path());
  CHECK(bench.client.mapped() == own);
  REQUIRE(bench.server.selected());
  CHECK(bench.server.selected()->remote == own);
  CHECK(bench.sent.size() == 2);
}

TEST_CASE("The preferred candidate is checked first, and another is used when it does not answer") {
  Bench bench;
  bench.udp_works = false;
  bench.connect({{Protocol::udp, server_address}, {Protocol::tcp, server_address}});
  bench.run(milliseconds(40));
  CHECK_FALSE(bench.client.selected());
  bench.run(milliseconds(20));
  REQUIRE(bench.client.selected());
  CHECK(bench.client.selected()->protocol == Protocol::tcp);
  CHECK(bench.sent.front().second.protocol == Protocol::udp);
}

TEST_CASE("A check without an answer is sent again at growing intervals and given up after 15 to 18 s") {
  Bench bench;
  bench.udp_works = false;
  bench.connect();
  bench.run(milliseconds(1600));
  std::vector<Duration> gaps;
  for (std::size_t i = 1; i < bench.sent.size(); ++i) gaps.push_back(bench.sent[i].first - bench.sent[i - 1].first);
  CHECK(gaps == std::vector<Duration>{milliseconds(100), milliseconds(200), milliseconds(400), milliseconds(800)});
  bench.run(milliseconds(13400));
  CHECK(bench.client.state() == IceClient::State::checking);
  bench.run(seconds(3));
  CHECK(bench.client.state() == IceClient::State::failed);
  CHECK(bench.client.wakeup() == never);
}

TEST_CASE("Consent is asked for every 4 to 6 s and keeps both ends selected") {
  Bench bench;
  bench.connect();
  bench.run(minutes(5));
  CHECK(bench.client.selected());
  CHECK(bench.server.selected());
  for (std::size_t i = 2; i < bench.sent.size(); ++i) {
    const Duration gap = bench.sent[i].first - bench.sent[i - 1].first;
    CHECK(gap >= seconds(4));
    CHECK(gap <= seconds(6));
  }
}

TEST_CASE("Without answers consent is lost after 30 s and nothing more is sent") {
  Bench bench;
  bench.connect();
  bench.run(seconds(1));
  bench.udp_works = false;
  bench.run(seconds(28));
  CHECK(bench.client.state() == IceClient::State::connected);
  bench.run(seconds(2));
  CHECK(bench.client.state() == IceClient::State::disconnected);
  CHECK_FALSE(bench.client.selected());
  const std::size_t before = bench.sent.size();
  bench.run(minutes(1));
  CHECK(bench.sent.size() == before);
}

TEST_CASE("After a move both ends select the new address") {
  Bench bench;
  bench.connect();
  bench.run(seconds(1));
  bench.client.move(bench.now, elsewhere);
  CHECK_FALSE(bench.client.selected());
  bench.run(milliseconds(10));
  CHECK(bench.client.selected() == udp_path(elsewhere));
  CHECK(bench.server.selected()->remote == elsewhere);
}

TEST_CASE("An ICE restart keeps the old path in use until the new credentials have worked") {
  Bench bench;
  bench.server.set_remote_ufrag("clientfrag");
  bench.connect();
  bench.run(seconds(1));
  const IceCredentials renewed{"renewedfrag", "renewed-password-renewed-password"};
  bench.client.set_local({"clientnew", "client-password-client-password"});
  bench.server.restart(renewed);
  bench.server.set_remote_ufrag("clientnew");
  bench.udp_works = false;
  bench.client.connect(bench.now, elsewhere, renewed, {{Protocol::udp, server_address}});
  bench.run(milliseconds(500));
  CHECK(bench.client.selected() == udp_path(own));
  CHECK(bench.client.state() == IceClient::State::connected);
  bench.udp_works = true;
  bench.run(seconds(2));
  CHECK(bench.client.selected() == udp_path(elsewhere));
  CHECK(bench.server.selected()->remote == elsewhere);
}

TEST_CASE("Answers that are forged, unasked for or from elsewhere are not believed") {
  Bench bench;
  bench.connect();
  bench.client.advance(bench.now, bench.out);
  const Buffer request(bench.out.datagrams.entries()[0].bytes().begin(), bench.out.datagrams.entries()[0].bytes().end());
  bench.out.datagrams.clear();

  IceLite impostor({"serverfrag", "another-password-another-password"});
  Outbox answers;
  impostor.receive(bench.now, udp_path(), request, answers);
  for (const auto& answer : answers.datagrams.entries()) bench.client.receive(bench.now, udp_path(), answer.bytes(), bench.out);
  CHECK(bench.out.datagrams.empty());
  std::array<std::uint8_t, 128> slot{};
  stun::Builder forged(slot, stun::Class::success, stun::Method::binding, stun::Message::parse(request)->transaction());
  forged.xor_address(stun::Attribute::xor_mapped_address, own);
  bench.client.receive(bench.now, udp_path(), forged.finish(as_bytes("another-password-another-password")), bench.out);
  CHECK(bench.out.datagrams.empty());
  CHECK(bench.out.drops[DropReason::stun_bad_integrity] == 1);

  answers.datagrams.clear();
  bench.server.receive(bench.now, {Protocol::udp, server_address, own}, request, answers);
  const Bytes answer = answers.datagrams.entries()[0].bytes();
  bench.client.receive(bench.now, {Protocol::udp, own, elsewhere}, answer, bench.out);
  CHECK(bench.out.datagrams.empty());
  bench.client.receive(bench.now, udp_path(), answer, bench.out);
  CHECK(bench.out.datagrams.entries().size() == 1);
  bench.out.datagrams.clear();
  bench.client.receive(bench.now, udp_path(), answer, bench.out);
  CHECK(bench.out.datagrams.empty());
  CHECK(bench.out.drops[DropReason::stun_unexpected] == 3);
}

namespace {

/// A check as a server with full ICE sends it, controlling as libnice is when it has offered.
Buffer check_of_server(const std::string& username, const std::string& password) {
  Buffer slot(256);
  stun::Builder request(slot, stun::Class::request, stun::Method::binding, {1, 2, 3});
  request.bytes(stun::Attribute::username, as_bytes(username)).u32(stun::Attribute::priority, 1);
  request.u64(stun::Attribute::ice_controlling, 0x7FFFFFFFFFFFFFFF);
  slot.resize(request.finish(as_bytes(password)).size());
  return slot;
}

}  // namespace

TEST_CASE("The checks of a server with full ICE are answered, with our password") {
  Bench bench;
  bench.connect();
  bench.client.receive(bench.now, udp_path(), check_of_server("clientfrag:serverfrag", "client-password-client-password"),
                       bench.out);
  REQUIRE(bench.out.datagrams.entries().size() == 1);
  const auto answer = stun::Message::parse(bench.out.datagrams.entries()[0].bytes());
  REQUIRE(answer);
  CHECK(answer->type() == stun::Class::success);
  CHECK(answer->integrity_is_valid(as_bytes("client-password-client-password")));
  CHECK(answer->xor_mapped_address() == server_address);
}

TEST_CASE("The checks of strangers are not answered") {
  Bench bench;
  bench.connect();
  bench.client.receive(bench.now, udp_path(), check_of_server("clientfrag:serverfrag", "another-password-another-password"),
                       bench.out);
  CHECK(bench.out.drops[DropReason::stun_bad_integrity] == 1);
  bench.client.receive(bench.now, udp_path(), check_of_server("stranger:serverfrag", "client-password-client-password"),
                       bench.out);
  CHECK(bench.out.drops[DropReason::stun_unexpected] == 1);
  CHECK(bench.out.datagrams.empty());
}

TEST_CASE("A server that names no candidates is found by the checks that it sends") {
  Bench bench;
  bench.connect({});
  bench.client.receive(bench.now, udp_path(), check_of_server("clientfrag:serverfrag", "client-password-client-password"),
                       bench.out);
  bench.out.datagrams.clear();
  bench.run(milliseconds(10));
  CHECK(bench.client.state() == IceClient::State::connected);
  CHECK(bench.client.selected() == udp_path());
}

TEST_CASE("Whoever wants control as well has to give in") {
  Bench bench;
  bench.connect();
  bench.client.advance(bench.now, bench.out);
  const auto request = stun::Message::parse(bench.out.datagrams.entries()[0].bytes());
  REQUIRE(request);
  const auto tie_breaker = request->find(stun::Attribute::ice_controlling);
  REQUIRE(tie_breaker);
  CHECK(Reader(*tie_breaker).u32() == 0xFFFFFFFF);
}

TEST_CASE("A stranger who knows the password cannot make the client check without end") {
  Bench bench;
  bench.connect();
  for (std::uint16_t port = 1000; port < 1100; ++port)
    bench.client.receive(bench.now, {Protocol::udp, own, elsewhere.with_port(port)},
                         check_of_server("clientfrag:serverfrag", "client-password-client-password"), bench.out);
  bench.out.datagrams.clear();
  bench.client.advance(bench.now, bench.out);
  CHECK(bench.out.datagrams.entries().size() == 16);
}

}  // namespace parley::transport
