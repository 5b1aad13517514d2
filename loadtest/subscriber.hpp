#pragma once
// The receiving half of a Peer: the receiving connection, which the server offers, with the tracks that come over it and the RTCP
// that belongs to them. A machine.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loadtest/connection.hpp"
#include "loadtest/negotiation.hpp"
#include "loadtest/received_track.hpp"
#include "sfu/media/twcc.hpp"
#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/rtcp/compound.hpp"
#include "sfu/transport/ssrc_table.hpp"

namespace parley::loadtest {

class Subscriber {
 public:
  static constexpr Duration report_interval = seconds(1);

  Subscriber(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports, Random random,
             Scrutiny scrutiny = {});
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  /// Answers an offer; `tracks` says which section (by MID) carries which track. Again with the same offer: the same answer.
  Result<sdp::Session> answer(Time now, const sdp::Session& offer, const std::map<std::string, TrackId>& tracks);

  /// The other way round, for servers that are asked (WHEP): what we want to receive, and what comes of it.
  sdp::Session make_play_offer(const std::vector<sdp::Kind>& kinds);
  Result<RemoteEnd> accept(Time now, const sdp::Session& answer);

  void receive(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  void advance(Time now, Outbox& out);
  Time wakeup() const;

  Connection& connection() { return connection_; }
  const Connection& connection() const { return connection_; }
  /// By MID; those of sections that are active now.
  std::map<std::string, ReceivedTrack>& tracks() { return tracks_; }
  const std::map<std::string, ReceivedTrack>& tracks() const { return tracks_; }
  /// The sum over all tracks there were; one that stands still at `now` stands.
  void add_quality(Time now, Quality& sum) const;

 private:
  void update_track(const sdp::Section& section, TrackId track);
  void forget(std::map<std::string, ReceivedTrack>::iterator track);
  void index_tracks();
  ReceivedTrack* find(Ssrc ssrc);
  ReceivedTrack* learn(const rtp::PacketView& packet);
  Scrutiny scrutiny_of_next_track();
  void receive_rtp(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  void receive_rtcp(Time now, Bytes datagram, Outbox& out);
  void send_requests(Time now, Outbox& out);
  void send_reports(Time now, Outbox& out);
  void send_transport_feedback(Time now, Outbox& out);
  template <typename Message>
  void send(const Message& message, Outbox& out);

  const transport::Certificate* certificate_;
  Connection connection_;
  Ssrc own_ssrc_;
  Scrutiny scrutiny_;
  std::uint32_t next_track_;  ///< counts them, so that one in so many is watched
  std::map<std::string, ReceivedTrack> tracks_;
  transport::SsrcTable<ReceivedTrack*> by_ssrc_;
  Time tracks_wakeup_ = never;    ///< of no track is it earlier
  Quality past_;                  ///< of tracks that are gone
  rtp::ExtensionIds extensions_;  ///< one connection, one numbering
  media::TransportFeedbackGenerator feedback_;
  std::uint64_t version_ = 0;
  Time next_report_ = never;
};

}  // namespace parley::loadtest
