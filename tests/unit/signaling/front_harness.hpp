#pragma once
// The whole front with fake workers: texts and HTTP requests in, texts and answers out.

#include <deque>
#include <map>
#include <set>

#include "fake_worker.hpp"
#include "hub_harness.hpp"
#include "signaling/front.hpp"

namespace parley::signaling::testing {

class FrontHarness {
 public:
  explicit FrontHarness(HubSettings hub = {}, std::uint64_t worker_count = 1, bool metrics_apart = false)
      : front_(FrontSettings{std::move(hub), keys, "key", metrics_apart}, Random::from_number(1)) {
    for (std::uint64_t i = 1; i <= worker_count; ++i) worker_up(WorkerId{i});
  }

  Time now = start;
  std::map<WorkerId, FakeWorker> workers;
  std::map<ClientId, std::deque<std::string>> inbox;
  std::set<ClientId> closed;
  std::map<RequestTicket, HttpResponse> answers;

  void worker_up(WorkerId id) {
    workers[id] = {};
    receive(WorkerEvent{id, {{}, control::Ready{1, {"candidate:1 1 udp 1 192.0.2.1 40000 typ host"}}}});
  }
  void worker_down(WorkerId id) {
    workers.erase(id);
    receive(WorkerDown{id});
  }
  void worker_says(control::Event event, WorkerId id = WorkerId{1}) { receive(WorkerEvent{id, {{}, std::move(event)}}); }
  FakeWorker& worker(std::uint64_t id = 1) { return workers.at(WorkerId{id}); }

  ClientId open() {
    const ClientId client{++last_client_};
    receive(ClientOpened{client, somewhere});
    return client;
  }
  void say(ClientId client, std::string text) { receive(ClientText{client, std::move(text)}); }
  RequestTicket send(HttpRequest request) {
    const RequestTicket ticket{++last_ticket_};
    if (request.peer == Address{}) request.peer = somewhere;
    receive(HttpArrived{ticket, std::move(request)});
    return ticket;
  }
  /// For requests that are answered at once.
  HttpResponse ask(HttpRequest request) { return answers.at(send(std::move(request))); }

  void receive(const FrontInput& input) {
    waiting_.push_back(input);
    run();
  }
  void pass(Duration duration) {
    const Time end = now + duration;
    while (front_.wakeup() <= end) {
      now = std::max(now, front_.wakeup());
      FrontOutput out;
      front_.advance(now, out);
      deliver(out);
      run();
    }
    now = end;
  }

 private:
  void run() {
    while (!waiting_.empty()) {
      const FrontInput input = std::move(waiting_.front());
      waiting_.pop_front();
      FrontOutput out;
      front_.receive(now, input, out);
      deliver(out);
    }
  }
  void deliver(const FrontOutput& out) {
    for (const auto& output : out) {
      if (const auto* text = std::get_if<SendText>(&output)) inbox[text->client].push_back(text->text);
      if (const auto* answer = std::get_if<HttpAnswer>(&output)) {
        if (!answers.emplace(answer->ticket, answer->response).second) throw std::runtime_error("answered twice");
      }
      if (const auto* close = std::get_if<CloseClient>(&output)) {
        closed.insert(close->client);
        waiting_.push_back(ClientClosed{close->client});
      }
      if (const auto* command = std::get_if<ToWorker>(&output)) deliver(*command);
    }
  }
  void deliver(const ToWorker& command) {
    const auto found = workers.find(command.worker);
    if (found == workers.end()) return;
    for (auto& event : found->second.receive(command.message)) waiting_.push_back(WorkerEvent{command.worker, std::move(event)});
  }

  Front front_;
  std::deque<FrontInput> waiting_;
  std::uint64_t last_client_ = 0;
  std::uint64_t last_ticket_ = 0;
};

}  // namespace parley::signaling::testing
