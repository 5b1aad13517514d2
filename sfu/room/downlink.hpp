#pragma once
// The way to one receiver: numbers what is sent on it, hears what arrived, and so knows how much it carries. When it might carry
// more, it says what is to be sent to find out. What the capacity is used for is decided in sharing.hpp.

#include <cstdint>
#include <optional>

#include "sfu/base/prefetch.hpp"
#include "sfu/media/bandwidth/estimator.hpp"
#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::room {

class Downlink {
 public:
  /// A first guess that shows a small picture at once and that nearly every network bears; the probes that follow correct it
  /// within a second.
  static constexpr std::uint64_t first_estimate = 600'000;
  /// What a datagram has around a payload: IP, UDP, RTP with extensions, the authentication tag.
  static constexpr std::size_t packet_overhead = 72;
  /// In the first moments, when to let a key frame wait for a guess would cost more than it saves.
  static constexpr std::uint64_t first_pacing_rate = 5'000'000;
  /// Padding of a probe leaves at most so often, several packets at a time if need be.
  static constexpr Duration probe_step = milliseconds(1);

  /// sent() will be called soon.
  void expect_sent() const {
    prefetch(this, sizeof probe_ + media::bandwidth::Estimator::front);
    estimator_.expect_sent();
  }
  /// A packet leaves with so many bytes of payload: the transport-wide sequence number that it carries.
  std::uint16_t sent(Time now, std::size_t payload);

  void receive(Time now, const rtp::TransportFeedback& feedback);
  void receive(Time now, const rtp::Remb& remb);
  /// Of a media stream: the share of packets that were lost, and the round trip if it is known.
  void receive_report(Time now, double loss, std::optional<Duration> round_trip);

  /// Bits per second that could be made use of; no probing beyond them.
  void set_wanted(std::uint64_t bits_per_second) { estimator_.set_wanted(bits_per_second); }
  std::uint64_t estimate() const { return estimator_.estimate(); }
  /// Bits per second at which what waits is to leave. `beginning`: the estimate is still a guess.
  std::uint64_t pacing_rate(bool beginning) const;
  /// The receiver has said something, so that the estimate is more than a guess.
  bool heard() const { return heard_; }

  void advance(Time now);
  Time wakeup() const;
  /// A padding packet is due: send one, by sent().
  bool probe_due(Time now) const;
  /// There is nothing that could be sent as padding.
  void end_probe() { probe_.reset(); }

 private:
  struct RunningProbe {
    media::bandwidth::Probe probe;
    Time started;
    std::size_t sent = 0;
    std::size_t packets = 0;
    Time next;
  };
  Duration duration_of(std::size_t bytes) const;

  bool heard_ = false;
  std::optional<RunningProbe> probe_;
  media::bandwidth::Estimator estimator_{{.start = first_estimate}};
};

}  // namespace parley::room
