#pragma once
// The people who can hear and see each other. The room owns its participants, and it is the only place where a
// subscription is linked to, and unlinked from, the publication that it forwards.

#include <map>
#include <memory>

#include "sfu/media/speaker_selection.hpp"
#include "sfu/media/speakers.hpp"
#include "sfu/room/data_relay.hpp"
#include "sfu/room/participant.hpp"

namespace parley::room {

class Room {
 public:
  Room(RoomId id, Context& context);

  RoomId id() const { return id_; }
  bool empty() const { return participants_.empty(); }
  const std::map<ParticipantId, std::unique_ptr<Participant>>& participants() const { return participants_; }

  Participant& add(ParticipantId participant, std::string cname, DataPermissions data);
  Participant* find(ParticipantId participant);
  /// Ends its connections (what they still have to say goes to `out`) and everybody's subscriptions to it.
  void remove(Time now, ParticipantId participant, Output& out);

  Result<control::Published> publish(Time now, Participant& publisher, const control::Publish& command, Output& out);
  void unpublish(Time now, Participant& publisher, TrackId track, Output& out);
  /// Refused: "track_unknown", "too_many_tracks".
  Result<std::monostate> subscribe(Time now, Participant& subscriber, Participant& publisher, TrackId track, Output& out);
  void unsubscribe(Time now, Participant& subscriber, TrackId track, Output& out);
  /// Throws away the receiving connection; what it was subscribed to is subscribed to anew on the next one.
  void replace_subscribing(Time now, Participant& subscriber, Output& out);

  void mute(Time now, Publication& publication, bool muted);

  /// A decrypted packet of a publisher's: accepted once, forwarded to everybody who is subscribed.
  void receive_rtp(Time now, Participant& publisher, Bytes packet, Output& out);
  /// What has come on the data channels of a participant that publishes goes to the relay.
  void receive_data(Participant& participant, Output& out);
  /// Sends it what waits for it in the data topics, as far as its connection has room.
  void send_data(Time now, Participant& participant, Output& out);
  /// Somebody for whom there is something new to send; null when there is nobody.
  Participant* take_data_receiver();

  void advance(Time now, Output& out);
  Time wakeup() const { return speakers_.wakeup(); }

 private:
  void link(Publication& publication, Subscription& subscription);
  void unlink(Subscription& subscription);
  void replace_publishing(Time now, Participant& publisher, std::unique_ptr<PublishingConnection> fresh, Output& out);
  void resubscribe(Time now, Participant& subscriber, Participant& publisher, TrackId track, Output& out);
  void end(Time now, Publication& publication, Output& out);
  void hear(Time now, ParticipantId speaker, const media::MediaPacket& packet, Output& out);
  /// The seats of a publisher whose tracks have changed.
  void update_seats(Time now, Participant& publisher, Output& out);
  void leave_seats(Time now, ParticipantId participant, Output& out);
  /// Passes on what the participant has a seat for, and nothing else.
  void apply_selection(Time now, ParticipantId participant, Output& out);

  RoomId id_;
  Context& context_;
  std::map<ParticipantId, std::unique_ptr<Participant>> participants_;
  DataRelay data_;
  media::Speakers speakers_;
  media::SpeakerSelection audible_;  ///< whose microphones are forwarded
  media::SpeakerSelection visible_;  ///< whose cameras are (last-N); screens always are
};

}  // namespace parley::room
