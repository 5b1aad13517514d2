#include "tests/sim/world.hpp"

#include <algorithm>
#include <stdexcept>

#include "sfu/transport/classify.hpp"
#include "signaling/auth.hpp"
#include "tests/sim/virtual_time.hpp"

namespace parley::sim {

using signaling::ClientId;
using signaling::WorkerId;

namespace {

constexpr std::string_view api_key = "simulator";
constexpr std::string_view api_secret = "a secret of at least thirty-two bytes";
constexpr std::size_t maximum_violations = 5;

WorkerId worker_id(WorkerNumber number) { return WorkerId{std::uint64_t{number} + 1}; }

std::string identity(ClientNumber number) { return "client-" + std::to_string(number); }

std::string make_token(Time now, std::uint64_t room, ClientNumber number) {
  signaling::Grant grant;
  grant.identity = identity(number);
  grant.room = "room-" + std::to_string(room);
  grant.room_join = true;
  return signaling::make_token(now, grant, hours(1), api_key, api_secret);
}

}  // namespace

World::World(const Settings& settings)
    : settings_(settings),
      now_(calendar_begin),
      random_(begin_history(settings.seed)),
      certificate_(transport::Certificate::make()),
      network_(Random::from_number(random_.next())),
      hub_({}, {{std::string(api_key), std::string(api_secret)}}, Random::from_number(random_.next())),
      workers_(settings.workers) {
  for (WorkerNumber number = 0; number < settings.workers; ++number) start_worker(number);
}

World::~World() = default;

// ---- people

Client& World::join(std::uint64_t room, const std::vector<loadtest::SourceSettings>& tracks,
                    const std::optional<loadtest::DataSettings>& data) {
  ClientNumber number = 1;
  while (people_.contains(number)) ++number;
  network_.add_client(number, settings_.conditions);
  Client::Settings settings{.number = number, .room = room, .token = make_token(now_, room, number), .tracks = tracks};
  for (std::size_t i = 0; i < settings.tracks.size(); ++i) {
    settings.tracks[i].room = room;
    settings.tracks[i].publisher = number;
    settings.tracks[i].track = static_cast<std::uint32_t>(i);
  }
  if (data) {
    settings.data = data;
    settings.data->room = room;
    settings.data->publisher = number;
    settings.data->phase = number / 7.0;
  }
  Person& person = people_[number];
  person.client = std::make_unique<Client>(certificate_, *cipher_, std::move(settings), Random::from_number(random_.next()));
  person.tracks = tracks.size();
  open_websocket(person);
  return *person.client;
}

void World::leave(Client& client) {
  ClientOutput out;
  client.leave(now_, out);
  Person& person = people_.at(client.number());
  collect(person, out);
  person.reconnect_at = never;  // whoever leaves while the WebSocket is broken does not open another one to say so
}

void World::forget(const Client& client) {
  const ClientNumber number = client.number();
  network_.remove_client(number);
  std::erase_if(remembered_, [&](const auto& entry) { return entry.first.first == number || entry.first.second == number; });
  people_.erase(number);
}

std::vector<Client*> World::clients() {
  std::vector<Client*> clients;
  for (auto& [number, person] : people_) clients.push_back(person.client.get());
  return clients;
}

void World::open_websocket(Person& person) {
  person.reconnect_at = never;
  person.socket = ClientId{++sockets_};
  const Address address = Address::v4({198, 51, 100, person.client->number()}, 443);
  person.to_hub.emplace_back(now_ + settings_.signaling_delay, signaling::ClientOpened{*person.socket, address});
  ClientOutput out;
  person.client->connected(now_, out);
  collect(person, out);
}

void World::close_websocket(Person& person) {
  if (!person.socket) return;
  person.to_hub.emplace_back(now_ + settings_.signaling_delay, signaling::ClientClosed{*person.socket});
  person.socket.reset();
}

// ---- faults

void World::set_views(Client& client, std::vector<signaling::View> views) {
  ClientOutput out;
  out.requests.push_back({"views", signaling::request::SetViews{std::move(views)}});
  collect(people_.at(client.number()), out);
}

void World::lose_websocket(Client& client, Duration outage) {
  Person& person = people_.at(client.number());
  if (!person.socket) return;
  // What is under way when a connection breaks is lost both ways.
  person.to_client.clear();
  std::erase_if(person.to_hub, [](const auto& entry) { return std::holds_alternative<signaling::ClientRequest>(entry.second); });
  close_websocket(person);
  person.reconnect_at = now_ + outage;
}

void World::partition(Client& client, Duration lasts) {
  Conditions conditions = network_.uplink(client.number()).conditions();
  conditions.partitioned = true;
  network_.set_conditions(client.number(), conditions);
  people_.at(client.number()).partition_ends = now_ + lasts;
}

void World::end_partition(ClientNumber client) {
  people_.at(client).partition_ends = never;
  Conditions conditions = network_.uplink(client).conditions();
  conditions.partitioned = false;
  network_.set_conditions(client, conditions);
}

void World::mend(const Client& client) {
  Person& person = people_.at(client.number());
  person.partition_ends = never;
  if (person.reconnect_at != never) person.reconnect_at = now_;
  network_.set_conditions(client.number(), settings_.conditions);
}

void World::restart_worker(WorkerNumber number, Duration outage) {
  Worker& worker = workers_[number];
  if (!worker.engine) return;
  worker.engine.reset();
  worker.ready_at = now_ + outage;
  tell_hub(signaling::WorkerDown{worker_id(number)});
  settle_control();
}

void World::start_worker(WorkerNumber number) {
  Worker& worker = workers_[number];
  worker.ready_at = never;
  worker.out = {};
  worker.engine =
      std::make_unique<room::Engine>(room::Engine::Config{{worker_candidate(number)}, {}}, Random::from_number(random_.next()));
  from_workers_.push_back({worker_id(number), {{}, control::Ready{number + 1000u, {worker_candidate(number)}}}});
  settle_control();
}

void World::restart_ice(Client& client) {
  ClientOutput out;
  client.peer().restart_ice(out.peer);
  client.advance(now_, out);
  collect(people_.at(client.number()), out);
}

void World::inject(WorkerNumber number, const Address& from, Bytes datagram) {
  Buffer copy(datagram.begin(), datagram.end());
  hand_over(number, {Protocol::udp, worker_address(number), from}, copy);
  settle_control();
}

// ---- time

void World::run_for(Duration duration) {
  play_until(
      now_ + duration, now_, [&] { return next_event(); }, [&] { step(); });
}

Time World::next_event() const {
  Time next = std::min(network_.wakeup(), hub_.wakeup());
  for (const auto& worker : workers_) next = std::min(next, worker.engine ? worker.engine->wakeup() : worker.ready_at);
  for (const auto& [number, person] : people_) {
    next = std::min({next, person.client->wakeup(), person.reconnect_at, person.partition_ends});
    if (!person.to_hub.empty()) next = std::min(next, person.to_hub.front().first);
    if (!person.to_client.empty()) next = std::min(next, person.to_client.front().first);
  }
  return next;
}

void World::step() {
  deliver_datagrams();
  deliver_signaling();
  advance_machines();
  for (const auto& finding : network_.take_findings()) violation(finding);
}

void World::hand_over(WorkerNumber number, const Path& path, MutableBytes datagram) {
  Worker& worker = workers_.at(number);
  if (!worker.engine) return;
  // A media packet is taken or dropped for a reason, a check is answered or dropped for one. (DTLS and RTCP may be met with
  // silence.)
  const auto traces_left = [&] {
    const auto& out = worker.out.outbox;
    return worker.engine->statistics()[room::Metric::rtp_received] + out.drops.total() + out.datagrams.entries().size();
  };
  const auto kind = transport::classify(datagram);
  const auto before = traces_left();
  worker.engine->receive(now_, path, datagram, worker.out);
  const bool leaves_a_trace = kind != transport::PacketKind::dtls && kind != transport::PacketKind::rtcp;
  if (leaves_a_trace && traces_left() == before) violation("a datagram has vanished without a reason");
  collect(number);
}

void World::deliver_datagrams() {
  DatagramBatch at_workers;
  std::map<ClientNumber, DatagramBatch> at_clients;
  network_.advance(now_, at_workers, at_clients);
  for (const auto& entry : at_workers.entries()) {
    const auto number = static_cast<WorkerNumber>(entry.path.local.port() - worker_address(0).port());
    hand_over(number, entry.path, MutableBytes(*entry.slot).first(entry.size));
  }
  settle_control();
  for (auto& [number, datagrams] : at_clients) {
    Person& person = people_.at(number);
    ClientOutput out;
    for (const auto& entry : datagrams.entries())
      person.client->receive(now_, entry.path, MutableBytes(*entry.slot).first(entry.size), out);
    collect(person, out);
    check(person);
  }
}

void World::deliver_signaling() {
  for (auto& [number, person] : people_) {
    while (!person.to_hub.empty() && person.to_hub.front().first <= now_) {
      const signaling::HubInput input = std::move(person.to_hub.front().second);
      person.to_hub.pop_front();
      tell_hub(input);
      settle_control();
    }
    while (!person.to_client.empty() && person.to_client.front().first <= now_) {
      const signaling::ToClient message = std::move(person.to_client.front().second);
      person.to_client.pop_front();
      ClientOutput out;
      person.client->receive(now_, message.message, message.mark, out);
      collect(person, out);
    }
    if (person.reconnect_at <= now_) open_websocket(person);
    if (person.partition_ends <= now_) end_partition(number);
  }
}

void World::advance_machines() {
  for (WorkerNumber number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    if (worker.ready_at <= now_) start_worker(number);
    if (!worker.engine || worker.engine->wakeup() > now_) continue;
    worker.engine->advance(now_, worker.out);
    collect(number);
  }
  if (hub_.wakeup() <= now_) {
    signaling::HubOutput out;
    hub_.advance(now_, out);
    collect(out);
  }
  settle_control();
  for (auto& [number, person] : people_) {
    if (person.client->wakeup() > now_) continue;
    ClientOutput out;
    person.client->advance(now_, out);
    collect(person, out);
  }
}

// ---- who says what to whom

void World::tell_hub(const signaling::HubInput& input) {
  signaling::HubOutput out;
  hub_.receive(now_, input, out);
  collect(out);
}

void World::tell_worker(WorkerNumber number, const control::CommandMessage& message) {
  Worker& worker = workers_.at(number);
  if (!worker.engine) return;
  worker.engine->receive(now_, message, worker.out);
  collect(number);
}

void World::settle_control() {
  for (int turns = 0; !to_workers_.empty() || !from_workers_.empty(); ++turns) {
    if (turns > maximum_steps_without_time) throw std::logic_error("the hub and a worker talk without end");
    if (!from_workers_.empty()) {
      const signaling::WorkerEvent event = std::move(from_workers_.front());
      from_workers_.pop_front();
      tell_hub(event);
    } else {
      const signaling::ToWorker command = std::move(to_workers_.front());
      to_workers_.pop_front();
      tell_worker(static_cast<WorkerNumber>(command.worker.value - 1), command.message);
    }
  }
}

void World::collect(WorkerNumber number) {
  Worker& worker = workers_[number];
  network_.send_from_worker(now_, worker.out.outbox.datagrams);
  worker.out.outbox.datagrams.clear();
  for (auto& event : worker.out.events) from_workers_.push_back({worker_id(number), std::move(event)});
  worker.out.events.clear();
}

void World::collect(signaling::HubOutput& out) {
  for (auto& item : std::exchange(out, {})) {
    if (auto* command = std::get_if<signaling::ToWorker>(&item)) {
      to_workers_.push_back(std::move(*command));
    } else if (auto* message = std::get_if<signaling::ToClient>(&item)) {
      if (Person* person = person_of(message->client))
        person->to_client.emplace_back(now_ + settings_.signaling_delay, std::move(*message));
    } else if (Person* person = person_of(std::get<signaling::CloseClient>(item).client)) {
      close_websocket(*person);
      if (!person->client->left()) person->reconnect_at = now_ + seconds(1);
    }
  }
}

void World::collect(Person& person, ClientOutput& out) {
  network_.send_from_client(now_, person.client->number(), out.peer.outbox.datagrams);
  out.peer.outbox.datagrams.clear();
  for (auto& request : std::exchange(out.requests, {})) {
    if (!person.socket) continue;  // lost, as into a broken connection
    person.to_hub.emplace_back(now_ + settings_.signaling_delay, signaling::ClientRequest{*person.socket, std::move(request)});
  }
}

World::Person* World::person_of(ClientId socket) {
  const auto found = std::ranges::find_if(people_, [&](const auto& entry) { return entry.second.socket == socket; });
  return found == people_.end() ? nullptr : &found->second;
}

// ---- what must be true

void World::check(const Person& person) {
  if (const std::string complaint = person.client->complaint(); !complaint.empty())
    violation(identity(person.client->number()) + " " + complaint);
}

void World::violation(const std::string& what) {
  if (violations_.size() >= maximum_violations) return;
  const double at = std::chrono::duration<double>(now_ - calendar_begin).count();
  violations_.push_back("at " + std::to_string(at) + " s: " + what);
}

std::uint64_t World::shown(const Person& receiver, const Person& publisher) const {
  return receiver.client->frames_from(publisher.client->number(), publisher.tracks).value_or(0);
}

void World::remember() {
  for (const auto& [number, receiver] : people_)
    for (const auto& [other, publisher] : people_) remembered_[{number, other}] = shown(receiver, publisher);
}

std::string World::who_is_missing(std::uint64_t frames) const {
  std::string missing;
  for (const auto& [number, receiver] : people_) {
    for (const auto& [other, publisher] : people_) {
      const bool together = number != other && receiver.client->room() == publisher.client->room() && publisher.tracks > 0 &&
                            !receiver.client->left() && !publisher.client->left();
      if (!together) continue;
      const auto remembered = remembered_.find({number, other});
      const std::uint64_t before = remembered == remembered_.end() ? 0 : remembered->second;
      const std::uint64_t after = shown(receiver, publisher);
      // On a new connection the count begins anew.
      if ((after >= before ? after - before : after) < frames)
        missing += identity(number) + " does not get " + identity(other) + "; ";
    }
  }
  return missing;
}

bool World::everyone_gets(std::uint64_t frames) const { return who_is_missing(frames).empty(); }

const room::Engine* World::worker(WorkerNumber number) const { return workers_.at(number).engine.get(); }

const Drops& World::drops(WorkerNumber number) const { return workers_.at(number).out.outbox.drops; }

bool World::workers_are_empty() const {
  return std::ranges::all_of(workers_, [](const Worker& worker) { return !worker.engine || worker.engine->empty(); });
}

}  // namespace parley::sim
