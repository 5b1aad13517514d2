#include "signaling/front.hpp"

#include <algorithm>
#include <cassert>
#include <deque>

#include "signaling/api.hpp"
#include "signaling/json.hpp"
#include "signaling/whip.hpp"

namespace parley::signaling {
namespace {

Random split(Random& random) {
  Random::Seed seed{};
  random.fill(seed);
  return Random(seed);
}

bool is_whip(ClientId client) { return client.value >= whip_client_base; }

}  // namespace

struct Front::State {
  State(FrontSettings its_settings, Random its_random)
      : settings(std::move(its_settings)),
        random(std::move(its_random)),
        hub(settings.hub, settings.keys, split(random)),
        whip(settings.hub.limits.message_bytes, split(random)) {}

  /// Hands inputs to the Hub until nobody has anything more to say: what it tells a WHIP session may make that one answer.
  void run(Time now, std::deque<HubInput> inputs, FrontOutput& out);
  void deliver(Time now, HubOutput outputs, std::deque<HubInput>& inputs, FrontOutput& out);
  static void take(WhipOutput& from, std::deque<HubInput>& inputs, FrontOutput& out);
  HttpResponse answer_api(Time now, const HttpRequest& request);

  void handle(Time now, const ClientText& text, FrontOutput& out);
  void handle(Time now, const HttpArrived& arrived, FrontOutput& out);
  void handle(Time now, const HttpAbandoned& abandoned, FrontOutput& out);
  void handle(Time now, const ClientOpened& opened, FrontOutput& out) {
    assert(!is_whip(opened.client));
    run(now, {opened}, out);
  }
  void handle(Time now, const auto& input, FrontOutput& out) { run(now, {input}, out); }

  FrontSettings settings;
  Random random;
  Hub hub;
  Whip whip;
};

void Front::State::run(Time now, std::deque<HubInput> inputs, FrontOutput& out) {
  while (!inputs.empty()) {
    HubOutput outputs;
    hub.receive(now, inputs.front(), outputs);
    inputs.pop_front();
    deliver(now, std::move(outputs), inputs, out);
  }
}

void Front::State::deliver(Time now, HubOutput outputs, std::deque<HubInput>& inputs, FrontOutput& out) {
  WhipOutput translated;
  for (auto& output : outputs) {
    if (auto* message = std::get_if<ToClient>(&output)) {
      if (is_whip(message->client))
        whip.receive(now, *message, translated);
      else
        out.push_back(SendText{message->client, json::write(message->mark, message->message)});
    } else if (auto* close = std::get_if<CloseClient>(&output)) {
      if (is_whip(close->client))
        whip.receive(*close, translated);
      else
        out.push_back(*close);
    } else {
      out.push_back(std::move(std::get<ToWorker>(output)));
    }
  }
  take(translated, inputs, out);
}

void Front::State::take(WhipOutput& from, std::deque<HubInput>& inputs, FrontOutput& out) {
  for (HttpAnswer& answer : from.answers) out.push_back(std::move(answer));
  for (HubInput& input : from.hub) inputs.push_back(std::move(input));
}

HttpResponse Front::State::answer_api(Time now, const HttpRequest& request) {
  if (request.path == "/api/token") return exchange_invite(now, request, settings.keys, settings.invite_key, hub, random);
  if (request.path == "/healthz") return health(hub.summary());
  if (request.path == "/metrics") return metrics(now, request, settings.metrics_apart, settings.keys, hub.summary());
  if (request.path == "/api/why") return why(now, request, settings.keys, hub);
  return {.status = 404, .headers = {}, .body = {}};
}

void Front::State::handle(Time now, const ClientText& text, FrontOutput& out) {
  auto parsed = json::parse(text.text, settings.hub.limits.message_bytes);
  if (auto* message = std::get_if<RequestMessage>(&parsed))
    return run(now, {ClientRequest{text.client, std::move(*message)}}, out);
  auto& unreadable = std::get<json::Unreadable>(parsed);
  run(now, {ClientUnreadable{text.client, std::move(unreadable.mark), std::move(unreadable.error)}}, out);
}

void Front::State::handle(Time now, const HttpArrived& arrived, FrontOutput& out) {
  if (!Whip::handles(arrived.request.path)) return out.push_back(HttpAnswer{arrived.ticket, answer_api(now, arrived.request)});
  WhipOutput translated;
  std::deque<HubInput> inputs;
  whip.receive(now, arrived.ticket, arrived.request, translated);
  take(translated, inputs, out);
  run(now, std::move(inputs), out);
}

void Front::State::handle(Time now, const HttpAbandoned& abandoned, FrontOutput& out) {
  WhipOutput translated;
  std::deque<HubInput> inputs;
  whip.abandon(abandoned.ticket, translated);
  take(translated, inputs, out);
  run(now, std::move(inputs), out);
}

Front::Front(FrontSettings settings, Random random) : state_(std::make_unique<State>(std::move(settings), std::move(random))) {}
Front::~Front() = default;
Front::Front(Front&&) noexcept = default;

void Front::receive(Time now, const FrontInput& input, FrontOutput& out) {
  std::visit([&](const auto& given) { state_->handle(now, given, out); }, input);
}

void Front::advance(Time now, FrontOutput& out) {
  HubOutput outputs;
  WhipOutput translated;
  std::deque<HubInput> inputs;
  state_->hub.advance(now, outputs);
  state_->whip.advance(now, translated);
  State::take(translated, inputs, out);
  state_->deliver(now, std::move(outputs), inputs, out);
  state_->run(now, std::move(inputs), out);
}

Time Front::wakeup() const { return std::min(state_->hub.wakeup(), state_->whip.wakeup()); }

bool Front::handles(std::string_view path) {
  return Whip::handles(path) || path.starts_with("/api/") || path == "/healthz" || path == "/metrics";
}

}  // namespace parley::signaling
