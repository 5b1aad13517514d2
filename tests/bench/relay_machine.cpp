// What the relay's machine costs without its sockets: handshakes in a second (401, authenticated Allocate, Refresh 0), and
// nanoseconds for each relayed packet, with many clients at once.

#include <chrono>
#include <cstdio>

#include "tests/support/turn_user.hpp"
#include "turn/server.hpp"

namespace {

using namespace parley;
using namespace parley::turn;
using stun::Attribute;
using stun::Method;

constexpr std::uint32_t handshakes = 20'000;
constexpr std::uint32_t clients = 40;
constexpr std::uint32_t rounds = 50'000;
const Address peer = *Address::parse("8.8.8.8", 4000);
const Time now{seconds(1'700'000'000)};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Path path_of(std::uint32_t number) {
  return {Protocol::udp, *Address::parse("192.0.2.1", 3478),
          Address::v4({10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}, 5000)};
}

class Bench {
 public:
  Bench() : server_(config(), credentials(), *quotas_, Random::from_number(1)) {}

  /// Requests are prepared outside of the time that is taken.
  void measure_handshakes() {
    double spent = 0;
    for (std::uint32_t i = 0; i < handshakes; ++i) {
      test::TurnUser user = make_user();
      spent += give(path_of(i), user.request(Method::allocate, [](auto& b) { test::request_transport(b); }), user);
      spent += give(path_of(i), user.request(Method::allocate, [](auto& b) { test::request_transport(b); }), user);
      spent += give(path_of(i), user.request(Method::refresh, [](auto& b) { b.u32(Attribute::lifetime, 0); }), user);
    }
    std::printf("handshakes: %.0f a second (%.1f us each), %zu left\n", handshakes / spent, spent / handshakes * 1e6,
                server_.allocations());
  }

  void measure_data() {
    for (std::uint32_t i = 0; i < clients; ++i) {
      test::TurnUser user = make_user();
      for (int turn = 0; turn < 2; ++turn)
        give(path_of(i), user.request(Method::allocate, [](auto& b) { test::request_transport(b); }), user);
      give(path_of(i),
           user.request(
               Method::channel_bind,
               [](auto& b) { b.u32(Attribute::channel_number, 0x40000000).xor_address(Attribute::xor_peer_address, peer); }),
           user);
    }
    const Buffer data(1000);
    const Buffer channel = test::channel_data(0x4000, data);
    const Buffer indication = test::send_indication(peer, data);
    std::array<Path, clients> paths;
    for (std::uint32_t i = 0; i < clients; ++i) paths[i] = path_of(i);
    report("channel data to the peer", [&](std::uint32_t i) { server_.receive(now, paths[i], channel, out_); });
    report("Send indication to the peer", [&](std::uint32_t i) { server_.receive(now, paths[i], indication, out_); });
    report("channel data to the client", [&](std::uint32_t i) { server_.receive_from_peer(now, relays_[i], peer, data, out_); });
    report("Data indication to the client",
           [&](std::uint32_t i) { server_.receive_from_peer(now, relays_[i], peer.with_port(1), data, out_); });
  }

 private:
  static Config config() {
    Config config;
    config.relay_v4 = RelayAddress{*Address::parse("10.0.0.1", 0), *Address::parse("192.0.2.1", 0)};
    config.limits.allocations_of_user = config.limits.allocations_of_address = 1'000'000;
    return config;
  }
  static Credentials credentials() {
    Credentials credentials("parley");
    credentials.add_secret("secret");
    return credentials;
  }
  static test::TurnUser make_user() {
    const TimeLimited made = make_time_limited("secret", "ada", now + seconds(3600));
    return {.name = made.username, .password = made.password};
  }

  double give(const Path& path, const Buffer& message, test::TurnUser& user) {
    const auto start = std::chrono::steady_clock::now();
    server_.receive(now, path, message, out_);
    for (std::size_t i = 0; i < out_.commands.size(); ++i)
      if (const auto* open = std::get_if<OpenRelay>(&out_.commands[i])) {
        const RelayId relay = open->relay;
        server_.relay_opened(now, relay, out_);
        relays_.push_back(relay);
      }
    const double spent = seconds_since(start);
    for (const ToClient& entry : out_.to_clients) user.learn(test::Received(entry.payload));
    if (relays_.size() > clients) relays_.erase(relays_.begin());
    out_.clear();
    return spent;
  }

  template <typename Once>
  void report(const char* what, Once once) {
    const auto start = std::chrono::steady_clock::now();
    for (std::uint32_t i = 0; i < rounds; ++i) {
      for (std::uint32_t c = 0; c < clients; ++c) once(c);
      out_.clear();
    }
    std::printf("%s: %.0f ns\n", what, seconds_since(start) / rounds / clients * 1e9);
  }

  std::unique_ptr<Quotas> quotas_ = std::make_unique<Quotas>(Quotas::Key{});
  Server server_;
  Output out_;
  std::vector<RelayId> relays_;
};

}  // namespace

int main() {
  Bench bench;
  bench.measure_handshakes();
  bench.measure_data();
  return 0;
}
