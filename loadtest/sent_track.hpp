#pragma once
// One track on its way out: a Source, and for each of its layers an RTP stream with its retransmission stream (RFC 4588), sender
// reports and header extensions, in the way in which Chromium sends them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtest/connection.hpp"
#include "loadtest/source.hpp"
#include "sfu/base/counters.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/base/random.hpp"
#include "sfu/media/receive_stats.hpp"
#include "sfu/media/sender_stats.hpp"
#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/rtcp/sdes.hpp"
#include "sfu/rtp/rtcp/sender_report.hpp"
#include "sfu/sdp/session.hpp"

namespace parley::loadtest {

enum class SendCount : std::uint8_t {
  packets,
  retransmissions,
  nacked,              ///< sequence numbers asked for
  nacked_in_vain,      ///< of those, too old
  keyframe_requests,   ///< PLI and FIR
  reports,             ///< report blocks about our streams
  transport_feedback,  ///< arrivals told by transport-cc
  count_
};

/// What all tracks of one connection have in common.
struct SendContext {
  Connection& connection;
  std::uint16_t transport_sequence = 0;
  Counters<SendCount> counters;
};

class SentTrack {
 public:
  SentTrack(std::string mid, SourceSettings settings, Random& random);

  const std::string& mid() const { return mid_; }
  Source& source() { return source_; }
  const Source& source() const { return source_; }
  /// What the audio level extension of each packet says from now on: at first it is speech.
  void set_audio_level(const rtp::AudioLevel& level);
  /// For the a=ssrc lines of an offer.
  std::vector<sdp::SignalledStream> streams(const std::string& cname) const;
  /// The server's answer for this section: payload types and extension ids. A section that it rejected sends nothing.
  void negotiated(const sdp::Section& answer);

  /// Sends the frames that are due.
  void advance(Time now, SendContext& context, Outbox& out);
  Time wakeup() const { return active_ ? source_.wakeup() : never; }

  /// True when `ssrc` is one of ours.
  bool has(Ssrc ssrc) const;
  void retransmit(Time now, Ssrc ssrc, const std::vector<std::uint16_t>& sequences, SendContext& context, Outbox& out);
  /// The server has heard of this SSRC, so MID and RID are left out from now on (RFC 9143 section 10.1).
  void acknowledge(Ssrc ssrc);
  void report(Time now, std::vector<rtp::SenderReport>& out);

 private:
  struct Packet {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    bool marker = false;
    Payload payload;
  };
  struct Stream {
    Ssrc ssrc;
    std::uint16_t sequence = 0;
    bool acknowledged = false;
    media::SenderStats stats;
  };
  struct Encoding {
    std::string rid;
    Stream media;
    Stream retransmission;
    std::vector<Packet> history;  ///< by sequence number modulo history_size; empty for sound, which nobody asks for again
  };
  /// Two seconds of 1 Mb/s: longer than anybody asks for a packet, and little enough for a thousand publishers in one process.
  static constexpr std::size_t history_size = 256;

  void send_frame(Time now, Frame& frame, SendContext& context, Outbox& out);
  void send_packet(Time now, Encoding& encoding, Stream& stream, PayloadType type, const Packet& packet, Bytes prefix,
                   SendContext& context, Outbox& out);
  static Stream make_stream(Random& random);

  /// Somebody who talks (RFC 6464): voice, -30 dBov.
  static constexpr std::uint8_t talking = 0x80 | 30;
  std::uint8_t audio_level_ = talking;

  std::string mid_;
  Source source_;
  std::uint32_t timestamp_offset_;
  std::vector<Encoding> encodings_;
  rtp::ExtensionIds extensions_;
  PayloadType payload_type_;
  std::optional<PayloadType> retransmission_type_;
  bool active_ = false;
  std::optional<media::SenderClock> clock_;
};

}  // namespace parley::loadtest
