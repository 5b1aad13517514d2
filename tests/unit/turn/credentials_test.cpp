// Who is believed: long-term credentials of RFC 8489 section 9.2, time-limited names, nonces.

#include "tests/unit/turn/relay_harness.hpp"
#include "turn/nonce.hpp"

namespace parley::turn {

namespace {

void request_udp(stun::Builder& builder) { test::request_transport(builder); }

/// A request as `user` makes it, with one attribute taken out or another value.
Buffer unusual(TurnUser user, Method method, Attribute changed, std::optional<Bytes> value) {
  std::array<std::uint8_t, 1024> slot{};
  stun::Builder builder(slot, Class::request, method, {1, 2, 3});
  request_udp(builder);
  const auto add = [&](Attribute type, Bytes normal) {
    if (type != changed) builder.bytes(type, normal);
    if (type == changed && value) builder.bytes(type, *value);
  };
  add(Attribute::username, as_bytes(user.name));
  add(Attribute::realm, as_bytes(user.realm));
  add(Attribute::nonce, as_bytes(user.nonce));
  if (user.sha256) {
    add(Attribute::password_algorithm, Buffer{0, 2, 0, 0});
    add(Attribute::password_algorithms, user.algorithms);
  }
  const Bytes message = builder.integrity(user.key().bytes()).finish_plain();
  return {message.begin(), message.end()};
}

}  // namespace

TEST_CASE("The first request gets a 401 with realm, nonce and algorithms, and is small") {
  RelayHarness relay;
  TurnUser ada;
  const Buffer request = ada.request(Method::allocate, request_udp);
  CHECK(request.size() == 28);
  const Received answer = relay.ask(client, request);
  CHECK(answer.error() == 401);
  CHECK(answer.text(Attribute::realm) == "parley");
  CHECK(answer.text(Attribute::nonce).starts_with("obMatJos2wAAA"));
  CHECK(Buffer(answer.message->find(Attribute::password_algorithms)->begin(),
               answer.message->find(Attribute::password_algorithms)->end()) == Buffer{0, 2, 0, 0, 0, 1, 0, 0});
  CHECK_FALSE(answer.message->has_integrity());
  CHECK(answer.bytes.size() == 92);
  CHECK(relay.server.reasons()[Reason::challenged] == 1);
  CHECK(relay.server.empty());
}

TEST_CASE("A realm that does not fit into answers is refused at the start") {
  Config config = default_config();
  config.realm = std::string(127, 'r');
  RelayHarness relay(config);
  TurnUser ada;
  const Received answer = relay.ask(client, ada, Method::allocate);
  CHECK(answer.text(Attribute::realm).size() == 127);
  config.realm += 'r';
  CHECK_THROWS_AS(RelayHarness(config), std::invalid_argument);
}

TEST_CASE("MD5 and SHA-256, name and hash of the name: each way of proving who one is works, and is answered in kind") {
  for (const bool sha256 : {false, true})
    for (const bool userhash : {false, true}) {
      RelayHarness relay;
      TurnUser ada{.sha256 = sha256, .userhash = userhash};
      const Received answer = relay.allocate(client, ada);
      REQUIRE(answer.is_success());
      CHECK(answer.message->has_integrity_sha256() == sha256);
      CHECK(answer.message->integrity_is_valid(ada.key().bytes()) != sha256);
      CHECK(answer.message->integrity_sha256_is_valid(ada.key().bytes()) == sha256);
      CHECK(relay.permit(client, ada, peer).is_success());
    }
}

TEST_CASE("Wrong passwords and unknown names get a 401 without integrity, and nothing else happens") {
  RelayHarness relay;
  for (TurnUser user : {TurnUser{.password = "wrong"}, TurnUser{.name = "eve"}, TurnUser{.name = "eve", .userhash = true},
                        TurnUser{.name = ""}, TurnUser{.name = "12345678901234567890:ada"}}) {
    const Received answer = relay.allocate(client, user);
    CHECK(answer.error() == 401);
    CHECK_FALSE(answer.message->has_integrity());
  }
  CHECK(relay.server.reasons()[Reason::wrong_credentials] == 5);
  CHECK(relay.server.empty());
  CHECK(relay.commands.empty());
}

TEST_CASE("With an integrity but without a name, a realm or a nonce it is a 400, which carries no nonce") {
  RelayHarness relay;
  TurnUser ada;
  relay.learn(client, ada);
  for (const Attribute missing : {Attribute::username, Attribute::realm, Attribute::nonce}) {
    const Received answer = relay.ask(client, unusual(ada, Method::allocate, missing, std::nullopt));
    CHECK(answer.error() == 400);
    CHECK_FALSE(answer.message->has(Attribute::nonce));
  }
  const std::string long_name(509, 'a');
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::username, as_bytes(long_name))).error() == 400);
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::priority, std::nullopt)).is_success());
}

TEST_CASE("Whoever takes SHA-256 out of the offer on the way is found out") {
  RelayHarness relay;
  TurnUser ada{.sha256 = true};
  relay.learn(client, ada);
  const Buffer only_md5 = {0, 1, 0, 0};
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::password_algorithms, only_md5)).error() == 400);
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::password_algorithms, std::nullopt)).error() == 400);
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::password_algorithm, std::nullopt)).error() == 400);
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::password_algorithm, Buffer{0, 3, 0, 0})).error() == 400);
  // Taking the feature bits out of the nonce makes it one that was never given out.
  std::string stripped = ada.nonce;
  stripped[9] = 'A';
  CHECK(relay.ask(client, unusual(ada, Method::allocate, Attribute::nonce, as_bytes(stripped))).error() == 438);
}

TEST_CASE("A nonce grows stale: 438 with a new one, with which it goes on; another address can't use it at all") {
  RelayHarness relay;
  TurnUser ada;
  relay.allocate(client, ada);
  relay.advance(minutes(10) - seconds(1));
  CHECK(relay.refresh(client, ada, 600).is_success());
  relay.advance(seconds(1));
  const Received stale = relay.refresh(client, ada, 600);
  CHECK(stale.error() == 438);
  CHECK(relay.server.reasons()[Reason::stale_nonce] == 1);
  ada.learn(stale);
  CHECK(relay.refresh(client, ada, 600).is_success());

  const Path elsewhere{Protocol::udp, client.local, address("203.0.113.5:50000")};
  CHECK(relay.ask(elsewhere, ada.request(Method::allocate, request_udp)).error() == 438);
  // A wrong password is a 401, however old the nonce.
  TurnUser wrong = ada;
  wrong.password = "wrong";
  CHECK(relay.ask(elsewhere, wrong.request(Method::allocate, request_udp)).error() == 401);
}

TEST_CASE("Any worker knows the nonces of any other, and only of servers with the same key") {
  const Address address = client.remote;
  const Nonces one({1}, minutes(10));
  const Nonces same({1}, minutes(10));
  const Nonces other({2}, minutes(10));
  const Time now{seconds(1'700'000'000)};
  const std::string nonce = one.make(now, address);
  CHECK(same.is_fresh(now, address.with_port(1), nonce));
  CHECK_FALSE(other.is_fresh(now, address, nonce));
  CHECK_FALSE(one.is_fresh(now - seconds(2), address, nonce));
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    std::string changed = nonce;
    changed[i] = changed[i] == 'B' ? 'C' : 'B';
    CHECK_FALSE(one.is_fresh(now, address, changed));
    CHECK_FALSE(one.is_fresh(now, address, nonce.substr(0, i)));
  }
}

TEST_CASE("A time-limited name is good until its second, signed with any of the secrets") {
  for (const std::string_view secret : {"old secret", "new secret", "no secret"}) {
    RelayHarness relay;
    const TimeLimited made = make_time_limited(secret, "ada", relay.now + seconds(60));
    TurnUser ada{.name = made.username, .password = made.password};
    CHECK(relay.allocate(client, ada).is_success() == (secret != "no secret"));
    relay.advance(seconds(60));
    CHECK(relay.allocate(stream, ada).error() == 401);
  }
}

TEST_CASE("The password of a time-limited name is what coturn and its clients compute") {
  // printf 1700000060:ada | openssl dgst -sha1 -hmac secret -binary | base64
  CHECK(password_of("secret", "1700000060:ada") == "g6VPenkFIL/aTrRn79Nut4brUcY=");
}

TEST_CASE("An allocation lives on when its time-limited name has expired, and when its password was changed") {
  RelayHarness relay;
  const TimeLimited made = make_time_limited("old secret", "ada", relay.now + seconds(60));
  TurnUser ada{.name = made.username, .password = made.password};
  TurnUser hashed = ada;
  hashed.userhash = true;
  relay.allocate(client, ada);
  relay.advance(seconds(120));
  CHECK(relay.refresh(client, ada, 600).is_success());
  CHECK(relay.permit(client, ada, peer).is_success());
  hashed.learn(relay.ask(client, hashed, Method::refresh));
  CHECK(relay.refresh(client, hashed, 600).is_success());
  relay.server.set_credentials(Credentials("parley"));
  CHECK(relay.refresh(client, ada, 600).is_success());
  CHECK(relay.allocate(stream, ada).error() == 401);
}

TEST_CASE("Requests of another user on somebody's 5-tuple get a 441") {
  RelayHarness relay;
  TurnUser ada;
  TurnUser bob{.name = "bob", .password = "builder"};
  relay.allocate(client, ada);
  relay.learn(client, bob);
  CHECK(relay.refresh(client, bob, 0).error() == 441);
  CHECK(relay.permit(client, bob, peer).error() == 441);
  CHECK(relay.bind(client, bob, 0x4000, peer).error() == 441);
  CHECK(relay.server.reasons()[Reason::other_user] == 3);
  CHECK(relay.server.allocations() == 1);
}

TEST_CASE("An attribute that must be understood and is not: 420 with its number, to a Binding request as well") {
  RelayHarness relay;
  TurnUser ada;
  relay.learn(client, ada);
  const auto fill = [](stun::Builder& b) { b.u32(static_cast<Attribute>(0x0003), 6).u32(static_cast<Attribute>(0xc000), 6); };
  const Received refused = relay.allocate(client, ada, fill);
  CHECK(refused.error() == 420);
  const Bytes unknown = *refused.message->find(Attribute::unknown_attributes);
  CHECK(Buffer(unknown.begin(), unknown.end()) == Buffer{0, 3});
  ada.nonce.clear();
  CHECK(relay.ask(client, ada, Method::binding, fill).error() == 420);
  CHECK(relay.ask(client, ada, Method::binding).message->xor_mapped_address() == client.remote);
  CHECK(relay.server.reasons()[Reason::unknown_attribute] == 2);
}

}  // namespace parley::turn
