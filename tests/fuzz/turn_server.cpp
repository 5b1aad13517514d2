// The whole relay server: datagrams, messages of streams, peers and sockets in any order, from several clients with and without
// credentials. The input is a program of steps (see play()); after each of them it is checked that nothing was relayed without a
// permission, that limits hold, and at the end that nothing is left of anybody. A violation aborts, as a crash does.

#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "tests/support/turn_user.hpp"
#include "turn/allocation.hpp"
#include "turn/server.hpp"
#include "turn/stream_reader.hpp"

namespace {

using namespace parley;
using namespace parley::turn;
using stun::Attribute;
using stun::Method;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::uint32_t most_allocations = 3;
constexpr std::uint32_t most_of_user = 2;
constexpr std::uint16_t first_port = 50000;
constexpr std::uint16_t last_port = 50007;

Config config() {
  Config config;
  config.relay_v4 = RelayAddress{Address::v4({10, 0, 0, 1}, 0), Address::v4({192, 0, 2, 1}, 0)};
  config.relay_v6 = RelayAddress{*Address::parse("fd00::1", 0), *Address::parse("2001:db8::1", 0)};
  config.relay_ports = {first_port, last_port};
  config.limits.allocations = most_allocations;
  config.limits.allocations_of_user = most_of_user;
  config.limits.permissions = 3;
  config.limits.channels = 2;
  config.limits.connections = 2;
  config.limits.bandwidth_of_user = 50'000;
  config.limits.bandwidth_of_address = 60'000;
  return config;
}

Credentials credentials() {
  Credentials credentials("parley");
  credentials.add_user("ada", "lovelace");
  credentials.add_user("bob", "builder");
  credentials.add_secret("secret");
  return credentials;
}

/// Two allowed peers of each family, and some that are refused.
Address peer_of(std::uint8_t number) {
  static const std::vector<Address> peers = {
      *Address::parse("8.8.8.8", 1000),      *Address::parse("8.8.4.4", 1000),  *Address::parse("2606:4700::1", 1000),
      *Address::parse("2606:4700::2", 1000), *Address::parse("127.0.0.1", 80),  *Address::parse("::1", 80),
      *Address::parse("2002:7f00:1::1", 80), *Address::parse("10.0.0.1", 3478),
  };
  return peers[number % peers.size()];
}

Path path_of(std::uint8_t number) {
  return {number % 2 == 0 ? Protocol::udp : Protocol::tcp, Address::v4({192, 0, 2, 1}, 3478),
          Address::v4({198, 51, 100, static_cast<std::uint8_t>(number / 2 % 3)}, 5000)};
}

class World {
 public:
  World() : server_(config(), credentials(), quotas(), Random::from_number(1)) {
    users_[1].name = "bob", users_[1].password = "builder";
  }

  void play(Reader& input) {
    while (input.remaining() > 0) {
      step(input);
      carry_out();
    }
  }

  /// Everybody goes: then nothing may be left, and no quota may be used up.
  void end() {
    for (std::uint8_t i = 0; i < 6; ++i) server_.client_closed(now_, path_of(i), out_), carry_out();
    for (std::uint8_t i = 0; i < 200 && server_.wakeup() != never; ++i) {
      now_ = std::max(now_, server_.wakeup());
      server_.advance(now_, out_);
      carry_out();
    }
    require(server_.empty() && server_.connections() == 0 && sockets_.empty() && streams_.empty());
    require(server_.wakeup() == never);
    for (const char* name : {"user ada", "user bob"}) require(quotas().count(quotas().find(as_bytes(name))) == 0);
  }

 private:
  struct Socket {
    Address local;
    bool opened = false;
  };
  using Host = std::pair<bool, std::string>;

  static Quotas& quotas() {
    static Quotas quotas({1});
    return quotas;
  }
  static Host host(const Address& address) { return {address.is_v4(), address.host()}; }

  void step(Reader& input) {
    const std::uint8_t what = input.u8();
    const std::uint8_t who = input.u8();
    client_ = path_of(who);
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
        return send_request(input, who);
      case 3:
        return give(test::channel_data(static_cast<std::uint16_t>(0x4000 | (who & 1)), input.take(input.u8() % 64)));
      case 4:
        return give(test::send_indication(peer_of(input.u8()), as_bytes("data"), (who & 1) != 0));
      case 5:
        return give(input.take(std::min<std::size_t>(input.u8(), input.remaining())));
      case 6:
        return from_peer(input);
      case 7:
        now_ += milliseconds(std::uint64_t{1} << (who % 22));
        return server_.advance(now_, out_);
      case 8:
        return server_.client_closed(now_, client_, out_);
      case 9:
        return settle_socket(who);
      case 10:
        return settle_connection(who, input.u8());
      default:
        return read_stream(input);
    }
  }

  void give(Bytes message) {
    given_ = {message.begin(), message.end()};
    server_.receive(now_, client_, given_, out_);
  }

  void send_request(Reader& input, std::uint8_t who) {
    static constexpr Method methods[] = {Method::allocate,     Method::refresh, Method::create_permission,
                                         Method::channel_bind, Method::connect, Method::connection_bind,
                                         Method::binding,      Method::data};
    test::TurnUser& user = users_[who / 16 % 2];
    user.sha256 = (who & 32) != 0;
    const Method method = methods[input.u8() % std::size(methods)];
    const std::uint8_t flags = input.u8();
    asked_for_.reset();
    const Buffer request = user.request(method, [&](stun::Builder& b) {
      if (flags & 1) test::request_transport(b, (flags & 2) != 0 ? 6 : 17);
      if (flags & 4) b.xor_address(Attribute::xor_peer_address, *(asked_for_ = peer_of(input.u8())));
      if (flags & 8) b.u32(Attribute::channel_number, 0x40000000 | static_cast<std::uint32_t>(input.u8() & 3) << 16);
      if (flags & 16) b.u32(Attribute::lifetime, input.u8() * 16U);
      if (flags & 32) b.u32(Attribute::additional_address_family, 0x02000000);
      if (flags & 64) b.bytes(Attribute::even_port, Buffer{0x80});
      if (flags & 128) add_remembered(b, input.u8());
    });
    if (method != Method::create_permission && method != Method::channel_bind) asked_for_.reset();
    asked_id_ = stun::Message::parse(request)->transaction();
    give(request);
  }

  void add_remembered(stun::Builder& b, std::uint8_t which) {
    if (which & 1) b.bytes(Attribute::reservation_token, token_);
    if (which & 2) b.u32(Attribute::connection_id, connection_.value);
    if (which & 4) b.u32(Attribute::requested_address_family, std::uint32_t{which} << 21);
    if (which & 8) b.flag(Attribute::dont_fragment);
  }

  void from_peer(Reader& input) {
    const RelayId relay = relay_of(input.u8());
    from_ = peer_of(input.u8());
    given_.assign(input.u8() * 8U, 7);
    if (input.u8() % 4 == 0) return server_.receive_icmp(now_, relay, from_, {input.u8(), input.u8(), 0}, out_);
    server_.receive_from_peer(now_, relay, from_, given_, out_);
  }

  RelayId relay_of(std::uint8_t which) const {
    if (sockets_.empty()) return {which, 1};
    return std::next(sockets_.begin(), static_cast<std::ptrdiff_t>(which % sockets_.size()))->first;
  }

  void settle_socket(std::uint8_t which) {
    if (sockets_.empty()) return;
    const RelayId relay = relay_of(which);
    Socket& socket = sockets_.at(relay);
    if (socket.opened) return;
    socket.opened = which % 4 != 0;
    if (socket.opened) return server_.relay_opened(now_, relay, out_);
    sockets_.erase(relay);
    server_.relay_failed(now_, relay, out_);
  }

  void settle_connection(std::uint8_t what, std::uint8_t who) {
    if (what % 4 == 0) server_.peer_connected(now_, connection_, out_);
    if (what % 4 == 1) server_.peer_connect_failed(now_, connection_, out_);
    if (what % 4 == 2) server_.connection_closed(now_, connection_, out_);
    if (what % 4 == 3)
      if (const auto id = server_.peer_accepted(now_, relay_of(what), peer_of(who), out_)) streams_.insert(connection_ = *id);
    require(server_.allow_stream(now_, connection_, 100) <= 100);
  }

  void read_stream(Reader& input) {
    const Bytes bytes = input.take(std::min<std::size_t>(input.u8(), input.remaining()));
    turn::StreamReader reader;
    const MutableBytes space = reader.space();
    std::copy(bytes.begin(), bytes.end(), space.begin());
    reader.filled(bytes.size());
    while (const auto message = reader.next()) {
      require(message->size() <= StreamReader::largest_message);
      give(*message);
      carry_out();
    }
  }

  /// The driver, as far as it remembers; sockets are opened later, by a step.
  void carry_out() {
    for (const Command& command : out_.commands) note(command);
    for (const ToPeer& entry : out_.to_peers) check_relayed(entry);
    for (const Event& event : out_.events)
      if (const auto* closed = std::get_if<AllocationClosed>(&event))
        std::erase_if(permitted_, [&](const auto& entry) { return entry.first == closed->client; });
    for (const ToClient& entry : out_.to_clients) read_answer(entry);
    out_.clear();
    require(server_.allocations() <= most_allocations);
    require(sockets_.size() <= 2 * most_allocations);
    require(streams_.size() <= 2 * most_allocations);
  }

  void note(const Command& command) {
    if (const auto* open = std::get_if<OpenRelay>(&command)) {
      require(open->local.port() >= first_port && open->local.port() <= last_port);
      for (const auto& [id, socket] : sockets_) require(protocols_.at(id) != open->protocol || socket.local != open->local);
      require(sockets_.emplace(open->relay, Socket{open->local}).second);
      protocols_[open->relay] = open->protocol;
    }
    if (const auto* close = std::get_if<CloseRelay>(&command)) require(sockets_.erase(close->relay) == 1);
    if (const auto* path = std::get_if<OpenFastPath>(&command)) {
      require(sockets_.contains(path->relay) && sockets_.at(path->relay).opened && path->client == client_);
      require(PeerPolicy().allows(path->peer));
      const Time until = server_.carried(now_, path->relay, path->peer, {}, {});
      require(until > now_ && until <= now_ + Allocation::permission_lifetime);
    }
    if (const auto* connect = std::get_if<ConnectPeer>(&command)) {
      require(PeerPolicy().allows(connect->peer));
      require(streams_.insert(connection_ = connect->connection).second);
    }
    if (const auto* close = std::get_if<CloseConnection>(&command)) require(streams_.erase(close->connection) == 1);
    if (const auto* join = std::get_if<JoinStreams>(&command)) require(streams_.contains(join->connection));
  }

  void check_relayed(const ToPeer& entry) {
    require(sockets_.contains(entry.relay) && sockets_.at(entry.relay).opened);
    require(PeerPolicy().allows(entry.peer));
    require(sockets_.at(entry.relay).local.is_v4() == entry.peer.is_v4());
    require(permitted_.contains({client_, host(entry.peer)}));
    // What is relayed is a part of what came in.
    require(entry.payload.empty() || (entry.payload.data() >= given_.data() &&
                                      entry.payload.data() + entry.payload.size() <= given_.data() + given_.size()));
  }

  void read_answer(const ToClient& entry) {
    Buffer bytes(entry.head().begin(), entry.head().end());
    bytes.insert(bytes.end(), entry.payload.begin(), entry.payload.end());
    bytes.resize(bytes.size() + entry.padding);
    require(bytes.size() == entry.size());
    const test::Received answer(bytes);
    if (bytes[0] >> 6 == 1) return require(permitted_.contains({entry.client, host(from_)}));
    require(answer.message.has_value());
    const bool is_indication = answer.message->type() == stun::Class::indication;
    if (is_indication && answer.message->method() == Method::data) require(permitted_.contains({entry.client, host(from_)}));
    if (answer.is_success() && answer.message->transaction() == asked_id_ && asked_for_)
      permitted_.insert({entry.client, host(*asked_for_)});
    for (test::TurnUser& user : users_) user.learn(answer);
    if (const auto token = answer.message->find(Attribute::reservation_token)) token_.assign(token->begin(), token->end());
    if (const auto id = answer.u32(Attribute::connection_id)) connection_ = {*id};
  }

  Time now_{seconds(1'700'000'000)};
  Server server_;
  Output out_;
  test::TurnUser users_[2];
  Path client_;
  Buffer given_;
  Buffer token_ = Buffer(8);
  ConnectionId connection_;
  std::map<RelayId, Socket> sockets_;
  std::map<RelayId, Protocol> protocols_;
  std::set<ConnectionId> streams_;
  std::optional<Address> asked_for_;  ///< the peer in the newest request for a permission or a channel
  stun::TransactionId asked_id_{};
  Address from_;  ///< the peer that sent last
  std::set<std::pair<Path, Host>> permitted_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader input(Bytes(data, size));
  World world;
  world.play(input);
  world.end();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  // Methods by their place in send_request(), flags as there. Each conversation begins with the request that learns the nonce.
  const Buffer udp = {0, 0, 0, 1, 0, 0, 0, 1, 9, 1};
  const Buffer tcp = {0, 1, 0, 3, 0, 1, 0, 3, 9, 1};
  const auto with = [](Buffer begin, const Buffer& more) {
    begin.insert(begin.end(), more.begin(), more.end());
    return begin;
  };
  const Buffer permission = {0, 0, 2, 4, 0, 4, 0, 0, 6, 1, 0, 3, 1};
  const Buffer channel = {0, 0, 3, 12, 1, 0, 3, 0, 3, 1, 2, 3, 6, 1, 1, 9, 1, 3, 0, 9};
  return {
      with(udp, permission),
      with(udp, with(channel, {0, 0, 1, 16, 0})),
      with(udp, with(permission, {7, 21, 0, 0, 1, 16, 20, 7, 20, 4, 0, 0})),
      with(udp, {0, 2, 0, 1, 9, 1, 0, 4, 0, 1, 9, 1}),
      {0, 0, 0, 33, 0, 0, 0, 33, 9, 1, 9, 2, 0, 0, 2, 4, 2, 4, 0, 2, 6, 1, 2, 3, 1},
      {0, 0, 0, 65, 0, 0, 0, 65, 9, 1, 0, 2, 0, 129, 1, 9, 1, 9, 2, 7, 20},
      with(tcp, {0, 1, 4, 4, 0, 10, 0, 0, 0, 3, 5, 128, 2, 8, 3}),
      with(tcp, {0, 1, 2, 4, 0, 10, 3, 0, 0, 3, 5, 128, 2, 10, 2, 0, 8, 1}),
      {11, 0, 24, 0x40, 0, 0, 3, 1, 2, 3, 0, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8},
      {0, 48, 0, 1, 0, 48, 0, 1, 9, 3, 0, 48, 2, 4, 1},
  };
}
