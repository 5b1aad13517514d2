// What an SFU needs beyond RFC 8867, of a whole Parley: the Engine measures, shares, paces, switches and repairs, and real
// clients watch behind links of their own.

#include <algorithm>
#include <array>

#include "tests/sim/quality/cases.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/conversation.hpp"

namespace parley::quality {

namespace {

using loadtest::LinkEvent;
using sim::Client;
using sim::Conditions;
using sim::World;

constexpr Duration tick = milliseconds(20);
constexpr Duration sample_interval = milliseconds(100);

Conditions link_of(std::uint64_t bits_per_second, Duration queue) {
  const auto bytes = bits_per_second / 8 * static_cast<std::uint64_t>(queue / milliseconds(1)) / 1000;
  return {.delay = milliseconds(20), .bits_per_second = bits_per_second, .queue_bytes = bytes};
}

/// 0.15, 0.5 and 2.5 Mbit/s, 30 pictures a second: what Chromium makes of 720p.
loadtest::SourceSettings hd_camera() {
  auto camera = loadtest::simulcast_camera();
  camera.frames_per_second = 30;
  camera.layers = {{"q", 625}, {"h", 2083}, {"f", 10416}};
  return camera;
}

double per_second(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

/// -1: nothing comes.
int encoding(const signaling::message::Quality& quality) { return quality.current.paused ? -1 : quality.current.encoding; }

/// A room of publishers and one viewer behind a link, and what the viewer is told of each picture over time.
class Audience {
 public:
  Audience(std::uint64_t seed, const std::vector<std::vector<loadtest::SourceSettings>>& publishers) : world({.seed = seed}) {
    for (const auto& tracks : publishers) world.join(1, tracks);
    viewer = &world.join(1, {loadtest::microphone()});
  }

  /// Samples while time passes; `each` is called every tick.
  template <typename Each>
  void run(Duration duration, Each each) {
    for (const Time end = world.now() + duration; world.now() < end;) {
      world.run_for(tick);
      each();
      count_changes();
      if (world.now() - sampled_ >= sample_interval) sample();
    }
  }
  void run(Duration duration) {
    run(duration, [] {});
  }

  std::uint64_t estimate() const {
    const auto& qualities = viewer->qualities();
    return qualities.empty() ? 0 : qualities.begin()->second.estimate_bits_per_second;
  }
  const Counters<LinkEvent>& downlink() { return world.network().downlink(viewer->number()).counters(); }
  std::uint64_t retransmitted() const { return world.worker(0)->statistics()[room::Metric::rtx_sent]; }
  /// Since forget_changes(): how often a picture became worse and better again, of the picture with the most.
  int oscillations() const {
    int most = 0;
    for (const auto& [track, seen] : pictures_) most = std::max(most, seen.turns / 2);
    return most;
  }
  void forget_changes() {
    for (auto& [track, seen] : pictures_) seen.turns = 0;
  }
  Recording recording() const {
    return {
        .interval = per_second(sample_interval),
        .panels = {{"Mbit/s", {{"estimate", estimates_}}}, {"encodings, sum over all pictures", {{"encodings", encodings_}}}}};
  }

  World world;
  Client* viewer = nullptr;

 private:
  struct Seen {
    int encoding = -1;
    int direction = 0;
    int turns = 0;
  };
  void count_changes() {
    for (const auto& [track, quality] : viewer->qualities()) {
      Seen& seen = pictures_[track];
      const int now = encoding(quality);
      const int direction = now > seen.encoding ? 1 : now < seen.encoding ? -1 : 0;
      if (direction != 0 && seen.direction != 0 && direction != seen.direction) ++seen.turns;
      if (direction != 0) seen.direction = direction;
      seen.encoding = now;
    }
  }
  void sample() {
    sampled_ = world.now();
    estimates_.push_back(static_cast<double>(estimate()) / 1e6);
    double sum = 0;
    for (const auto& [track, quality] : viewer->qualities()) sum += encoding(quality) + 1;
    encodings_.push_back(sum);
  }

  std::map<TrackId, Seen> pictures_;
  std::vector<double> estimates_;
  std::vector<double> encodings_;
  Time sampled_{};
};

/// Six cameras; one of the people speaks.
std::vector<std::vector<loadtest::SourceSettings>> six_cameras() {
  std::vector<std::vector<loadtest::SourceSettings>> people(6, {hd_camera()});
  people.front().insert(people.front().begin(), loadtest::microphone());
  return people;
}

/// Packets of somebody else on the viewer's link, in bursts as web pages make them.
class CrossTraffic {
 public:
  CrossTraffic(Audience& audience, std::uint64_t bits_per_second) : audience_(audience), bits_per_second_(bits_per_second) {}
  void advance() {
    auto& world = audience_.world;
    auto& random = world.random();
    if (!busy_ && random.below(10) == 0) busy_ = true;
    if (busy_ && random.below(10) == 0) busy_ = false;
    if (!busy_) return;
    // Half of the time it is silent.
    owed_ += 2 * static_cast<double>(bits_per_second_) / 8 * per_second(tick);
    for (; owed_ > 0; owed_ -= packet) {
      const Path path{Protocol::udp, *Address::parse("192.0.2.9", 443), *Address::parse("192.0.2.10", 50000)};
      world.network().downlink(audience_.viewer->number()).receive(world.now(), path, Buffer(packet));
    }
  }

 private:
  static constexpr std::size_t packet = 1200;
  Audience& audience_;
  std::uint64_t bits_per_second_;
  bool busy_ = false;
  double owed_ = 0;
};

Outcome six_videos(std::uint64_t seed) {
  constexpr std::uint64_t capacity = 4'000'000;
  constexpr Duration settling = seconds(60);
  constexpr Duration length = seconds(180);
  Audience audience(seed, six_cameras());
  audience.world.network().downlink(audience.viewer->number()).set_conditions(link_of(capacity, milliseconds(300)));
  CrossTraffic others(audience, capacity * 3 / 10);
  audience.run(settling, [&] { others.advance(); });
  audience.forget_changes();
  audience.viewer->forgive(audience.world.now());
  int paused = 0;
  audience.run(length, [&] {
    others.advance();
    for (const auto& [track, quality] : audience.viewer->qualities()) paused += quality.current.paused;
  });
  const double minutes_long = per_second(length) / 60;
  return {.figures = {at_most("oscillations of the worst picture, a minute", 1, audience.oscillations() / minutes_long, ""),
                      at_most("time that any picture was paused", 1, 100 * per_second(tick * paused) / per_second(length), "%"),
                      at_most("longest time that anything stood still", 1, per_second(audience.viewer->longest_gap()), "s")},
          .recording = audience.recording()};
}

/// The lowest layers of six videos need more than there is: the least important one makes way.
Outcome narrow_viewport(std::uint64_t seed) {
  Audience audience(seed, six_cameras());
  auto& world = audience.world;
  world.network().downlink(audience.viewer->number()).set_conditions(link_of(1'000'000, milliseconds(300)));
  audience.run(seconds(3));
  std::vector<signaling::View> views;
  std::vector<TrackId> tracks;
  for (const auto& [track, quality] : audience.viewer->qualities()) tracks.push_back(track);
  if (tracks.size() != 6)
    return {.figures = {at_least("pictures that were told of", 6, double(tracks.size()), "")}, .recording = {}};
  const auto look = [&](std::size_t large, std::size_t least) {
    views.clear();
    for (std::size_t i = 0; i < tracks.size(); ++i)
      views.push_back({.track = tracks[i],
                       .width = i == large ? 1280u : 160u,
                       .height = i == large ? 720u : 90u,
                       .priority = static_cast<std::uint8_t>(i == large   ? 200
                                                             : i == least ? 50
                                                                          : 100),
                       .maximum = {}});
    world.set_views(*audience.viewer, views);
  };
  double paused = 0, out_of_turn = 0, wrong_reason = 0, looked = 0;
  const auto judge = [&](std::size_t large, std::size_t least) {
    ++looked;
    const auto& least_important = audience.viewer->qualities().at(tracks[least]).current;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      const auto& quality = audience.viewer->qualities().at(tracks[i]);
      paused += quality.current.paused;
      out_of_turn += quality.current.paused && (i == large || !least_important.paused);
      wrong_reason += quality.current.paused && quality.limit != control::Limit::bandwidth;
    }
  };
  look(0, 5);
  audience.run(seconds(20));
  audience.forget_changes();
  audience.run(seconds(60), [&] { judge(0, 5); });
  const int first = audience.oscillations();
  look(3, 1);
  audience.run(seconds(20));
  audience.forget_changes();
  audience.run(seconds(60), [&] { judge(3, 1); });
  return {.figures = {between("pictures that made way, on the average", 0.5, 2, paused / looked, ""),
                      at_most("times that another than the least important one made way first", 0, out_of_turn, ""),
                      at_most("pauses that named another reason than bandwidth", 0, wrong_reason, ""),
                      at_most("oscillations of the worst picture, a minute", 1, std::max(first, audience.oscillations()), "")},
          .recording = audience.recording()};
}

Outcome large_keyframe(std::uint64_t seed) {
  auto camera = loadtest::camera();
  camera.frames_per_second = 30;
  camera.layers = {{"", 8333}};  // 2 Mbit/s
  camera.keyframe_factor = 10;
  camera.keyframe_distance = 90;
  Audience audience(seed, {{loadtest::microphone(), camera}});
  const Conditions link = link_of(4'000'000, milliseconds(50));
  audience.world.network().downlink(audience.viewer->number()).set_conditions(link);
  audience.run(seconds(10));
  const auto before = audience.downlink();
  audience.run(seconds(120));
  const auto& after = audience.downlink();
  const auto lost = after[LinkEvent::queue_full] - before[LinkEvent::queue_full];
  const auto sent = after[LinkEvent::taken] - before[LinkEvent::taken];
  return {.figures = {at_least("packets", 20'000, double(sent), ""),
                      at_most("lost in the queue", 0.02, 100 * double(lost) / double(sent), "%"),
                      at_most("longest time that anything stood still", 1, per_second(audience.viewer->longest_gap()), "s")},
          .recording = audience.recording()};
}

Outcome repaired_outage(std::uint64_t seed) {
  Audience audience(seed, {{loadtest::microphone(), hd_camera()}});
  auto& link = audience.world.network().downlink(audience.viewer->number());
  Conditions conditions = link_of(4'000'000, milliseconds(300));
  link.set_conditions(conditions);
  audience.run(seconds(20));
  double worst = 0;
  for (int outage = 0; outage < 5; ++outage) {
    const double estimate = static_cast<double>(audience.estimate());
    conditions.partitioned = true;
    link.set_conditions(conditions);
    audience.run(milliseconds(200));
    conditions.partitioned = false;
    link.set_conditions(conditions);
    for (int second = 0; second < 3; ++second) {
      const auto before = audience.retransmitted();
      audience.run(seconds(1));
      constexpr double packet_bits = 1250 * 8;
      worst = std::max(worst, double(audience.retransmitted() - before) * packet_bits / estimate);
    }
    audience.run(seconds(7));
  }
  return {.figures = {at_least("packets sent again", 1, double(audience.retransmitted()), ""),
                      at_most("sent again in the worst second, of the estimate", 25, 100 * worst, "%"),
                      at_most("longest time that anything stood still", 1, per_second(audience.viewer->longest_gap()), "s")},
          .recording = audience.recording()};
}

Outcome change_of_speaker(std::uint64_t seed) {
  constexpr Duration length = minutes(30);
  test::Conversation conversation(seed, {.seats = 3});
  conversation.run(length);
  auto& delays = conversation.delays;
  std::ranges::sort(delays);
  const auto most = delays.empty() ? Duration::max() : delays[delays.size() * 99 / 100];
  return {.figures = {at_least("changes", 200, double(delays.size()), ""),
                      at_most("99 of 100 changes take", 350, per_second(most) * 1000, "ms"),
                      at_most("changes that were missed", 0, conversation.unanswered, ""),
                      at_most("false switches a minute", 1, conversation.false_switches / (per_second(length) / 60), "")},
          .recording = {}};
}

}  // namespace

std::vector<Case> engine_cases() {
  return {
      {"six-videos", "Six videos beside 30 % of cross traffic, 4 Mbit/s", six_videos},
      {"narrow", "Six videos through 1 Mbit/s, as a page shows them", narrow_viewport},
      {"key-frame", "Key frames of ten times a frame through a queue of 50 ms, 2 of 4 Mbit/s", large_keyframe},
      {"repair", "Nothing arrives for 200 ms, five times: what is sent again, 4 Mbit/s", repaired_outage},
      {"speakers", "One of 25 people speaks at a time, three are heard", change_of_speaker},
  };
}

}  // namespace parley::quality
