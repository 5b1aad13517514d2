// The probes of one receiver's downlink, when there is nothing to send them with but padding.

#include "sfu/room/downlink.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

using namespace parley;
using namespace parley::room;

namespace {

constexpr std::uint64_t line_rate = 8'000'000;
constexpr std::size_t sound = 88, padding = 255;

/// A line with an endless queue, on which there is sound all the time: its receiver reports 20 times a second.
struct PausedViewer {
  PausedViewer() { downlink.set_wanted(30'000'000); }

  void run(Duration duration) {
    const Time end = now + duration;
    while (now < end) {
      if (now >= next_sound) {
        send(sound);
        next_sound += milliseconds(20);
      }
      if (now >= next_report) report();
      downlink.advance(now);
      while (downlink.probe_due(now)) send_probe();
      now = std::min({downlink.wakeup(), next_sound, next_report});
    }
  }

  void send_probe() {
    send(padding);
    ++probes_at_once;
    most_at_once = std::max(most_at_once, probes_at_once);
    if (!downlink.probe_due(now)) probes_at_once = 0;
  }

  void send(std::size_t payload) {
    const std::uint16_t number = downlink.sent(now, payload);
    if (arrivals.empty()) base = number;
    free_at = std::max(free_at, now) + nanoseconds((payload + Downlink::packet_overhead) * 8 * 1'000'000'000 / line_rate);
    arrivals.push_back((free_at + milliseconds(20)).time_since_epoch());
  }

  void report() {
    rtp::TransportFeedback feedback;
    feedback.base_sequence = base;
    feedback.arrivals = {arrivals.begin(), arrivals.end()};
    arrivals.clear();
    downlink.receive(now, feedback);
    next_report += milliseconds(50);
  }

  Downlink downlink;
  Time now{seconds(100)};
  Time next_sound = now;
  Time next_report = now + milliseconds(50);
  Time free_at{};
  std::uint16_t base = 0;
  std::vector<std::optional<Duration>> arrivals;
  int probes_at_once = 0;
  int most_at_once = 0;
};

}  // namespace

TEST_CASE("a viewer whose pictures are all paused learns by padding alone what the line carries") {
  PausedViewer viewer;
  viewer.run(seconds(5));
  CHECK(viewer.downlink.estimate() > line_rate * 85 / 100);
  CHECK(viewer.downlink.estimate() < line_rate * 105 / 100);
}

TEST_CASE("the padding of a probe is spread over its time") {
  PausedViewer viewer;
  viewer.run(seconds(5));
  // The fastest probe asks for twice what got through: so many packets fall into a step, and one is rounded up.
  constexpr double step = std::chrono::duration<double>(Downlink::probe_step).count();
  constexpr double fastest = 2.1 * static_cast<double>(line_rate);
  CHECK(viewer.most_at_once <= static_cast<int>(fastest * step / (8 * (padding + Downlink::packet_overhead))) + 1);
}
