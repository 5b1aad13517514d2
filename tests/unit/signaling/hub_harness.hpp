#pragma once
// A Hub with fake workers and clients whose inboxes can be read. Time is what the test says it is.

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "fake_worker.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling::testing {

inline const std::string secret = "an example secret of 32 characters";
inline const Keys keys{{"key", secret}};
inline const Time start{std::chrono::seconds(1'790'000'000)};
inline const Address somewhere = *Address::parse("192.0.2.7", 50000);

inline Grant grant_for(const std::string& room, const std::string& identity) {
  return {.identity = identity, .name = "", .room = room, .room_join = true, .permissions = {}};
}
inline std::string token_for(const Grant& grant) { return make_token(start, grant, hours(1), "key", secret); }
inline std::string token_for(const std::string& room, const std::string& identity) {
  return token_for(grant_for(room, identity));
}

class HubHarness {
 public:
  explicit HubHarness(HubSettings settings = {}, std::uint64_t worker_count = 1)
      : hub_(std::move(settings), keys, Random::from_number(1)) {
    for (std::uint64_t i = 1; i <= worker_count; ++i) worker_up(WorkerId{i});
  }

  Time now = start;
  std::map<WorkerId, FakeWorker> workers;
  std::set<ClientId> closed;   ///< by the Hub
  bool slow_to_close = false;  ///< connections that the Hub has closed still deliver what was said before

  void worker_up(WorkerId id, std::vector<std::string> candidates = {"candidate:1 1 udp 1 192.0.2.1 40000 typ host"}) {
    workers[id] = {};
    receive(WorkerEvent{id, {{}, control::Ready{1, std::move(candidates)}}});
  }
  void worker_down(WorkerId id) {
    workers.erase(id);
    receive(WorkerDown{id});
  }
  void worker_says(WorkerId id, control::Event event) { receive(WorkerEvent{id, {{}, std::move(event)}}); }
  FakeWorker& worker(std::uint64_t id = 1) { return workers.at(WorkerId{id}); }

  ClientId open(const Address& address = somewhere) {
    const ClientId client{++last_client_};
    receive(ClientOpened{client, address});
    return client;
  }
  void disconnect(ClientId client) { receive(ClientClosed{client}); }
  void request(ClientId client, Request request, std::string mark = "1") {
    receive(ClientRequest{client, {std::move(mark), std::move(request)}});
  }
  void receive(const HubInput& input) {
    waiting_.push_back(input);
    run();
  }
  /// Lets time pass, waking the Hub whenever it asked for it.
  void pass(Duration duration) {
    const Time end = now + duration;
    while (hub_.wakeup() <= end) {
      now = std::max(now, hub_.wakeup());
      HubOutput out;
      hub_.advance(now, out);
      deliver(out);
      run();
    }
    now = end;
  }

  /// Everything of one kind that the client was sent; what came before it in other kinds stays.
  template <typename T>
  std::vector<T> take(ClientId client) {
    std::vector<T> found;
    std::erase_if(inbox_[client], [&](const ToClient& to) {
      const auto* message = std::get_if<T>(&to.message);
      if (message) found.push_back(*message);
      return message != nullptr;
    });
    return found;
  }
  /// The code of the newest error, or "".
  std::string error(ClientId client) {
    const auto errors = take<message::Failed>(client);
    return errors.empty() ? "" : errors.back().error.code;
  }
  bool has_mail(ClientId client) { return !inbox_[client].empty(); }
  const std::vector<ToClient>& inbox(ClientId client) { return inbox_[client]; }
  void clear(ClientId client) { inbox_[client].clear(); }

  struct Person {
    ClientId client;
    ParticipantId id;
    std::string session;
    message::Joined joined;
  };
  Person join(const std::string& identity, const std::string& room = "tea") { return join(grant_for(room, identity)); }
  Person join(const Grant& grant, request::Join join = {}) {
    Person person{open(), {}, {}, {}};
    join.token = token_for(grant);
    request(person.client, join);
    auto joined = take<message::Joined>(person.client);
    if (joined.size() != 1) throw std::runtime_error("not joined: " + error(person.client));
    person.joined = joined.front();
    person.id = person.joined.participant.participant;
    person.session = person.joined.session;
    return person;
  }
  /// A microphone in section 0 and a camera in section 1.
  std::vector<TrackId> publish(ClientId client, bool replace = false) {
    request(client, request::Publish{"v=0 offer",
                                     {{.mid = "0", .source = Source::microphone, .name = {}},
                                      {.mid = "1", .source = Source::camera, .name = {}}},
                                     replace});
    const auto published = take<message::Published>(client);
    if (published.size() != 1) throw std::runtime_error("not published: " + error(client));
    std::vector<TrackId> tracks;
    for (const auto& section : published.front().tracks) tracks.push_back(section.track);
    return tracks;
  }

  HubSummary summary() const { return hub_.summary(); }
  std::uint64_t count(HubCounter counter) const { return hub_.summary().counters[counter]; }
  Time wakeup() const { return hub_.wakeup(); }

 private:
  void run() {
    while (!waiting_.empty()) {
      const HubInput input = std::move(waiting_.front());
      waiting_.pop_front();
      HubOutput out;
      hub_.receive(now, input, out);
      deliver(out);
    }
  }
  void deliver(const HubOutput& out) {
    for (const auto& output : out) {
      if (const auto* message = std::get_if<ToClient>(&output)) {
        inbox_[message->client].push_back(*message);
      } else if (const auto* close = std::get_if<CloseClient>(&output)) {
        closed.insert(close->client);
        if (!slow_to_close) waiting_.push_back(ClientClosed{close->client});
      } else {
        const auto& command = std::get<ToWorker>(output);
        const auto found = workers.find(command.worker);
        if (found == workers.end()) continue;
        for (auto& event : found->second.receive(command.message))
          waiting_.push_back(WorkerEvent{command.worker, std::move(event)});
      }
    }
  }

  Hub hub_;
  std::deque<HubInput> waiting_;
  std::map<ClientId, std::vector<ToClient>> inbox_;
  std::uint64_t last_client_ = 0;
};

}  // namespace parley::signaling::testing
