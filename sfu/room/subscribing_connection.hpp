#pragma once
// The connection on which a participant receives: its transport, its sections with one outgoing stream each, its subscriptions,
// and the conversation of offers and answers that brings them together. For a page the worker offers; for WHEP the client
// has offered once, and its sections are filled as tracks come and go.

#include <memory>
#include <optional>
#include <vector>

#include "sfu/control/command.hpp"
#include "sfu/room/departures.hpp"
#include "sfu/room/outgoing_stream.hpp"
#include "sfu/room/sharing.hpp"
#include "sfu/room/subscription.hpp"
#include "sfu/rtp/rtcp/compound.hpp"
#include "sfu/transport/transport.hpp"

namespace parley::room {

class SubscribingConnection {
 public:
  SubscribingConnection(Context& context, ParticipantId subscriber, transport::IceCredentials local);

  transport::Transport& transport() { return transport_; }
  const transport::Transport& transport() const { return transport_; }

  /// The new subscription waits for a section: it is in the next offer, or takes a free one. It must be linked at once.
  Subscription& add(TrackId track);
  /// After link: finds it a section. `cname` is the publisher's.
  void place(Time now, Subscription& subscription, const std::string& cname, Output& out);
  /// Frees the section. The subscription must have been unlinked.
  std::unique_ptr<Subscription> remove(Time now, TrackId track, Output& out);
  Subscription* find(TrackId track);
  const std::vector<std::unique_ptr<Subscription>>& subscriptions() const { return subscriptions_; }

  /// Refused "stale_answer" when it does not answer the newest offer.
  Result<std::monostate> accept_answer(Time now, const control::AcceptAnswer& command, Output& out);
  /// WHEP: the client's one offer. Only for a connection that has offered nothing.
  Result<control::Playing> play(const control::Play& command);
  /// The next offer carries new ICE credentials.
  void restart_ice();
  /// WHEP: new credentials on both sides, without a new offer.
  transport::IceCredentials restart_ice(transport::IceCredentials remote);

  /// False: there is no subscription to this track.
  bool set_view(Time now, TrackId track, const media::View& view);
  /// True: a publisher has been asked for a key frame.
  bool receive_rtcp(Time now, Bytes packet, Output& out);
  /// Offers what has changed, unless an answer is still awaited.
  void offer_if_due(Output& out);
  void advance(Time now, Output& out);
  Time wakeup() const;

 private:
  struct Section {
    sdp::SendSection description;
    std::unique_ptr<OutgoingStream> stream;
    std::optional<TrackId> track;
    std::string cname;
  };
  Section* free_section(const Publication& publication);
  Section& append_section(const Publication& publication);
  void occupy(Section& section, const Publication& publication);
  void take_reserved_section(Time now, Subscription& subscription, Output& out);
  void fill_freed_section(Time now, Output& out);
  void start(Time now, Section& section, const sdp::SendSection& accepted, Output& out);
  Section* section_of(TrackId track);
  /// For the pacer.
  void count_streams();
  bool receive(Time now, const rtp::RtcpMessage& message, Output& out);
  Subscription* subscription_to(Ssrc ssrc);
  void request_keyframe(Time now, Ssrc ssrc, Output& out);
  void report(Time now, Output& out);
  void send_probe(Time now, Output& out);

  // Each packet needs the front of these; they begin where a line of the processor's cache does.
  alignas(cache_line) transport::Transport transport_;
  alignas(cache_line) Downlink downlink_;
  alignas(cache_line) Departures departures_;
  Context& context_;
  ParticipantId subscriber_;
  Sharing sharing_;
  std::vector<std::unique_ptr<Section>> sections_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
  bool client_offers_ = false;
  bool changed_ = false;
  std::uint32_t revision_ = 0;
  /// What the unanswered offer said; empty when there is none.
  std::optional<std::vector<sdp::SendSection>> offered_;
  Time next_report_ = never;
};

}  // namespace parley::room
