#pragma once
// The delay-based rate: additive increase, multiplicative decrease (draft-ietf-rmcat-gcc-02 section 5.5), with a memory of what
// the link carried when it was last full.
//
//              overusing               underusing
//   increase ────────────▶ decrease ──┐   │
//      ▲                              ▼   ▼
//      └────────── normal ────────── hold

#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"
#include "sfu/media/bandwidth/link_capacity.hpp"
#include "sfu/media/bandwidth/overuse_detector.hpp"

namespace parley::media::bandwidth {

class RateControl {
 public:
  enum class State : std::uint8_t { hold, increase, decrease };

  /// On overuse, the new rate as a part of what arrives.
  static constexpr double backoff = 0.85;
  /// The same for losses from a queue that is not ours. A CUBIC falls to 70 % at each of its waves; of those not all hit us.
  static constexpr double gentle_backoff = 0.8;
  /// Growth in a second, far from the capacity that is known.
  static constexpr double growth = 1.08;
  /// The rate never grows beyond this multiple of what arrives, plus the constant: beyond it nothing is known about the path.
  static constexpr double headroom = 1.5;
  static constexpr double headroom_constant = 10'000;
  /// Near the capacity: one packet in each round trip, plus this for the receiver's feedback.
  static constexpr Duration response_delay = milliseconds(100);
  /// Of the round trip, not more counts: far receivers, and those behind somebody else's queue, would never come up.
  static constexpr Duration longest_response = milliseconds(200);
  static constexpr double smallest_increase = 4'000;  ///< bits per second in each second
  static constexpr double packet_bits = 1200 * 8;

  RateControl(double start, double minimum, double maximum)
      : rate_(start), minimum_(minimum), maximum_(maximum), useful_(maximum) {}

  /// `throughput`: what arrives now, the cautious figure of it on overuse.
  void update(Time now, Usage usage, std::optional<double> throughput, Duration round_trip);
  /// A packet was lost from a queue that somebody else keeps full: give way as a TCP would, from the rate that we have.
  void give_way(Time now, Duration round_trip);
  /// A probe has shown that so much gets through.
  void set_probed(Time now, double bits_per_second);
  /// What is sent fills the rate, so that it proves something when no queue grows. Else only a probe raises it.
  void set_filled(bool filled) { filled_ = filled; }
  /// It need not grow beyond this.
  void set_useful(double bits_per_second) { useful_ = bits_per_second; }
  /// Some other limit is lower: the way up begins there.
  void limit(double bits_per_second);

  double rate() const { return rate_; }
  State state() const { return state_; }
  const LinkCapacity& capacity() const { return capacity_; }
  /// When the rate fell last, and from what.
  std::optional<Time> decreased_at() const { return decreased_at_; }
  double rate_before_decrease() const { return rate_before_decrease_; }

 private:
  void become(State state) { state_ = state; }
  void increase(Time now, std::optional<double> throughput, Duration round_trip);
  void decrease(Time now, std::optional<double> throughput, Duration round_trip);
  bool may_decrease(Time now, std::optional<double> throughput, Duration round_trip) const;
  void set(Time now, double rate);

  State state_ = State::hold;
  double rate_;
  double minimum_;
  double maximum_;
  double useful_;
  LinkCapacity capacity_;
  std::optional<Time> changed_at_;
  std::optional<Time> decreased_at_;
  std::optional<Time> gave_way_at_;
  double rate_before_decrease_ = 0;
  bool filled_ = true;
};

}  // namespace parley::media::bandwidth
