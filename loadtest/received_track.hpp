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
#include "loadtest/viewer.hpp"
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
  enum class Content : std::uint8_t {
    patterns,  ///< one packet in `one_in` is decrypted and looked into, the others are counted by their headers. 1: by a Probe
    clips,     ///< a track is decoded as a whole by a Viewer (1), or all of it is counted (0)
  };
  std::uint32_t one_in = 1;
  Content content = Content::patterns;
};

class ReceivedTrack {
 public:
  /// `section` is what the server sends, with the codecs that were agreed. When it names no SSRC, that comes by learn().
  ReceivedTrack(TrackId track, const sdp::Section& section, Scrutiny scrutiny = {});

  TrackId track() const { return track_; }
  const std::string& mid() const { return mid_; }
  control::Kind kind() const { return kind_; }
  Ssrc ssrc() const { return stats_.ssrc(); }
  std::optional<Ssrc> retransmission_ssrc() const { return retransmission_ssrc_; }
  /// Whether the SSRC of a stream with this payload type is still unknown.
  bool misses(PayloadType type) const;
  /// Takes the SSRC of a stream that the server has not named, if it misses(type).
  bool learn(Ssrc ssrc, PayloadType type);
  /// Sees every packet only with patterns and a Scrutiny of one in one.
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
    Timestamp timestamp = 0;
    bool marker = false;
    std::size_t octets = 0;
    bool repaired = false;
  };
  struct Format {
    PayloadType type;
    std::optional<PayloadType> retransmission;
    rtp::Codec codec = rtp::Codec::other;
  };
  bool choose_format(PayloadType type);
  std::optional<rtp::PacketView> unwrap(const rtp::PacketView& packet, Drops& drops) const;
  void note(Time now, const Arrival& arrival);
  void judge(Time now, const Arrival& arrival, Bytes content);
  void inspect(Time now, const Arrival& arrival, Bytes content);
  void watch(Time now, const Arrival& arrival, const rtp::PacketView& packet);
  void tally(Time now, const Arrival& arrival);
  void measure_delay(Time now, const std::optional<Pattern>& pattern);

  TrackId track_;
  std::string mid_;
  control::Kind kind_;
  std::vector<Format> formats_;
  std::size_t format_ = 0;  ///< of the last packet
  bool ssrc_known_;
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
  std::optional<Viewer> viewer_;
};

}  // namespace parley::loadtest
