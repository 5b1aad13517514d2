#pragma once
// One receiver's share in one publication: decides for each packet whether this receiver gets it (the layer, key frames, mute,
// codecs), and hands what it gets to the OutgoingStream.

#include <optional>
#include <span>
#include <vector>

#include "sfu/control/event.hpp"
#include "sfu/media/layer_selector.hpp"
#include "sfu/room/departures.hpp"
#include "sfu/room/outgoing_stream.hpp"
#include "sfu/room/publication.hpp"
#include "sfu/room/viewing.hpp"

namespace parley::room {

class Subscription {
 public:
  Subscription(Context& context, ParticipantId subscriber, TrackId track)
      : context_(context), subscriber_(subscriber), track_(track) {
    choose(everything_of({}));
  }

  TrackId track() const { return track_; }
  ParticipantId subscriber() const { return subscriber_; }
  Publication* publication() const { return publication_; }
  /// Room::link and Room::unlink alone call this.
  void set_publication(Publication* publication) { publication_ = publication; }

  /// Negotiated: from now on it sends on this stream, through `departures`, to that wire. Repeated after each renegotiation.
  /// Tells the front when the receiver lacks the publication's codec.
  void bind(Time now, OutgoingStream& stream, Departures& departures, transport::Wire& wire, const sdp::SendSection& section,
            Output& out);
  void unbind();
  bool bound() const { return stream_ != nullptr; }

  /// What this receiver is to get: as much of it as is being sent. Nothing: it is paused. Until this is called, the lowest
  /// encoding.
  void choose(std::optional<media::Quality> quality);
  /// What it gets now.
  const std::optional<media::Quality>& current() const { return selector_.current(); }

  void set_view(const media::View& view);
  /// What could be sent, and how it is looked at. `offered` keeps the qualities.
  media::Demand demand(Time now, media::OfferedQualities& offered);
  /// What it gets of the connection, whose estimate is in bits per second. Tells the front what has changed.
  void grant(Time now, const media::Grant& grant, std::span<const media::OfferedQuality> offered, std::uint64_t estimate,
             Output& out);
  /// The highest encoding of which this receiver can make use now. Nothing: none at all.
  std::optional<media::Layer> wanted_encoding() const { return wanted_encoding_; }
  /// Sends a packet that the receiver has already, or padding, to see what the network carries. False: it takes none.
  bool send_probe(Time now, Output& out);

  /// forward() will be called soon: in two steps, the second when the first has had time.
  void expect() const { prefetch(this, front); }
  void expect_forward() const {
    if (!stream_) return;
    stream_->expect();
    departures_->expect();
    prefetch(wire_, front);
  }
  void forward(Time now, media::Layer layer, const media::MediaPacket& packet, Output& out);
  /// Sends what forward(), skip() and retransmit() have put among the departures.
  void depart(Time now, const Departure& departure, Output& out);
  /// A packet that only occupies a sequence number of the publisher's.
  void skip(Time now, media::Layer layer, const media::MediaPacket& packet, Output& out);
  /// The encoding goes on under another SSRC, or was interrupted: begin again at a key frame.
  void restart() { selector_.restart(); }
  /// A sender report has come for the encoding.
  void update_clock(media::Layer layer, const media::SenderClock& clock);

  /// The receiver asks for packets again, or for a key frame.
  void retransmit(Time now, const std::vector<std::uint16_t>& sequences, Output& out);
  void request_keyframe(Time now);

  /// Tells the front, once for each change.
  void become(control::SubscriptionState state, std::string reason, std::string message, Output& out);

 private:
  /// Bytes at the beginning of an object that hold what each packet needs.
  static constexpr std::size_t front = 192;

  static constexpr media::Quality everything_of(media::Layer encoding) {
    return {encoding, media::Quality::highest_layer, media::Quality::highest_layer};
  }

  static constexpr media::Layer highest_encoding{media::LayerActivity::maximum_layers - 1};

  struct Mapping {
    PayloadType published;
    OutgoingPayload outgoing;
  };
  void map_payloads(const sdp::SendSection& section);
  std::optional<PayloadType> rtx_type() const;
  const OutgoingPayload* find_payload(PayloadType published) const {
    return usual_ && usual_->published == published ? &usual_->outgoing : find_unusual_payload(published);
  }
  const OutgoingPayload* find_unusual_payload(PayloadType published) const;
  /// Shows somebody who has just come the newest picture that is there, instead of asking for another. False: there is none.
  bool begin_from_cache(Time now, Output& out);
  const media::MediaPacket* cached_keyframe(Time now) const;
  void start(Time now, media::Layer layer, const media::MediaPacket& first, const media::LayerSelector::Decision& decision,
             Output& out);
  /// The first packet of a key frame was lost and has come by retransmission: what had to be left out for want of it follows.
  void catch_up(Time now, media::Layer layer, const media::MediaPacket& first, Output& out);
  bool forwards(media::Layer encoding) const { return selector_.current() && selector_.current()->encoding == encoding; }
  /// While the chosen encoding is silent, another one stands in for it.
  void follow_activity(Time now);
  /// A packet that does not fit ends the picture: nothing more gets a number until a key frame, so that the receiver misses
  /// nothing and does not ask in vain. Sound always fits.
  void push(Time now, const media::MediaPacket& packet, const media::LayerSelector::Decision& decision, Outbox& out);
  /// Of the current encoding, and not for this receiver.
  void leave_out(Time now, const media::MediaPacket& packet, Outbox& out);
  /// A departure without its record; or null, and that is counted.
  Departure* push(Time now, Departure::Kind kind, const media::MediaPacket& packet, Outbox& out);
  control::Picture picture(Time now, std::span<const media::OfferedQuality> offered);
  std::optional<media::Layer> useful_encoding() const;
  /// Why nothing better than this encoding is offered.
  media::Limit missing(media::Layer best) const;
  /// The network carries so much less than the current encoding needs that its pieces only hold up the smaller one to come.
  bool stands_in_the_way(std::span<const media::OfferedQuality> offered, std::uint64_t estimate) const;
  /// Sends nothing more of the current encoding, nor of it again: the queue drains until the key frame of the next one is there.
  void abandon(Output& out);
  void retransmit(Time now, std::uint16_t sequence, Output& out);
  void refuse_codec(const std::string& codec, Output& out);

  // What each packet needs comes first, in three lines of the processor's cache.
  Context& context_;
  Publication* publication_ = nullptr;
  OutgoingStream* stream_ = nullptr;
  Departures* departures_ = nullptr;
  transport::Wire* wire_ = nullptr;
  std::optional<Mapping> usual_;  ///< of the codec that the publisher prefers, once more
  std::optional<media::Quality> chosen_;
  bool substitute_ = false;
  media::LayerSelector selector_;

  ParticipantId subscriber_;
  TrackId track_;
  std::vector<Mapping> mappings_;
  media::Layer started_;  ///< the encoding that was begun last
  Viewing viewing_;
  std::optional<media::Layer> wanted_encoding_ = highest_encoding;
  std::optional<control::SubscriptionState> told_;
  std::string told_reason_;
};

}  // namespace parley::room
