#include "tests/sim/rehearsal.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "loadtest/signaling_parley.hpp"
#include "signaling/auth.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/virtual_time.hpp"

namespace parley::sim {

using loadtest::MemberNumber;
using signaling::ClientId;
using signaling::WorkerId;

namespace {

constexpr std::string_view api_key = "rehearsal";
constexpr std::string_view api_secret = "a secret of at least thirty-two bytes";
/// Of each participant where data topics are used and the scenario says nothing.
constexpr Conditions line{.delay = milliseconds(1), .bits_per_second = 100'000'000};
const loadtest::CrowdAddresses addresses{Address::v4({10, 1, 0, 0}, 5000), true};

/// As the load tester starts its own server: a limit that keeps strangers out is in the way of a thousand invited ones.
signaling::FrontSettings front_settings() {
  signaling::FrontSettings settings;
  settings.hub.limits.participants_per_room = 10'000;
  settings.keys = {{std::string(api_key), std::string(api_secret)}};
  settings.invite_key = api_key;
  return settings;
}

std::unique_ptr<loadtest::Signaling> make_signaling(Time now, const loadtest::Visit& visit, MemberNumber number) {
  signaling::Grant grant;
  grant.identity = "peer-" + std::to_string(number);
  grant.room = "room-" + std::to_string(visit.room);
  grant.room_join = true;
  loadtest::Visitor visitor{.room = grant.room,
                            .identity = grant.identity,
                            .token = signaling::make_token(now, grant, hours(24), api_key, api_secret),
                            .publishes = visit.publishes,
                            .watches = visit.watches};
  return std::make_unique<loadtest::ParleySignaling>("ws://rehearsal/signal", std::move(visitor));
}

std::vector<std::unique_ptr<loadtest::Signaling>> make_all_signaling(Time now, const loadtest::Scenario& scenario) {
  std::vector<std::unique_ptr<loadtest::Signaling>> all;
  for (const loadtest::Visit& visit : make_plan(scenario))
    all.push_back(make_signaling(now, visit, static_cast<MemberNumber>(all.size())));
  return all;
}

/// Nobody's processor is measured; and who sends as fast as the network takes it needs one that does not take everything at once.
loadtest::Scenario for_virtual_time(loadtest::Scenario scenario) {
  if (!scenario.data.empty() && !scenario.network.up && !scenario.network.down)
    scenario.network.up = scenario.network.down = line;
  std::erase_if(scenario.thresholds, [](const loadtest::Threshold& threshold) {
    return threshold.metric == loadtest::Metric::cpu_us_per_copy || threshold.metric == loadtest::Metric::memory_per_subscriber;
  });
  return scenario;
}

ClientId client_of(MemberNumber member) { return ClientId{std::uint64_t{member} + 1}; }
MemberNumber member_of(ClientId client) { return static_cast<MemberNumber>(client.value - 1); }
WorkerId worker_id(std::size_t number) { return WorkerId{number + 1}; }
Path turned_round(const Path& path) { return {path.protocol, path.remote, path.local}; }

}  // namespace

Rehearsal::Rehearsal(loadtest::Scenario scenario, const loadtest::Clips& clips, const Settings& settings)
    : scenario_(for_virtual_time(std::move(scenario))),
      now_(calendar_begin),
      random_(begin_history(settings.seed)),
      certificate_(transport::Certificate::make()),
      front_(front_settings(), Random::from_number(random_.next())),
      recorder_(scenario_, now_),
      end_(now_ + scenario_.length()) {
  for (std::uint32_t number = 0; number < settings.workers; ++number) {
    const std::vector<std::string> candidates{worker_candidate(static_cast<WorkerNumber>(number))};
    workers_.push_back({room::Engine({candidates, {}}, Random::from_number(random_.next())), {}});
    front_.receive(now_, signaling::WorkerEvent{worker_id(number), {{}, control::Ready{number + 1, candidates}}}, front_out_);
  }
  crowd_.emplace(certificate_, *cipher_, clips, scenario_, addresses, make_all_signaling(now_, scenario_),
                 Random::from_number(random_.next()));
  read();
  crowd_->start(now_);
}

Rehearsal::~Rehearsal() = default;

bool Rehearsal::play_on() {
  play_until(
      std::min(recorder_.next_reading(now_), end_), now_, [&] { return wakeup(); }, [&] { turn(); });
  read();
  return now_ < end_;
}

loadtest::Report Rehearsal::report() const {
  loadtest::Report report = recorder_.finish(crowd_->joins(), "in virtual time");
  report.in_virtual_time = true;
  report.drops = crowd_out_.member.peer.outbox.drops;
  return report;
}

void Rehearsal::read() { recorder_.record({now_, crowd_->attendance(), crowd_->totals(now_), {}, {}}); }

// ---- time

Time Rehearsal::wakeup() const {
  if (!front_out_.empty() || !crowd_out_.web.empty() || !crowd_out_.member.peer.outbox.datagrams.empty()) return now_;
  Time next = std::min(crowd_->wakeup(), front_.wakeup());
  for (const Worker& worker : workers_) {
    if (!worker.out.events.empty() || !worker.out.outbox.datagrams.empty()) return now_;
    next = std::min(next, worker.engine.wakeup());
  }
  return next;
}

void Rehearsal::turn() {
  crowd_->advance(now_, crowd_out_);
  carry_words_of_crowd();
  carry_datagrams_of_crowd();
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    if (worker.engine.wakeup() <= now_) worker.engine.advance(now_, worker.out);
    carry_from(number);
  }
  if (front_.wakeup() <= now_) front_.advance(now_, front_out_);
  carry_words_of_front();
  crowd_->advance(now_, crowd_out_);  // it has been given something: its wakeup() is to be true
}

// ---- who says what to whom

void Rehearsal::carry_words_of_crowd() {
  for (const auto& said : std::exchange(crowd_out_.web, {})) perform(said.member, said.action);
}

void Rehearsal::perform(MemberNumber member, const loadtest::ToWeb& action) {
  if (std::holds_alternative<loadtest::OpenSocket>(action)) {
    front_.receive(now_, signaling::ClientOpened{client_of(member), addresses.of(member)}, front_out_);
    crowd_->receive(now_, member, loadtest::SocketOpened{}, crowd_out_);
  } else if (const auto* text = std::get_if<loadtest::SendText>(&action)) {
    front_.receive(now_, signaling::ClientText{client_of(member), text->text}, front_out_);
  } else if (std::holds_alternative<loadtest::CloseSocket>(action)) {
    front_.receive(now_, signaling::ClientClosed{client_of(member)}, front_out_);
  } else {
    throw std::logic_error("Parley's own dialect makes no HTTP requests");
  }
}

void Rehearsal::carry_datagrams_of_crowd() {
  DatagramBatch& sent = crowd_out_.outbox().datagrams;
  for (const auto& entry : sent.entries()) {
    Worker& worker = workers_.at(entry.path.remote.port() - worker_address(0).port());
    worker.engine.receive(now_, turned_round(entry.path), MutableBytes(*entry.slot).first(entry.size), worker.out);
  }
  sent.clear();
}

void Rehearsal::carry_from(std::size_t number) {
  Worker& worker = workers_[number];
  for (const auto& entry : worker.out.outbox.datagrams.entries())
    crowd_->receive(now_, turned_round(entry.path), MutableBytes(*entry.slot).first(entry.size), crowd_out_);
  worker.out.outbox.datagrams.clear();
  for (auto& event : std::exchange(worker.out.events, {}))
    front_.receive(now_, signaling::WorkerEvent{worker_id(number), std::move(event)}, front_out_);
}

void Rehearsal::carry_words_of_front() {
  for (auto& output : std::exchange(front_out_, {})) {
    if (const auto* text = std::get_if<signaling::SendText>(&output)) {
      crowd_->receive(now_, member_of(text->client), loadtest::SocketText{text->text}, crowd_out_);
    } else if (const auto* command = std::get_if<signaling::ToWorker>(&output)) {
      Worker& worker = workers_.at(command->worker.value - 1);
      worker.engine.receive(now_, command->message, worker.out);
    } else if (const auto* close = std::get_if<signaling::CloseClient>(&output)) {
      front_.receive(now_, signaling::ClientClosed{close->client}, front_out_);
      crowd_->receive(now_, member_of(close->client), loadtest::SocketClosed{"the server has closed it"}, crowd_out_);
    }
  }
}

}  // namespace parley::sim
