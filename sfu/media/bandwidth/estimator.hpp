#pragma once
// How much the way to one receiver carries: Google congestion control (draft-ietf-rmcat-gcc-02, and what libwebrtc made of it),
// as a machine for each connection. Each box is a file beside this one.
//
//   sent() ──▶ sent_packets ◀── receive(feedback)
//                   │ results
//      ┌────────────┼──────────────────┬───────────────────┐
//      ▼            ▼                  ▼                   ▼
//   packet_groups   acknowledged_rate  probe_results       loss_control
//      ▼            │                  ▲                   │
//   trendline, standing_queue          │ prober            │
//      ▼            ▼                  │ (application_limit)
//   overuse_detector ──▶ rate_control ─┴──▶ min ◀──────────┴── REMB
//                                            ▼
//                                        estimate()
//
// Without transport-wide feedback, receiver reports and REMB decide. What is left out: ECN, and the congestion window that
// libwebrtc can add.

#include <cstdint>
#include <optional>

#include "sfu/base/time.hpp"
#include "sfu/media/bandwidth/acknowledged_rate.hpp"
#include "sfu/media/bandwidth/application_limit.hpp"
#include "sfu/media/bandwidth/loss_control.hpp"
#include "sfu/media/bandwidth/overuse_detector.hpp"
#include "sfu/media/bandwidth/packet_groups.hpp"
#include "sfu/media/bandwidth/probe_results.hpp"
#include "sfu/media/bandwidth/prober.hpp"
#include "sfu/media/bandwidth/rate_control.hpp"
#include "sfu/media/bandwidth/report_control.hpp"
#include "sfu/media/bandwidth/sent_packets.hpp"
#include "sfu/media/bandwidth/standing_queue.hpp"
#include "sfu/media/bandwidth/trendline.hpp"

namespace parley::media::bandwidth {

class Estimator {
 public:
  /// Bits per second.
  struct Settings {
    std::uint64_t start = 300'000;
    std::uint64_t minimum = 30'000;
    std::uint64_t maximum = 50'000'000;
  };
  /// A key frame leaves so much faster than the estimate. libwebrtc's 2.5 is for senders whose queue grows otherwise; ours is
  /// fed with what the estimate carries, and a short queue on the way must not overflow.
  static constexpr double pacing_factor = 1.1;
  /// When packets are on the way and the receiver says nothing for so long, feedback or path are broken: the estimate falls by
  /// `silence_backoff` now and each `silence_step` from then on.
  static constexpr Duration silence = seconds(2);
  static constexpr Duration silence_step = seconds(1);
  static constexpr double silence_backoff = 0.8;
  /// While the application sends less than the estimate, a queue of fewer milliseconds is one of its bursts (the key frame of a
  /// new layer) and drains by itself.
  static constexpr double burst_tolerance = 80;
  /// A pause in the traffic after which old delays say nothing about the queue.
  static constexpr Duration stream_timeout = seconds(2);

  explicit Estimator(const Settings& settings);

  /// Bytes at its beginning that sent() needs, and expect_sent() does not fetch.
  static constexpr std::size_t front = 256;
  /// sent() will be called soon.
  void expect_sent() const { packets_.expect_add(); }
  /// A datagram with media leaves on this connection. Its transport-wide sequence number. `bytes`: as many of it as are known,
  /// the headers included; `probe`: it belongs to what take_probe() asked for.
  std::uint16_t sent(Time now, std::size_t bytes, std::optional<ProbeId> probe = {});

  void receive(Time now, const rtp::TransportFeedback& feedback);
  void receive_remb(Time now, std::uint64_t bits_per_second);
  /// From a receiver report: the part of the packets that was lost since the report before, 0 to 1.
  void receive_report(Time now, double loss, std::optional<Duration> round_trip);

  /// What could be used at most now: everything that the receiver wants to see, in its best quality. The estimate does not grow
  /// much beyond it; as long as nothing is said, it grows without asking.
  void set_wanted(std::uint64_t bits_per_second);

  std::uint64_t estimate() const { return static_cast<std::uint64_t>(estimate_); }
  std::uint64_t pacing_rate() const { return static_cast<std::uint64_t>(pacing_factor * estimate_); }

  /// A probe that is to be sent now, at its rate; null most of the time.
  std::optional<Probe> take_probe(Time now);

  void advance(Time now);
  /// For advance() and take_probe().
  Time wakeup() const;

  /// Nothing while no feedback has come.
  std::optional<Duration> round_trip() const { return round_trip_; }
  Usage usage() const { return detector_.usage(); }
  double trend() const { return trendline_.modified_trend(); }  ///< milliseconds, to be compared with threshold()
  double threshold() const { return detector_.threshold(); }
  double loss() const { return feedback_at_ ? loss_.loss() : reports_.loss(); }
  std::optional<double> loss_limit() const { return loss_.limit(); }
  std::optional<std::uint64_t> acknowledged_rate() const { return acknowledged_.rate(); }
  double delay_based_rate() const { return rate_.rate(); }
  bool application_limited() const { return application_.limited(); }

 private:
  void take(const PacketResult& result);
  void add_delay(const PacketResult& result);
  void update_rate(Time now);
  Usage significant_usage() const;
  /// Bits per second that get through, as far as the usage makes it known.
  std::optional<double> arriving(Usage usage) const;
  void combine(Time now);
  PathView path_view() const;
  bool short_of_wanted() const { return estimate_ < Prober::enough * wanted_; }

  // What each packet that leaves needs comes first, in two or three lines of the processor's cache.
  Time silence_at_ = never;
  SentPackets packets_;
  ApplicationLimit application_;

  Settings settings_;
  double estimate_;
  double wanted_ = 0;
  std::optional<double> remb_;
  std::optional<Duration> round_trip_;
  std::optional<Time> feedback_at_;
  std::optional<double> probed_;
  bool lost_ = false;  ///< something, since the rate was looked at

  PacketGroups groups_;
  Trendline trendline_;
  StandingQueue standing_queue_;
  OveruseDetector detector_;
  AcknowledgedRate acknowledged_;
  RateControl rate_;
  LossControl loss_;
  ReportControl reports_;
  Prober prober_;
  ProbeResults probe_results_;
};

}  // namespace parley::media::bandwidth
