#pragma once
// Plans the probes: two to begin with, twice as much as long as everything gets through, one again and again while the
// application leaves the estimate unused and could use more, and one after a sudden drop that may have been a false alarm.

#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"
#include "sfu/media/bandwidth/probe.hpp"

namespace parley::media::bandwidth {

/// All that the plan depends on.
struct PathView {
  double estimate = 0;
  double wanted = 0;  ///< what could be used at most; nothing is gained by asking for more
  bool application_limited = false;
  bool congested = false;  ///< the queue grows
  bool loses = false;      ///< packets, by our own rate
  double before_drop = 0;  ///< the estimate before the last drop
  std::optional<Time> dropped_at;
};

class Prober {
 public:
  static constexpr double first_factor = 3;
  static constexpr double factor = 2;
  /// An estimate of this multiple of what is wanted clears the margin with which layers are switched up; then nothing more is
  /// asked.
  static constexpr double enough = 1.2;
  /// What is asked for at most: a little more, since not all of it is measured.
  static constexpr double wanted_margin = 1.3;
  /// A probe succeeded when so much of it got through; then the next one asks for more.
  static constexpr double success = 0.7;
  static constexpr Duration shortest_probe = milliseconds(15);
  static constexpr std::size_t packet_bytes = 1200;
  /// From one probe to the next while the application is limited, as long as they bring something; a path that has answered no
  /// for some time is asked less often.
  static constexpr Duration interval = milliseconds(1500);
  static constexpr Duration longest_interval = seconds(5);
  static constexpr int patience = 20;  ///< failures, from which on the interval grows with each one
  /// While nothing is due, how often the plan is looked at.
  static constexpr Duration look_interval = milliseconds(250);
  /// Without a result after this, a probe has failed.
  static constexpr Duration timeout = seconds(1);
  /// A drop to less than this part is worth a question once the queue is gone, at `recovery` of what was, within `recovery_time`.
  static constexpr double large_drop = 0.66;
  static constexpr double recovery = 0.85;
  static constexpr Duration recovery_time = seconds(5);
  static constexpr Duration quiet_after_drop = milliseconds(500);
  /// A path that has shown no queue for so long may be asked although the application fills the estimate.
  static constexpr Duration calm_after = seconds(5);

  /// The next probe, if one is due.
  std::optional<Probe> take(Time now, const PathView& path);
  /// When take() may give something.
  Time wakeup() const { return look_at_; }
  /// The outstanding probe has measured `bits_per_second`.
  void receive_result(Time now, ProbeId id, double bits_per_second, const PathView& path);
  bool started() const { return started_; }
  std::optional<ProbeId> outstanding() const { return outstanding_ ? std::optional(outstanding_->id) : std::nullopt; }

 private:
  std::optional<double> wanted_rate(Time now, const PathView& path);
  Probe make(Time now, double bits_per_second);
  void fail();

  std::uint32_t last_id_ = 0;
  bool started_ = false;
  std::optional<double> next_;  ///< asked for by the success of the last one
  std::optional<Probe> outstanding_;
  Time look_at_{};  ///< nothing is due before it; while a probe is outstanding, its end
  Time next_periodic_{};
  Time congested_at_{};
  int failures_ = 0;
  std::optional<Time> recovered_drop_;  ///< the drop that was already asked about
};

}  // namespace parley::media::bandwidth
