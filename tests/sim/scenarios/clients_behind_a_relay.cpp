// People who can reach nothing but the relay talk through it to a peer that sends everything back, over networks that lose,
// repeat, reorder and delay, with NATs that give them new ports, and somebody who listens and sends again what he has heard, from
// elsewhere. What may never happen is checked with every packet: data that reaches a client to whom it does not belong. When the
// bad times are over everybody must get through again, and when all have left nothing may be left.
//
// A failure prints its seed. PARLEY_SEED=17 ./sim "[relay]" runs that one alone.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>
#include <set>

#include "loadtest/link.hpp"
#include "tests/support/turn_client.hpp"
#include "turn/server.hpp"

using namespace parley;
using loadtest::Conditions;
using loadtest::Link;
using test::TurnClient;

namespace {

constexpr std::uint32_t people = 5;
constexpr Duration bad_times = seconds(60);
/// A request is repeated for 40 s before it is given up; then the client begins anew.
constexpr Duration recovery = seconds(60);
constexpr Duration speech = milliseconds(20);
const Address server_address = Address::v4({192, 0, 2, 1}, 3478);
const Address echo = Address::v4({8, 8, 8, 8}, 7000);

Conditions draw_conditions(Random& random) {
  Conditions conditions;
  conditions.delay = milliseconds(random.below(80));
  conditions.jitter = milliseconds(random.below(40));
  if (random.below(2) == 0) conditions.loss = random.uniform() * 0.3;
  if (random.below(3) == 0) conditions.burst_loss = random.uniform() * 0.05;
  if (random.below(2) == 0) conditions.duplication = random.uniform() * 0.2;
  if (random.below(2) == 0) conditions.reorder = random.uniform() * 0.3;
  return conditions;
}

class RelayWorld {
 public:
  explicit RelayWorld(std::uint64_t seed)
      : random_(Random::from_number(seed)), server_(config(), credentials(), *quotas_, Random::from_number(seed + 1)) {
    for (std::uint32_t i = 0; i < people; ++i) {
      const turn::TimeLimited made = turn::make_time_limited("secret", "person " + std::to_string(i), now_ + hours(24));
      TurnClient::Config settings{next_path(), {.name = made.username, .password = made.password}, {echo}, i % 2 == 0};
      settings.user.fingerprint = i % 2 == 1;
      persons_.push_back(
          std::make_unique<Person>(TurnClient(settings), draw_conditions(random_), random_.next(), random_.next()));
      persons_.back()->client.start(now_, from_clients_);
      carry();
    }
  }

  void run_for(Duration time) {
    for (const Time end = now_ + time; now_ < end;) {
      now_ = std::max(now_ + microseconds(1), std::min({end, next_event(), now_ + pace_}));
      turn();
    }
  }
  void mend() {
    for (auto& person : persons_) {
      // A burst of losses that has begun ends with its first datagram.
      person->up.set_conditions({.delay = milliseconds(10), .burst_length = 1});
      person->down.set_conditions({.delay = milliseconds(10), .burst_length = 1});
    }
    misfortune_ = false;
  }
  /// How often the one hears himself who hears himself least.
  std::uint64_t fewest_echoes(Duration time) {
    for (auto& person : persons_) person->echoed = 0;
    run_for(time);
    std::uint64_t fewest = UINT64_MAX;
    for (const auto& person : persons_) fewest = std::min(fewest, person->echoed);
    return fewest;
  }
  std::string describe() const {
    std::string text;
    for (const auto& person : persons_) {
      text += person->client.path().remote.text() + " state " + std::to_string(static_cast<int>(person->client.state())) +
              " sent " + std::to_string(person->sent) + " echoed " + std::to_string(person->echoed) + " errors";
      for (const int code : person->client.errors()) text += " " + std::to_string(code);
      text += "\n";
    }
    for (std::size_t i = 0; i < turn::Reasons::size; ++i)
      if (const auto reason = static_cast<turn::Reason>(i); server_.reasons()[reason] > 0)
        text += std::string(turn::name(reason)) + " " + std::to_string(server_.reasons()[reason]) + "\n";
    return text;
  }
  void leave() {
    for (auto& person : persons_) person->client.leave(now_, from_clients_);
    run_for(seconds(1));
    CHECK(std::ranges::all_of(persons_, [](const auto& p) { return p->client.state() == TurnClient::State::gone; }));
    pace_ = seconds(10);
    // Where a NAT gave somebody a new port, the allocation of the old one ends by itself.
    run_for(minutes(10));
  }
  void check_that_nothing_is_left() const {
    CHECK(server_.empty());
    CHECK(sockets_.empty());
    for (std::uint32_t i = 0; i < people; ++i)
      CHECK(quotas_->count(quotas_->find(as_bytes("user person " + std::to_string(i)))) == 0);
  }
  const turn::Server& server() const { return server_; }
  const std::string& violation() const { return violation_; }

 private:
  struct Person {
    Person(TurnClient machine, const Conditions& conditions, std::uint64_t one, std::uint64_t two)
        : client(std::move(machine)), up(conditions, Random::from_number(one)), down(conditions, Random::from_number(two)) {}
    TurnClient client;
    Link up;
    Link down;
    Time speaks{};
    std::uint64_t sent = 0;
    std::uint64_t echoed = 0;
  };

  static turn::Config config() {
    turn::Config config;
    config.relay_v4 = turn::RelayAddress{Address::v4({10, 0, 0, 1}, 0), Address::v4({192, 0, 2, 1}, 0)};
    config.relay_ports = {50000, 50255};
    config.limits.nonce_lifetime = seconds(20);  // so that nonces grow stale all the time
    return config;
  }
  static turn::Credentials credentials() {
    turn::Credentials credentials("parley");
    credentials.add_secret("secret");
    return credentials;
  }

  Path next_path() {
    const std::uint32_t number = ++paths_;
    return {Protocol::udp, server_address,
            Address::v4({198, 51, 100, static_cast<std::uint8_t>(number % 7)}, static_cast<std::uint16_t>(2000 + number))};
  }
  Time next_event() const {
    Time next = server_.wakeup();
    for (const auto& person : persons_)
      next = std::min({next, person->client.wakeup(), person->up.wakeup(), person->down.wakeup()});
    return next;
  }

  void turn() {
    for (std::size_t i = 0; i < persons_.size(); ++i) live(i);
    server_.advance(now_, out_);
    carry();
    if (misfortune_ && random_.below(40) == 0) replay();
  }

  void live(std::size_t number) {
    Person& person = *persons_[number];
    person.client.advance(now_, from_clients_);
    if (person.client.state() == TurnClient::State::failed)
      person.client.move(now_, next_path(), from_clients_);
    else if (misfortune_ && random_.below(10000) == 0)
      person.client.move(now_, next_path(), from_clients_);
    if (now_ >= person.speaks)
      person.speaks = now_ + speech,
      person.client.send(echo, "person " + std::to_string(number) + " says " + std::to_string(++person.sent), from_clients_);
    carry();
    DatagramBatch arrived;
    person.up.advance(now_, arrived);
    for (const auto& entry : arrived.entries()) server_.receive(now_, entry.path, entry.bytes(), out_), carry();
    arrived.clear();
    person.down.advance(now_, arrived);
    for (const auto& entry : arrived.entries())
      if (entry.path == person.client.path()) person.client.receive(now_, entry.bytes(), from_clients_);
    for (const auto& data : person.client.take_received()) look_at(number, data.text);
    carry();
  }

  void look_at(std::size_t number, const std::string& text) {
    ++persons_[number]->echoed;
    if (!text.starts_with("person " + std::to_string(number) + " says ")) violation_ = "somebody got: " + text;
  }

  /// Whoever has listened sends it from his own address: for requests a nonce is bound to the address, for data there is nothing.
  void replay() {
    if (overheard_.empty()) return;
    const Buffer& datagram = overheard_[random_.below(overheard_.size())];
    const std::size_t before = server_.allocations();
    server_.receive(now_, {Protocol::udp, server_address, Address::v4({203, 0, 113, 66}, 6666)}, datagram, out_);
    if (!out_.commands.empty() || !out_.to_peers.empty() || server_.allocations() != before) violation_ = "a replay was believed";
    out_.clear();
  }

  Person* owner(const Path& path) {
    for (auto& person : persons_)
      if (person->client.path() == path) return person.get();
    return nullptr;
  }

  /// Whatever lies in the two outputs goes where it belongs.
  void carry() {
    for (const auto& entry : from_clients_.entries()) {
      Person* const person = owner(entry.path);
      const Bytes bytes = entry.bytes();
      if (overheard_.size() < 200) overheard_.emplace_back(bytes.begin(), bytes.end());
      if (person) person->up.receive(now_, entry.path, bytes);
    }
    from_clients_.clear();
    while (!out_.empty()) {
      std::vector<turn::Command> commands;
      std::vector<std::pair<turn::RelayId, std::string>> echoes;
      commands.swap(out_.commands);
      for (const turn::ToPeer& entry : out_.to_peers) {
        if (entry.peer != echo || !sockets_.contains(entry.relay)) violation_ = "relayed from or to a wrong address";
        echoes.emplace_back(entry.relay, std::string(as_text(entry.payload)));
      }
      deliver(out_);
      out_.clear();
      for (const turn::Command& command : commands) carry_out(command);
      for (const auto& [relay, text] : echoes) server_.receive_from_peer(now_, relay, echo, as_bytes(text), held_);
      // The echoes point to texts that go away: they are put on their way at once.
      deliver(held_);
      held_.clear();
    }
  }

  void deliver(const turn::Output& out) {
    for (const turn::ToClient& entry : out.to_clients) {
      Buffer bytes(entry.head().begin(), entry.head().end());
      bytes.insert(bytes.end(), entry.payload.begin(), entry.payload.end());
      bytes.resize(bytes.size() + entry.padding);
      if (Person* const person = owner(entry.client)) person->down.receive(now_, entry.client, bytes);
    }
  }

  void carry_out(const turn::Command& command) {
    if (const auto* open = std::get_if<turn::OpenRelay>(&command)) {
      const bool taken = misfortune_ && random_.below(5) == 0;
      if (!taken) sockets_.insert(open->relay);
      taken ? server_.relay_failed(now_, open->relay, out_) : server_.relay_opened(now_, open->relay, out_);
    }
    if (const auto* close = std::get_if<turn::CloseRelay>(&command)) sockets_.erase(close->relay);
  }

  Time now_{seconds(1'700'000'000)};
  Random random_;
  std::unique_ptr<turn::Quotas> quotas_ = std::make_unique<turn::Quotas>(turn::Quotas::Key{1});
  turn::Server server_;
  turn::Output out_;
  turn::Output held_;
  DatagramBatch from_clients_;
  std::vector<std::unique_ptr<Person>> persons_;
  std::set<turn::RelayId> sockets_;
  std::vector<Buffer> overheard_;
  std::uint32_t paths_ = 0;
  bool misfortune_ = true;
  Duration pace_ = milliseconds(20);  ///< how often people speak
  std::string violation_;
};

void live_through(std::uint64_t seed) {
  INFO("seed " << seed);
  RelayWorld world(seed);
  world.run_for(bad_times);
  world.mend();
  world.run_for(recovery);
  const std::uint64_t echoes = world.fewest_echoes(seconds(2));
  INFO(world.describe());
  CHECK(echoes >= 30);
  world.leave();
  world.check_that_nothing_is_left();
  CHECK(world.violation() == "");
}

}  // namespace

TEST_CASE("through the relay everybody gets his own data and nobody else's, and gets through again after bad times", "[relay]") {
  const char* const wanted = std::getenv("PARLEY_SEED");
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    if (!wanted || seed == std::strtoull(wanted, nullptr, 10)) live_through(seed);
}
