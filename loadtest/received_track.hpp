#pragma once
// One track on its way in: repairs it as a browser does (NACK and RTX for video, PLI when it is stuck), and lets a Probe judge
// what comes out. A machine.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/probe.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/control/types.hpp"
#include "sfu/media/keyframe_requester.hpp"
#include "sfu/media/nack_tracker.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/sdp/session.hpp"

namespace parley::loadtest {

class ReceivedTrack {
 public:
  /// `section` is the server's offer; it has an SSRC.
  ReceivedTrack(TrackId track, const sdp::Section& section);

  TrackId track() const { return track_; }
  const std::string& mid() const { return mid_; }
  control::Kind kind() const { return kind_; }
  Ssrc ssrc() const { return stats_.ssrc(); }
  bool has(Ssrc ssrc) const { return ssrc == stats_.ssrc() || ssrc == retransmission_ssrc_; }
  const Probe& probe() const { return probe_; }
  Probe& probe() { return probe_; }

  /// A packet of one of its two SSRCs.
  void receive(Time now, const rtp::PacketView& packet, Drops& drops);
  void receive(Time now, const rtp::SenderReport& report) { stats_.receive(now, report); }
  /// What is due to be asked for.
  void advance(Time now, media::NackRequest& nack, std::vector<Ssrc>& keyframes);
  Time wakeup() const;
  std::optional<rtp::ReportBlock> report(Time now) { return stats_.report(now); }

 private:
  void take(Time now, Sequence sequence, const rtp::PacketView& packet, bool repaired);

  TrackId track_;
  std::string mid_;
  control::Kind kind_;
  PayloadType payload_type_;
  std::optional<PayloadType> retransmission_type_;
  std::optional<Ssrc> retransmission_ssrc_;
  media::ReceiveStats stats_;
  media::NackTracker nacks_;
  media::KeyframeRequester keyframes_;
  Probe probe_;
};

}  // namespace parley::loadtest
