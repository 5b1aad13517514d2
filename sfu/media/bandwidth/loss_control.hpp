#pragma once
// The loss-based limit. Loss has two causes that look alike: a path that loses packets whatever we do, and one that loses them
// because we send too much. Which one it is shows when the rate varies: so, over the last observations, the likelihood of "a
// share is always lost" is compared with that of "beyond a rate everything is lost" (the idea of libwebrtc's second loss-based
// estimator).
//
//   observation: 250 ms of {rate, packets, lost} ── 20 of them, older ones count less ──▶ limit, or none

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"

namespace parley::media::bandwidth {

class LossControl {
 public:
  static constexpr Duration observation_time = milliseconds(250);
  static constexpr std::size_t observation_packets = 10;
  static constexpr std::size_t window = 20;
  static constexpr double ageing = 0.9;
  /// Less loss than this never limits: retransmission repairs it.
  static constexpr double harmless = 0.02;
  /// More than this is beyond repair.
  static constexpr double severe = 0.1;
  /// More than this limits whatever its cause.
  static constexpr double intolerable = 0.2;
  /// By how much (in logarithms) one explanation must be likelier than the other to win against its presumption.
  static constexpr double evidence = 2;
  /// What is sent after a limit was found, as a part of what arrived.
  static constexpr double backoff = 0.95;
  static constexpr double growth = 1.08;  ///< of the limit, in a second, once it is doubted
  /// Until a limit is doubted; twice as long each time that it was found again.
  static constexpr Duration shortest_hold = seconds(1);
  static constexpr Duration longest_hold = seconds(16);

  void add(Time sent, std::size_t bytes, bool lost);
  /// After the packets of one feedback message. `estimate`: what all others say now.
  void update(Time now, double estimate);

  /// A probe has got through at this rate: a lower limit is history.
  void set_probed(double bits_per_second) {
    if (limit_ && bits_per_second > *limit_) limit_.reset();
  }

  /// Nothing: loss does not limit.
  std::optional<double> limit() const { return limit_; }
  /// Of the recent packets, 0 to 1.
  double loss() const { return loss_; }

 private:
  struct Observation {
    double sent_rate = 0;
    double arrived_rate = 0;
    double packets = 0;
    double lost = 0;
  };
  /// Everything below `capacity` arrives, but for the share that is always lost.
  double likelihood(double capacity) const;
  double inherent_loss(double capacity) const;
  bool self_inflicted(const Observation& newest) const;
  void close_observation(Time now, double estimate);
  void reduce(Time now, double limit);
  void raise(Time now, double arrived_rate, double estimate);

  std::array<Observation, window> observations_{};
  std::size_t count_ = 0;
  Observation open_;
  std::size_t open_bytes_ = 0;
  std::size_t open_arrived_bytes_ = 0;
  std::optional<Time> open_since_;
  Time open_until_;
  double loss_ = 0;
  std::optional<double> limit_;
  Duration hold_ = shortest_hold;
  Time held_until_{};
  Time raised_at_{};
};

}  // namespace parley::media::bandwidth
