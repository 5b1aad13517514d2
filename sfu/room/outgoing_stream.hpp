#pragma once
// One stream to one receiver: an SSRC with its retransmission SSRC, whose sequence numbers and timestamps go on without a break
// whatever is sent on it. Translates, records and sends; what to send is decided by the Subscription.

#include <optional>
#include <string>
#include <vector>

#include "sfu/base/prefetch.hpp"
#include "sfu/media/packet_cache.hpp"
#include "sfu/media/rewriter.hpp"
#include "sfu/media/sender_stats.hpp"
#include "sfu/media/sent_history.hpp"
#include "sfu/room/context.hpp"
#include "sfu/room/downlink.hpp"
#include "sfu/room/repair_stream.hpp"
#include "sfu/sdp/negotiate.hpp"
#include "sfu/transport/wire.hpp"

namespace parley::room {

/// What a publisher's payload type becomes for one receiver.
struct OutgoingPayload {
  PayloadType type;
  std::optional<PayloadType> rtx;
  /// For RED: the receiver's payload type of the codec inside, and whether the receiver takes RED at all.
  bool strip_red = false;
  PayloadType red_block;
  /// For Opus: the receiver prefers RED of this type, made here.
  std::optional<PayloadType> red{};
};

class OutgoingStream {
 public:
  /// `downlink` numbers the packets; it outlives the stream.
  OutgoingStream(const sdp::SendSection& section, std::uint32_t clock_rate, Downlink& downlink, Random& random);

  Ssrc ssrc() const { return stats_.ssrc(); }
  std::optional<Ssrc> rtx_ssrc() const { return rtx_ ? std::optional(rtx_->stats.ssrc()) : std::nullopt; }
  /// Whether repair packets are being sent: more than the media alone.
  bool repairs() const { return repairs_ && repairs_->active(); }
  /// How many repair packets were sent since the last call.
  std::size_t take_repairs_sent() { return repairs_ ? repairs_->take_sent() : 0; }
  std::uint32_t clock_rate() const { return rewriter_.clock_rate(); }
  /// The receiver's mid and header extension ids.
  void update(const sdp::SendSection& section);

  /// `packet` is the first one from its source: the numbers of what follows join on to what was sent.
  void start(Time now, const media::MediaPacket& packet, const std::optional<media::SenderClock>& clock);
  Time newest_time() const { return rewriter_.newest_time(); }
  bool is_past(const media::MediaPacket& packet, const std::optional<media::SenderClock>& clock) const {
    return rewriter_.is_past(packet, clock);
  }
  void update_clock(const media::SenderClock& clock) { rewriter_.update_clock(clock); }
  /// translate() will be called soon.
  void expect() const { prefetch(&extensions_, 192); }
  /// The numbers under which a packet is to be sent. False: it is too old to be placed.
  bool translate(Time now, const media::MediaPacket& packet, media::SentRecord& record);
  /// Leaves a packet of the current source out. A number that was left free for it has to be filled with send_padding().
  std::optional<media::SentRecord> skip(const media::MediaPacket& packet);

  /// Sends a cached packet. False: it could not be built, and the reason is counted.
  bool send(Time now, const media::SentRecord& record, const media::MediaPacket& packet, const OutgoingPayload& payload,
            transport::Wire& wire, Outbox& out);
  /// The same as RED, with `previous`, the packet before it (or null), once more.
  void send_redundant(Time now, const media::SentRecord& record, const media::MediaPacket& packet,
                      const media::MediaPacket* previous, const OutgoingPayload& payload, transport::Wire& wire, Outbox& out);
  /// Sends an empty packet.
  void send_padding(Time now, const media::SentRecord& record, const OutgoingPayload& payload, transport::Wire& wire,
                    Outbox& out);

  /// Sends as much padding as fits, on the retransmission SSRC (RFC 4588), which the decoder never sees. `newest` was sent last.
  /// False: there is no such SSRC, or no type for it.
  bool send_probe_padding(Time now, const media::SentRecord& newest, std::optional<PayloadType> type, transport::Wire& wire,
                          Outbox& out);

  /// What was sent until now is not to be sent again.
  void forget_sent() { history_.forget(); }
  /// The record of a packet that the receiver has lost, or why it is not sent again.
  std::variant<media::SentRecord, DropReason> lost(Time now, std::uint16_t sequence);
  /// Sends it again, as RFC 4588 says. False: without a retransmission payload type there is nothing that could be sent.
  bool retransmit(Time now, const media::SentRecord& record, const media::MediaPacket& packet, const OutgoingPayload& payload,
                  transport::Wire& wire, Outbox& out);

  /// Bits per second of datagrams with media, over the last second or more.
  std::uint64_t measure_rate(Time now);

  /// The newest packet that was sent, for a probe to send again. Nothing: none, or it could not be sent again.
  std::optional<media::SentRecord> newest() const;

  /// What the receiver reports of our media SSRC: measures the round trip, and switches FlexFEC by the loss.
  void receive(Time now, const rtp::ReportBlock& block);
  /// SR and SDES, once a sender's clock is known.
  void report(Time now, const std::string& cname, transport::Wire& wire, Outbox& out);

 private:
  struct Retransmission {
    media::SenderStats stats;
    Sequence next;
  };
  bool send_red(Time now, const media::SentRecord& record, const media::MediaPacket& packet, const OutgoingPayload& payload,
                transport::Wire& wire, Outbox& out);
  /// With a payload of two parts.
  void send(Time now, const media::SentRecord& record, const media::MediaPacket& packet, PayloadType type, Bytes prefix,
            Bytes rest, transport::Wire& wire, Outbox& out);
  /// Nothing: it is no RED.
  static std::optional<rtp::PayloadEdit> edit_red(const media::MediaPacket& packet, const OutgoingPayload& payload);
  /// Header and prefix into `buffer`; their size.
  std::size_t write(Time now, const rtp::Header& header, const media::MediaPacket& packet, const media::Rewritten& numbers,
                    Bytes prefix, Bytes rest, MutableBytes buffer);
  /// The element in which a packet with so much payload carries its transport-wide number.
  std::array<std::uint8_t, 2> number(Time now, std::size_t payload);
  bool shows_mid(Sequence sequence) const;

  // What each packet needs lies together, in few lines of the processor's cache: from the end of repairs_ to the front of stats_.
  std::string mid_;
  std::optional<Retransmission> rtx_;
  std::optional<RepairStream> repairs_;
  rtp::ExtensionIds extensions_;
  Downlink& downlink_;
  media::SentHistory history_;  ///< of a stream whose packets can be sent again
  std::optional<Sequence> first_sequence_;
  media::Rewriter rewriter_;
  media::SenderStats stats_;
  Time rate_measured_{};
  std::uint64_t octets_measured_ = 0;
  std::uint64_t rate_ = 0;
  Duration round_trip_ = milliseconds(50);  ///< until the first answer to a sender report
};

}  // namespace parley::room
