#pragma once
// A relay server whose driver is the test: sockets open at once, and what is sent is kept to be looked at.

#include <catch2/catch.hpp>
#include <deque>
#include <map>

#include "tests/support/turn_user.hpp"
#include "turn/server.hpp"

namespace parley::turn {

using stun::Attribute;
using stun::Class;
using stun::Method;
using test::Received;
using test::TurnUser;

/// For the constants below, too, which are made before any test runs.
inline Address address(std::string_view text) { return Address::parse_with_port(text).value(); }

inline const Path client{Protocol::udp, address("192.0.2.1:3478"), address("198.51.100.7:50000")};
inline const Path stream{Protocol::tcp, address("192.0.2.1:3478"), address("198.51.100.7:50000")};
inline const Path data_stream{Protocol::tcp, address("192.0.2.1:3478"), address("198.51.100.7:50001")};
inline const Address peer = address("8.8.4.4:7000");
inline const Address peer_v6 = address("[2606:4700::1]:7000");

inline Config default_config() {
  Config config;
  config.key[0] = 7;
  config.relay_v4 = RelayAddress{address("10.0.0.1:0"), address("192.0.2.1:0")};
  config.relay_v6 = RelayAddress{address("[fd00::1]:0"), address("[2001:db8::1]:0")};
  return config;
}

inline Credentials default_credentials() {
  Credentials credentials("parley");
  credentials.add_user("ada", "lovelace");
  credentials.add_user("bob", "builder");
  credentials.add_secret("old secret");
  credentials.add_secret("new secret");
  return credentials;
}

struct Relayed {
  RelayId relay;
  Address peer;
  std::string data;
  bool dont_fragment = false;
};
struct Sent {
  Path client;
  Received answer;
};

class RelayHarness {
 public:
  explicit RelayHarness(Config config = default_config(), Quotas* shared = nullptr)
      : server(std::move(config), default_credentials(), shared ? *shared : quotas, Random::from_number(1)) {}

  void receive(const Path& path, Bytes message) {
    server.receive(now, path, message, out);
    settle();
  }
  void advance(Duration time) {
    for (const Time end = now + time; now < end;) {
      now = std::max(now, std::min(end, server.wakeup()));
      server.advance(now, out);
      settle();
    }
  }
  /// Sends a request and gives the one answer to it.
  Received ask(const Path& path, Bytes request) {
    sent.clear();
    receive(path, request);
    REQUIRE(sent.size() == 1);
    REQUIRE(sent[0].client == path);
    return sent[0].answer;
  }
  Received ask(const Path& path, TurnUser& user, Method method, const TurnUser::Fill& fill = {}) {
    return ask(path, user.request(method, fill));
  }
  /// The same without an answer.
  void ask_in_vain(const Path& path, Bytes request) {
    sent.clear();
    receive(path, request);
    CHECK(sent.empty());
  }
  void learn(const Path& path, TurnUser& user) {
    TurnUser unknown = user;
    unknown.nonce.clear();
    const Received answer = ask(path, unknown, Method::allocate, [](auto& b) { test::request_transport(b); });
    REQUIRE(answer.error() == 401);
    user.learn(answer);
  }
  /// The whole handshake.
  Received allocate(const Path& path, TurnUser& user, const TurnUser::Fill& fill = {}, std::uint8_t transport = 17) {
    if (user.nonce.empty()) learn(path, user);
    return ask(path, user, Method::allocate, [&](auto& b) {
      test::request_transport(b, transport);
      if (fill) fill(b);
    });
  }
  Received permit(const Path& path, TurnUser& user, const Address& host) {
    return ask(path, user, Method::create_permission, [&](auto& b) { b.xor_address(Attribute::xor_peer_address, host); });
  }
  Received bind(const Path& path, TurnUser& user, std::uint16_t channel, const Address& host) {
    return ask(path, user, Method::channel_bind, [&](auto& b) {
      b.u32(Attribute::channel_number, std::uint32_t{channel} << 16).xor_address(Attribute::xor_peer_address, host);
    });
  }
  Received refresh(const Path& path, TurnUser& user, std::uint32_t lifetime) {
    return ask(path, user, Method::refresh, [&](auto& b) { b.u32(Attribute::lifetime, lifetime); });
  }
  /// What comes out at the client when the peer sends this; empty when nothing does.
  std::string from_peer(RelayId relay, const Address& from, std::string_view data) {
    raw.clear();
    server.receive_from_peer(now, relay, from, as_bytes(data), out);
    settle();
    return raw.empty() ? std::string() : raw.front();
  }

  template <typename Wanted>
  std::vector<Wanted> all() const {
    std::vector<Wanted> found;
    for (const Command& command : commands)
      if (const auto* wanted = std::get_if<Wanted>(&command)) found.push_back(*wanted);
    return found;
  }
  /// The newest relay socket.
  RelayId relay() const { return all<OpenRelay>().back().relay; }

  Time now{seconds(1'700'000'000)};
  Quotas quotas{Quotas::Key{1}};
  Server server;
  Output out;
  std::deque<Sent> sent;
  std::vector<std::string> raw;  ///< what has been sent to clients, as bytes
  std::vector<Relayed> relayed;
  std::vector<Command> commands;
  std::vector<Event> events;
  std::size_t sockets = 0;
  int failing = 0;  ///< so many sockets can't be opened

 private:
  void settle() {
    for (std::size_t i = 0; i < out.commands.size(); ++i) {
      const Command command = out.commands[i];
      commands.push_back(command);
      if (const auto* open = std::get_if<OpenRelay>(&command)) {
        if (failing-- > 0)
          server.relay_failed(now, open->relay, out);
        else
          ++sockets, server.relay_opened(now, open->relay, out);
      }
      if (std::holds_alternative<CloseRelay>(command)) --sockets;
    }
    for (const ToClient& entry : out.to_clients) {
      Buffer bytes(entry.head().begin(), entry.head().end());
      bytes.insert(bytes.end(), entry.payload.begin(), entry.payload.end());
      bytes.resize(bytes.size() + entry.padding);
      raw.emplace_back(as_text(bytes));
      sent.push_back({entry.client, Received(bytes)});
    }
    for (const ToPeer& entry : out.to_peers)
      relayed.push_back({entry.relay, entry.peer, std::string(as_text(entry.payload)), entry.dont_fragment});
    events.insert(events.end(), out.events.begin(), out.events.end());
    out.clear();
  }
};

}  // namespace parley::turn
