#pragma once
// The connection on which a participant publishes: its transport, the demultiplexing of what arrives, its publications, and all
// RTCP towards the publisher (reports, NACK, PLI, transport-wide feedback).

#include <map>
#include <memory>
#include <vector>

#include "sfu/control/command.hpp"
#include "sfu/media/twcc.hpp"
#include "sfu/room/demultiplexer.hpp"
#include "sfu/room/publication.hpp"
#include "sfu/transport/transport.hpp"

namespace parley::room {

class PublishingConnection {
 public:
  PublishingConnection(Context& context, ParticipantId publisher, transport::IceCredentials local);

  transport::Transport& transport() { return transport_; }
  const transport::Transport& transport() const { return transport_; }

  struct Negotiated {
    control::Published published;
    /// Publications that the offer has ended; they have left this connection and wait to be unlinked.
    std::vector<std::unique_ptr<Publication>> ended;
  };
  /// The first offer or a later one. A refused offer changes nothing.
  Result<Negotiated> negotiate(const control::Publish& command);
  /// RFC 9725 section 4.3.2: new credentials without a new offer.
  transport::IceCredentials restart_ice(transport::IceCredentials remote);

  struct Arrival {
    Publication* publication = nullptr;
    Publication::Accepted accepted;
  };
  /// A decrypted RTP packet. Nothing: dropped, and counted.
  std::optional<Arrival> receive_rtp(Time now, Bytes packet, Output& out);
  void receive_rtcp(Time now, Bytes packet, Output& out);
  void advance(Time now, Output& out);
  Time wakeup() const;

  Publication* find(TrackId track);
  std::unique_ptr<Publication> take(TrackId track);
  /// By section, in the order of the description.
  const std::map<std::uint32_t, std::unique_ptr<Publication>>& publications() const { return publications_; }

 private:
  struct Plan;
  Result<Plan> plan(const control::Publish& command);
  Result<std::monostate> assign_tracks(const control::Publish& command, Plan& plan) const;
  void receive(Time now, const rtp::SenderReport& report);
  void send_feedback(Time now, Output& out);
  void send_reports(Time now, Output& out);

  Context& context_;
  ParticipantId publisher_;
  transport::Transport transport_;
  transport::IceCredentials remote_;
  Demultiplexer demultiplexer_;
  std::map<std::uint32_t, std::unique_ptr<Publication>> publications_;
  Ssrc own_ssrc_;  ///< under which we send RTCP
  std::string own_cname_;
  media::TransportFeedbackGenerator transport_feedback_;
  std::vector<rtp::TransportFeedback> feedback_;  ///< that is being sent; its memory is used again
  Time next_report_ = never;
};

}  // namespace parley::room
