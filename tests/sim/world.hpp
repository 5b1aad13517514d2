#pragma once
// The simulator: one virtual clock, and everything that a whole Parley is made of as machines under it, unmodified: the Hub, the
// workers' Engines, the clients, and the network between them. World picks the earliest thing that is to happen, lets it happen,
// carries what comes out to where it goes, and checks after each step what must always be true.
//
// One seed is one history, bit for bit: trace() of two runs is the same.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"
#include "sfu/room/engine.hpp"
#include "signaling/hub.hpp"
#include "tests/sim/client.hpp"
#include "tests/sim/network.hpp"

namespace parley::sim {

class World {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    WorkerNumber workers = 1;
    Conditions conditions{.delay = milliseconds(10)};  ///< of every client's link, until they are changed
    Duration signaling_delay = milliseconds(15);       ///< WebSockets are slow too, but lose nothing
  };

  explicit World(const Settings& settings);
  ~World();

  Time now() const { return now_; }
  Random& random() { return random_; }
  Network& network() { return network_; }

  // ---- people
  /// Opens a WebSocket and joins. `tracks`: what it publishes; `data`: what it says on data topics, if it takes part in them.
  Client& join(std::uint64_t room, const std::vector<loadtest::SourceSettings>& tracks,
               const std::optional<loadtest::DataSettings>& data = {});
  void leave(Client& client);
  /// Its page shows the tracks like this from now on.
  void set_views(Client& client, std::vector<signaling::View> views);
  /// Of somebody who has left some time ago: nothing reminds of them, and their number is free again. For long runs.
  void forget(const Client& client);
  Client& client(ClientNumber number) { return *people_.at(number).client; }
  std::vector<Client*> clients();

  // ---- faults
  /// The WebSocket breaks; a new one opens after `outage`.
  void lose_websocket(Client& client, Duration outage);
  /// The worker's process dies; another one is ready after `outage`.
  void restart_worker(WorkerNumber worker, Duration outage);
  /// Nothing passes to or from the client's media ports.
  void partition(Client& client, Duration lasts);
  /// The client's link is a good one again, and a lost WebSocket can be opened.
  void mend(const Client& client);
  void restart_ice(Client& client);
  /// A datagram that nobody of ours has sent reaches a worker.
  void inject(WorkerNumber worker, const Address& from, Bytes datagram);

  // ---- time
  void run_for(Duration duration);
  /// Runs until `condition()`, which is looked at every 20 ms. False: `limit` passed without it.
  template <typename Condition>
  bool run_until(Duration limit, Condition condition);

  // ---- what the world knows
  /// Null while it is down.
  const room::Engine* worker(WorkerNumber number) const;
  const Drops& drops(WorkerNumber number) const;
  bool workers_are_empty() const;
  signaling::HubSummary hub() const { return hub_.summary(); }
  std::uint64_t trace() const { return network_.trace(); }
  /// What must never happen and did; each with its time. At most a handful are kept.
  const std::vector<std::string>& violations() const { return violations_; }
  /// All joined clients show frames from all others in their room, and each shows at least `frames` more than it did at the last
  /// call of remember().
  bool everyone_gets(std::uint64_t frames) const;
  void remember();
  /// Whom everyone_gets() is waiting for.
  std::string who_is_missing(std::uint64_t frames) const;
  /// How everybody is, for whoever looks at a failure.
  std::string describe() const;

 private:
  struct Worker {
    std::unique_ptr<room::Engine> engine;
    room::Output out;
    Time ready_at = never;
  };
  /// A client with its WebSocket, or with the intention to open a new one.
  struct Person {
    std::unique_ptr<Client> client;
    std::size_t tracks = 0;
    std::optional<signaling::ClientId> socket;
    Time reconnect_at = never;
    Time partition_ends = never;
    std::deque<std::pair<Time, signaling::HubInput>> to_hub;
    std::deque<std::pair<Time, signaling::ToClient>> to_client;
  };

  Time next_event() const;
  void step();
  void hand_over(WorkerNumber number, const Path& path, MutableBytes datagram);
  void deliver_datagrams();
  void deliver_signaling();
  void advance_machines();
  /// Lets the Hub and the workers talk until neither has anything more to say.
  void settle_control();
  void start_worker(WorkerNumber number);
  void open_websocket(Person& person);
  void end_partition(ClientNumber client);
  void close_websocket(Person& person);
  void tell_hub(const signaling::HubInput& input);
  void tell_worker(WorkerNumber number, const control::CommandMessage& message);
  void collect(WorkerNumber number);
  void collect(signaling::HubOutput& out);
  void collect(Person& person, ClientOutput& out);
  Person* person_of(signaling::ClientId socket);
  void check(const Person& person);
  void violation(const std::string& what);
  std::uint64_t shown(const Person& receiver, const Person& publisher) const;

  Settings settings_;
  Time now_;
  Random random_;
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();  ///< of all clients, too
  transport::Certificate certificate_;  ///< of all clients: one is enough for them and costs 200 µs
  Network network_;
  signaling::Hub hub_;
  std::vector<Worker> workers_;
  std::map<ClientNumber, Person> people_;
  std::uint64_t sockets_ = 0;
  std::map<std::pair<ClientNumber, ClientNumber>, std::uint64_t> remembered_;
  std::vector<std::string> violations_;
  std::deque<signaling::ToWorker> to_workers_;
  std::deque<signaling::WorkerEvent> from_workers_;
};

template <typename Condition>
bool World::run_until(Duration limit, Condition condition) {
  const Time end = now_ + limit;
  while (now_ < end) {
    if (condition()) return true;
    run_for(milliseconds(20));
  }
  return condition();
}

}  // namespace parley::sim
