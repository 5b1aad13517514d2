#pragma once
// Somebody in a room, as the front knows them: who they are, what they publish, what they want to receive.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/time.hpp"
#include "sfu/control/event.hpp"
#include "signaling/protocol.hpp"

namespace parley::signaling {

struct Track {
  TrackInfo info;
  std::string mid;
  bool live = false;  ///< the room's present worker has it; false between a worker's death and the next publish
  /// What of it somebody watches, as that worker has last said.
  std::optional<control::EncodingsWanted> wanted = {};
};

/// What somebody receives, or is to receive.
struct Subscription {
  /// The newest that the page has said: each new worker is told again.
  std::optional<View> view;
  /// What the present worker has last said of it: told again to a page that comes back, and by `parley why`.
  std::optional<control::SubscriptionChanged> state;
  std::optional<control::QualityChanged> quality;
};

struct Participant {
  ParticipantId id;
  std::string identity;
  std::string name;
  Attributes attributes;
  Permissions permissions;
  Presence presence = Presence::conversation;
  bool auto_subscribe = true;
  std::string only;  ///< auto-subscribe to this identity alone; empty: to everybody

  std::optional<ClientId> client;  ///< nothing while it is reconnecting
  std::string session;
  Time resume_until = never;  ///< when it is given up, while it is reconnecting

  std::vector<Track> tracks;  ///< in the order in which they were published
  /// What its newest publish said of its sections; the worker's answer may still be on its way.
  std::vector<std::pair<TrackId, request::PublishedSection>> announced;
  /// Tracks that it has ended, and the command that says so: an answer to an earlier publish still lists them.
  std::map<TrackId, RequestId> ended;
  std::map<TrackId, Subscription> subscriptions;  ///< what it wants, whether or not the worker can send it now
  bool receiving = false;                         ///< the worker may be told of subscriptions (a viewer must have offered first)
  std::optional<message::Offer> unanswered;
  std::uint32_t last_revision = 0;          ///< counts its offers; workers count those of one connection, so theirs begin again
  std::uint32_t worker_revision = 0;        ///< what the worker calls the offer with last_revision
  bool has_publishing_connection = false;   ///< at the present worker
  bool has_subscribing_connection = false;  ///< at the present worker
  bool moved_unseen = false;                ///< moved while it was reconnecting: to be told when it is back
  Time republish_until = never;             ///< when tracks that did not come back after a move are given up

  /// Neither hidden by its token nor a WHEP viewer.
  bool is_announced() const { return !permissions.hidden && presence != Presence::viewer; }
  bool may_publish() const { return permissions.can_publish && is_announced(); }
  bool has_dead_tracks() const;
  /// What it receives without being asked.
  bool auto_subscribes_to(const Participant& publisher) const;

  Track* find(TrackId track);
  ParticipantInfo info() const;
};

/// What a published section's track is called when its client did not say: the usual device of its kind.
Source usual_source(const Participant& participant, control::Kind kind);

}  // namespace parley::signaling
