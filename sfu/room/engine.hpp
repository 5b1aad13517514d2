#pragma once
// One worker's whole media plane as a machine: datagrams and commands in, datagrams and events out. It routes each
// datagram to the connection that its 5-tuple (or, for the first check, its ICE ufrag) belongs to, and each command to the
// room and participant that it names. No thread, no socket, no clock.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/deadlines.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/control/command.hpp"
#include "sfu/control/event.hpp"
#include "sfu/room/context.hpp"
#include "sfu/room/participant.hpp"
#include "sfu/room/room.hpp"
#include "sfu/room/routes.hpp"
#include "sfu/transport/certificate.hpp"

namespace parley::room {

class Engine {
 public:
  /// When so many copies have been made, advance() returns, and wants to be called again at once: what is ready leaves before
  /// the rest is made, while it is still in the processor's cache. Half a megabyte.
  static constexpr std::size_t copies_in_turn = 256;

  struct Config {
    /// "candidate:..." lines that go into every description.
    std::vector<std::string> candidates;
    Limits limits;
  };

  Engine(Config config, Random random);

  /// One UDP datagram, or one RFC 4571 frame of a TCP connection. Decrypted in place.
  void receive(Time now, const Path& path, MutableBytes datagram, Output& out);
  void receive(Time now, const control::CommandMessage& command, Output& out);
  /// The TCP connection of this path is gone.
  void path_closed(Time now, const Path& path, Output& out);
  /// The machine's addresses have changed: later descriptions carry these, and CandidatesChanged tells the front.
  void set_candidates(Time now, std::vector<std::string> candidates, Output& out);
  void advance(Time now, Output& out);
  Time wakeup() const;

  /// Nothing is left of anybody: no room, participant, ufrag or path.
  bool empty() const;
  std::uint32_t participants() const { return static_cast<std::uint32_t>(participants_.size()); }
  const Statistics& statistics() const { return context_.statistics; }

 private:
  void handle(Time now, RequestId request, const control::AddParticipant& command, Output& out);
  void handle(Time now, RequestId request, const control::RemoveParticipant& command, Output& out);
  void handle(Time now, RequestId request, const control::Publish& command, Output& out);
  void handle(Time now, RequestId request, const control::Unpublish& command, Output& out);
  void handle(Time now, RequestId request, const control::Mute& command, Output& out);
  void handle(Time now, RequestId request, const control::Subscribe& command, Output& out);
  void handle(Time now, RequestId request, const control::Unsubscribe& command, Output& out);
  void handle(Time now, RequestId request, const control::AcceptAnswer& command, Output& out);
  void handle(Time now, RequestId request, const control::Play& command, Output& out);
  void handle(Time now, RequestId request, const control::Renegotiate& command, Output& out);
  void handle(Time now, RequestId request, const control::AddCandidate& command, Output& out);
  void handle(Time now, RequestId request, const control::RestartIce& command, Output& out);
  void handle(Time now, RequestId request, const control::SetView& command, Output& out);

  /// A participant together with the room that it is in.
  struct Place {
    Room* room = nullptr;
    Participant* participant = nullptr;
    explicit operator bool() const { return participant != nullptr; }
  };
  Place find(ParticipantId participant);
  /// The place of the track's publisher, and the publication.
  std::pair<Place, Publication*> find(TrackId track);
  void refuse(RequestId request, ParticipantId participant, const Error& error, Output& out);
  /// Refuses, and returns false, when there is no such participant.
  bool require(const Place& place, RequestId request, ParticipantId participant, Output& out);

  void receive(Time now, const Place& place, control::Connection connection, const transport::Received& received, Output& out);
  /// What a participant's data channels have brought reaches the others, and what waits for it leaves.
  void exchange_data(Time now, const Place& place, Output& out);
  /// Lets leave what waits for whom something has changed.
  void relay_data(Time now, Room& room, Output& out);
  void route(const ConnectionKey& key, const transport::Received& received, Output& out);
  /// After anything has happened to a participant: its routes, what is to be told and offered, and its next deadline.
  void settle(Time now, Participant& participant, Output& out);
  void settle(Time now, Room& room, Output& out);
  void settle(const ConnectionKey& key, const transport::Transport& transport, Announced& announced, Output& out);
  /// A connection of the participant's is about to go, or has gone.
  void forget(Participant& participant, control::Connection connection, Output& out);
  /// What has waited for the pacer's next slot may leave.
  void begin_slot(Time now);
  /// Sends what the room has decided to send, up to copies_in_turn.
  void flush(Time now, Output& out);
  void emit_statistics(Time now, Output& out);

  Context context_;
  std::unordered_map<RoomId, std::unique_ptr<Room>> rooms_;
  std::unordered_map<ParticipantId, Place> participants_;
  std::unordered_map<TrackId, ParticipantId> publishers_;
  Routes routes_;
  Deadlines<ParticipantId> participant_deadlines_;
  Deadlines<RoomId> room_deadlines_;
  Time next_statistics_{};
  std::uint64_t forwarded_before_ = 0;
};

}  // namespace parley::room
