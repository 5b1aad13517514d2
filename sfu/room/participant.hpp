#pragma once
// One participant of a room: at most one connection on which it publishes, and one on which it receives.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "sfu/room/publishing_connection.hpp"
#include "sfu/room/subscribing_connection.hpp"

namespace parley::room {

/// What the Engine has made known of a connection: to compare with it is cheaper than to say it again.
struct Announced {
  std::string ufrag;                      ///< under which it is routed
  std::optional<transport::State> state;  ///< that the front has been told
};

struct Participant {
  ParticipantId id;
  /// RTCP CNAME (RFC 7022) of everything that it publishes: receivers synchronise tracks that share one.
  std::string cname;
  std::unique_ptr<PublishingConnection> publishing;
  std::unique_ptr<SubscribingConnection> subscribing;
  Announced publishing_announced;
  Announced subscribing_announced;

  Time wakeup() const { return std::min(publishing ? publishing->wakeup() : never, subscribing ? subscribing->wakeup() : never); }
};

}  // namespace parley::room
