#include "sfu/transport/ice_lite.hpp"

#include <catch2/catch.hpp>

#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"

namespace parley::transport {

namespace {

using stun::Attribute;

const IceCredentials server{"serverfrag", "server-password-server-password"};
const IceCredentials renewed{"renewedfrag", "renewed-password-renewed-password"};
constexpr stun::TransactionId transaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

Path path_of(std::uint16_t port, Protocol protocol = Protocol::udp) {
  return {protocol, Address::v4({192, 0, 2, 1}, 40000), Address::v4({198, 51, 100, 7}, port)};
}

struct Check {
  IceCredentials to = server;
  std::string from = "clientfrag";
  bool use_candidate = false;
  bool controlled = false;
  std::uint16_t extra = 0;  ///< the type of one more attribute
};

Buffer binding(const Check& check) {
  std::array<std::uint8_t, 512> slot{};
  stun::Builder builder(slot, stun::Class::request, stun::Method::binding, transaction);
  builder.bytes(Attribute::username, as_bytes(check.to.ufrag + ":" + check.from));
  builder.u32(Attribute::priority, 1853824767);
  builder.u64(check.controlled ? Attribute::ice_controlled : Attribute::ice_controlling, 77);
  if (check.use_candidate) builder.flag(Attribute::use_candidate);
  if (check.extra) builder.u32(static_cast<Attribute>(check.extra), 0);
  const Bytes message = builder.finish(as_bytes(check.to.password));
  return {message.begin(), message.end()};
}

/// An agent at a time, with what came of the last datagram.
struct Bench {
  IceLite ice{server};
  Time now{seconds(1000)};
  Outbox out;
  IceLite::Change change;

  void receive(const Path& path, Bytes datagram) {
    out.datagrams.clear();
    change = ice.receive(now, path, datagram, out);
  }
  void receive(const Path& path, const Check& check) { receive(path, binding(check)); }
  std::optional<stun::Message> answer() const {
    return out.datagrams.empty() ? std::nullopt : stun::Message::parse(out.datagrams.entries()[0].bytes());
  }
  void pass(Duration duration) {
    now += duration;
    ice.advance(now);
  }
};

}  // namespace

TEST_CASE("A valid check opens its 5-tuple and is answered with the address it came from, signed") {
  Bench bench;
  bench.receive(path_of(1), Check{});
  CHECK(bench.change.added == path_of(1));
  CHECK_FALSE(bench.change.forgotten);
  CHECK(bench.ice.knows(path_of(1)));
  CHECK(bench.out.datagrams.entries()[0].path == path_of(1));
  const auto answer = bench.answer();
  REQUIRE(answer);
  CHECK(answer->type() == stun::Class::success);
  CHECK(answer->transaction() == transaction);
  CHECK(answer->xor_mapped_address() == path_of(1).remote);
  CHECK(answer->has_fingerprint());
  CHECK(answer->integrity_is_valid(as_bytes(server.password)));
  bench.receive(path_of(1), Check{});
  CHECK_FALSE(bench.change.added);
  CHECK(bench.answer());
}

TEST_CASE("Attributes above 0x8000 that nobody knows, such as Chromium's, are ignored") {
  Bench bench;
  bench.receive(path_of(1), Check{.extra = 0xc057});
  CHECK(bench.answer()->type() == stun::Class::success);
}

TEST_CASE("A wrong password or ufrag gets 401, opens nothing, and the answer is not larger than the request") {
  Bench bench;
  bench.receive(path_of(1), Check{.to = {server.ufrag, "wrong-password-wrong-password"}});
  CHECK(bench.answer()->error_code() == 401);
  CHECK(bench.out.drops[DropReason::stun_bad_integrity] == 1);
  CHECK_FALSE(bench.ice.knows(path_of(1)));
  const Buffer stranger = binding({.to = {"other", server.password}});
  bench.receive(path_of(1), stranger);
  CHECK(bench.answer()->error_code() == 401);
  CHECK(bench.out.datagrams.entries()[0].size <= stranger.size());
  CHECK(bench.out.drops[DropReason::stun_unknown_ufrag] == 1);
  CHECK_FALSE(bench.ice.knows(path_of(1)));
}

TEST_CASE("Once the remote ufrag is known, a check has to name it") {
  Bench bench;
  bench.receive(path_of(1), Check{.from = "anybody"});
  CHECK(bench.answer()->type() == stun::Class::success);
  bench.ice.set_remote_ufrag("clientfrag");
  bench.receive(path_of(1), Check{.from = "anybody"});
  CHECK(bench.answer()->error_code() == 401);
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->type() == stun::Class::success);
}

TEST_CASE("A check without credentials gets 400, and nothing when the answer would be larger") {
  Bench bench;
  std::array<std::uint8_t, 128> slot{};
  stun::Builder named(slot, stun::Class::request, stun::Method::binding, transaction);
  bench.receive(path_of(1), named.bytes(Attribute::username, as_bytes("serverfrag:clientfrag")).finish());
  CHECK(bench.answer()->error_code() == 400);
  CHECK_FALSE(bench.answer()->has_integrity());
  CHECK(bench.out.datagrams.entries()[0].size <= 56);
  bench.receive(path_of(1), stun::Builder(slot, stun::Class::request, stun::Method::binding, transaction).finish());
  CHECK_FALSE(bench.answer());
  CHECK(bench.out.drops[DropReason::stun_bad_integrity] == 2);
  CHECK_FALSE(bench.ice.knows(path_of(1)));
}

TEST_CASE("An unknown comprehension-required attribute gets 420 that names it, signed") {
  Bench bench;
  bench.receive(path_of(1), Check{.extra = 0x0031});
  const auto answer = bench.answer();
  REQUIRE(answer);
  CHECK(answer->error_code() == 420);
  CHECK(Reader(*answer->find(Attribute::unknown_attributes)).u16() == 0x0031);
  CHECK(answer->integrity_is_valid(as_bytes(server.password)));
  CHECK(answer->has_fingerprint());
  CHECK_FALSE(bench.ice.knows(path_of(1)));
}

TEST_CASE("A peer that says it is controlled gets 487, signed, and then succeeds as the controlling one") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true, .controlled = true});
  CHECK(bench.answer()->error_code() == 487);
  CHECK(bench.answer()->integrity_is_valid(as_bytes(server.password)));
  CHECK(bench.answer()->has_fingerprint());
  CHECK_FALSE(bench.ice.selected());
  bench.receive(path_of(1), Check{.use_candidate = true});
  CHECK(bench.ice.selected() == path_of(1));
}

TEST_CASE("What is no request is dropped without an answer") {
  Bench bench;
  std::array<std::uint8_t, 128> slot{};
  for (const auto type : {stun::Class::indication, stun::Class::success, stun::Class::error}) {
    stun::Builder builder(slot, type, stun::Method::binding, transaction);
    bench.receive(path_of(1), builder.finish(as_bytes(server.password)));
    CHECK(bench.out.datagrams.empty());
  }
  CHECK(bench.out.drops[DropReason::stun_unexpected] == 3);
  Buffer without_fingerprint = binding({});
  without_fingerprint.resize(without_fingerprint.size() - 8);
  without_fingerprint[3] = static_cast<std::uint8_t>(without_fingerprint[3] - 8);
  bench.receive(path_of(1), without_fingerprint);
  bench.receive(path_of(1), Buffer{0, 1, 2});
  CHECK(bench.out.datagrams.empty());
  CHECK(bench.out.drops[DropReason::stun_malformed] == 2);
}

TEST_CASE("Nothing is selected before a nomination, and the most recent nomination wins") {
  Bench bench;
  bench.receive(path_of(1), Check{});
  CHECK_FALSE(bench.ice.selected());
  bench.receive(path_of(1), Check{.use_candidate = true});
  CHECK(bench.ice.selected() == path_of(1));
  bench.receive(path_of(2, Protocol::tcp), Check{});
  CHECK(bench.ice.selected() == path_of(1));
  bench.receive(path_of(2, Protocol::tcp), Check{.use_candidate = true});
  CHECK(bench.ice.selected() == path_of(2, Protocol::tcp));
  // A plain consent check, as Firefox sends them, changes nothing.
  bench.receive(path_of(1), Check{});
  CHECK(bench.ice.selected() == path_of(2, Protocol::tcp));
}

TEST_CASE("Consent lasts 30 s from the last check; then nothing is selected until a check revives it") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.pass(seconds(20));
  bench.receive(path_of(1), Check{});
  CHECK(bench.ice.wakeup() == bench.now + seconds(30));
  bench.pass(seconds(30) - nanoseconds(1));
  CHECK(bench.ice.selected());
  bench.pass(nanoseconds(1));
  CHECK_FALSE(bench.ice.selected());
  CHECK(bench.ice.consent_expired());
  CHECK(bench.ice.wakeup() == never);
  bench.receive(path_of(1), Check{});
  CHECK(bench.ice.selected() == path_of(1));
  CHECK_FALSE(bench.ice.consent_expired());
}

TEST_CASE("When the selected 5-tuple falls silent, one nominated before takes over") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.receive(path_of(2), Check{.use_candidate = true});
  bench.pass(seconds(25));
  bench.receive(path_of(1), Check{});
  CHECK(bench.ice.selected() == path_of(2));
  bench.pass(seconds(5));
  CHECK(bench.ice.selected() == path_of(1));
}

TEST_CASE("When a client speaks from another 5-tuple and the selected one is silent, that one takes over without a nomination") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.ice.heard(bench.now, path_of(1));
  bench.receive(path_of(2), Check{});
  bench.pass(seconds(2) - nanoseconds(1));
  bench.ice.heard(bench.now, path_of(2));
  CHECK(bench.ice.selected() == path_of(1));
  bench.pass(nanoseconds(1));
  bench.ice.heard(bench.now, path_of(2));
  CHECK(bench.ice.selected() == path_of(2));
}

TEST_CASE("While the selected 5-tuple is alive, media from another one changes nothing") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.receive(path_of(2), Check{});
  for (int i = 0; i < 20; ++i) {
    bench.pass(seconds(1));
    bench.ice.heard(bench.now, path_of(1));
    bench.ice.heard(bench.now, path_of(2));
  }
  CHECK(bench.ice.selected() == path_of(1));
}

TEST_CASE("Media from a 5-tuple that no check has opened selects nothing") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.pass(seconds(10));
  bench.ice.heard(bench.now, path_of(2));
  CHECK(bench.ice.selected() == path_of(1));
  CHECK_FALSE(bench.ice.knows(path_of(2)));
}

TEST_CASE("A closed TCP connection is forgotten at once and another 5-tuple takes over") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.receive(path_of(2, Protocol::tcp), Check{.use_candidate = true});
  bench.ice.remove(path_of(2, Protocol::tcp));
  CHECK_FALSE(bench.ice.knows(path_of(2, Protocol::tcp)));
  CHECK(bench.ice.selected() == path_of(1));
  bench.ice.remove(path_of(1));
  CHECK_FALSE(bench.ice.selected());
  CHECK(bench.ice.consent_expired());
  CHECK(bench.ice.wakeup() == never);
}

TEST_CASE("A ninth 5-tuple pushes out the longest silent one, but never the selected one") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  for (std::uint16_t port = 2; port <= IceLite::max_paths; ++port) {
    bench.pass(milliseconds(1));
    bench.receive(path_of(port), Check{});
    CHECK_FALSE(bench.change.forgotten);
  }
  bench.pass(milliseconds(1));
  bench.receive(path_of(2), Check{});
  bench.receive(path_of(100), Check{});
  CHECK(bench.change.added == path_of(100));
  CHECK(bench.change.forgotten == path_of(3));
  CHECK(bench.ice.selected() == path_of(1));
  CHECK(bench.ice.paths().size() == IceLite::max_paths);
}

TEST_CASE("During a restart both credentials are accepted until a nomination with the new ones") {
  Bench bench;
  bench.ice.set_remote_ufrag("clientfrag");
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.ice.restart(renewed);
  CHECK(bench.ice.local() == renewed);
  bench.ice.set_remote_ufrag("clientnew");

  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->integrity_is_valid(as_bytes(server.password)));
  bench.receive(path_of(1), Check{.use_candidate = true});
  CHECK(bench.answer()->type() == stun::Class::success);
  bench.receive(path_of(2), Check{.to = renewed, .from = "clientnew"});
  CHECK(bench.answer()->integrity_is_valid(as_bytes(renewed.password)));
  CHECK(bench.ice.selected() == path_of(1));
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->type() == stun::Class::success);

  bench.receive(path_of(2), Check{.to = renewed, .from = "clientnew", .use_candidate = true});
  CHECK(bench.ice.selected() == path_of(2));
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->error_code() == 401);
}

TEST_CASE("A restart may keep the server's credentials") {
  Bench bench;
  bench.ice.set_remote_ufrag("clientfrag");
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.ice.restart(server);
  bench.ice.set_remote_ufrag("clientnew");
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->type() == stun::Class::success);
  bench.receive(path_of(2), Check{.from = "clientnew", .use_candidate = true});
  CHECK(bench.ice.selected() == path_of(2));
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->error_code() == 401);
}

TEST_CASE("A second restart replaces one that has not finished") {
  Bench bench;
  bench.receive(path_of(1), Check{.use_candidate = true});
  bench.ice.restart({"abandoned", renewed.password});
  bench.ice.restart(renewed);
  bench.receive(path_of(1), Check{.to = {"abandoned", renewed.password}});
  CHECK(bench.answer()->error_code() == 401);
  bench.receive(path_of(1), Check{});
  CHECK(bench.answer()->type() == stun::Class::success);
  bench.receive(path_of(1), Check{.to = renewed, .use_candidate = true});
  CHECK(bench.ice.selected() == path_of(1));
}

}  // namespace parley::transport
