#pragma once
// One track on its way in: repairs it as a browser does (NACK and RTX for video, PLI when it is stuck), and measures what comes
// out. Whether its packets are looked into or only counted is up to Scrutiny. A machine.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/probe.hpp"
#include "loadtest/quality.hpp"
#include "loadtest/tally.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/control/types.hpp"
#include "sfu/media/keyframe_requester.hpp"
#include "sfu/media/nack_tracker.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/sdp/session.hpp"

namespace parley::loadtest {

/// How closely a track is looked at.
struct Scrutiny {
  /// One packet in so many is decrypted and looked into, the others are counted by their headers. 1: all, by a Probe.
  std::uint32_t one_in = 1;
};

class ReceivedTrack {
 public:
  /// `section` is the server's offer; it has an SSRC.
  ReceivedTrack(TrackId track, const sdp::Section& section, Scrutiny scrutiny = {});

  TrackId track() const { return track_; }
  const std::string& mid() const { return mid_; }
  control::Kind kind() const { return kind_; }
  Ssrc ssrc() const { return stats_.ssrc(); }
  std::optional<Ssrc> retransmission_ssrc() const { return retransmission_ssrc_; }
  bool has(Ssrc ssrc) const { return ssrc == stats_.ssrc() || ssrc == retransmission_ssrc_; }
  /// Sees every packet only with a Scrutiny of one in one.
  const Probe& probe() const { return probe_; }
  Probe& probe() { return probe_; }
  const Quality& quality() const { return quality_; }

  /// Whether the next packet of this SSRC has to be decrypted. Asked once for each packet, before receive() or count().
  bool needs_content(Ssrc ssrc);
  /// A decrypted packet of one of its two SSRCs, whose datagram had `octets`.
  void receive(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops);
  /// A packet of ssrc() whose payload is still encrypted.
  void count(Time now, const rtp::PacketView& packet, std::size_t octets, Drops& drops);
  void receive(Time now, const rtp::SenderReport& report) { stats_.receive(now, report); }
  /// What is due to be asked for.
  void advance(Time now, media::NackRequest& nack, std::vector<Ssrc>& keyframes);
  Time wakeup() const { return std::min(nacks_.wakeup(), keyframes_.wakeup()); }
  std::optional<rtp::ReportBlock> report(Time now) { return stats_.report(now); }

 private:
  struct Arrival {
    Sequence sequence = 0;
    bool marker = false;
    std::size_t octets = 0;
    bool repaired = false;
  };
  void judge(Time now, const Arrival& arrival, Bytes content);
  void tally(Time now, const Arrival& arrival);
  void measure_delay(Time now, const std::optional<Pattern>& pattern);

  TrackId track_;
  std::string mid_;
  control::Kind kind_;
  PayloadType payload_type_;
  std::optional<PayloadType> retransmission_type_;
  std::optional<Ssrc> retransmission_ssrc_;
  Scrutiny scrutiny_;
  std::uint32_t until_inspection_ = 0;  ///< packets that need not be looked into before one that is
  media::ReceiveStats stats_;
  media::NackTracker nacks_;
  media::KeyframeRequester keyframes_;
  Tally tally_;
  Sequence lowest_ = 0;  ///< of those that were tallied; 0: none
  Sequence highest_ = 0;
  Quality quality_;
  Probe probe_;
};

}  // namespace parley::loadtest
