#pragma once
// One track of a participant's, as the worker receives it: takes each packet of its SSRCs through statistics, repair and the
// cache, and knows which subscriptions it is to be forwarded to. It owns the payload bytes; subscriptions refer to them.

#include <optional>
#include <string>
#include <vector>

#include "sfu/control/types.hpp"
#include "sfu/media/allocation.hpp"
#include "sfu/media/layer_activity.hpp"
#include "sfu/media/layer_meter.hpp"
#include "sfu/media/media_packet.hpp"
#include "sfu/room/context.hpp"
#include "sfu/room/encoding.hpp"
#include "sfu/room/wanted_encodings.hpp"
#include "sfu/sdp/negotiate.hpp"

namespace parley::room {

class Subscription;

class Publication {
 public:
  /// A packet that has been accepted. Without a payload it only occupies a sequence number, which is to be squeezed out.
  struct Accepted {
    const media::MediaPacket* packet = nullptr;  ///< in the cache
    media::Layer layer;
    std::optional<media::MediaPacket> padding;  ///< set instead of `packet` for a padding-only packet
    bool first = false;                         ///< the track's first media packet
    bool new_source = false;                    ///< the encoding goes on under another SSRC
  };

  Publication(TrackId track, ParticipantId publisher, const sdp::ReceiveSection& section);

  TrackId track() const { return track_; }
  ParticipantId publisher() const { return publisher_; }
  control::Kind kind() const { return section_.kind == sdp::Kind::audio ? control::Kind::audio : control::Kind::video; }
  const std::string& mid() const { return section_.mid; }
  const std::vector<sdp::Codec>& codecs() const { return section_.codecs; }
  control::PublishedTrack describe() const;
  /// Empty: not a media payload type of this track's.
  std::string codec_name(PayloadType type) const;
  /// The section after a renegotiation.
  void update(const sdp::ReceiveSection& section) { section_ = section; }

  bool muted() const { return muted_; }
  void mute(bool muted);
  /// Not forwarded to anybody: its publisher is not among the last N, or not among the loudest. The Room alone says so.
  bool permitted() const { return permitted_; }
  void permit(bool permitted) { permitted_ = permitted; }
  /// A shared screen: see control::TrackRequest.
  bool screen() const { return screen_; }
  void set_screen(bool screen) { screen_ = screen; }

  std::optional<Accepted> receive_media(Time now, std::uint32_t encoding, const rtp::PacketView& packet,
                                        const rtp::ExtensionIds& ids, Drops& drops);
  std::optional<Accepted> receive_repair(Time now, std::uint32_t encoding, const rtp::PacketView& packet,
                                         const rtp::ExtensionIds& ids, Drops& drops);

  void request_keyframe(Time now, media::Layer layer);
  /// See media::LayerActivity.
  std::optional<media::Layer> nearest_active(Time now, media::Layer wanted) const {
    return activity_.nearest_active(now, wanted);
  }
  /// What is being sent, ascending: see media::LayerMeter. Empty for sound, and while nothing is sent.
  media::OfferedQualities offered(Time now) const { return meter_.offered(now); }
  /// The lowest encoding that is as large as this view, sent now or not; the highest while sizes are unknown.
  media::Layer encoding_for(const media::View& view) const;
  /// The highest that the publisher was asked to send.
  std::optional<media::Layer> wanted_encoding() const { return wanted_.highest(); }
  /// Tells the publisher which encodings somebody watches.
  void advance(Time now, Output& out);
  /// The encoding that is received under this SSRC. Null: none any more.
  const Source* source(Ssrc ssrc) const;
  const Source* source(media::Layer layer) const;
  std::vector<Encoding>& encodings() { return encodings_; }
  Time wakeup() const;

  /// Who gets it. Room::link and Room::unlink alone change the list.
  std::vector<Subscription*>& subscriptions() { return subscriptions_; }

 private:
  std::optional<Accepted> accept(Time now, std::uint32_t encoding, const rtp::PacketView& packet, const rtp::ExtensionIds& ids,
                                 const media::ReceiveStats::Arrival& arrival, Drops& drops);
  /// The layers of a video packet, and its dependency descriptor; false when they cannot be read, and that is counted.
  bool read_layers(Time now, const Accepted& accepted, const rtp::PacketView& packet, const rtp::ExtensionIds& ids,
                   media::MediaPacket& media, Bytes& descriptor, Drops& drops);
  const sdp::Codec* codec_of(PayloadType type) const;

  TrackId track_;
  ParticipantId publisher_;
  sdp::ReceiveSection section_;
  std::vector<Encoding> encodings_;
  media::LayerActivity activity_;
  media::LayerMeter meter_;
  WantedEncodings wanted_;
  Time next_wanted_ = Time::min();
  std::vector<Subscription*> subscriptions_;
  bool muted_ = false;
  bool permitted_ = true;
  bool screen_ = false;
  bool started_ = false;
};

}  // namespace parley::room
