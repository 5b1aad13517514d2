#pragma once
// Commands that a worker has not answered yet.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/ids.hpp"
#include "signaling/hub.hpp"

namespace parley::signaling {

struct Pending {
  /// What was asked. The client of the first three waits for a reply; the others are answered only when they are refused.
  enum class Kind : std::uint8_t { publish, play, restart_ice, renegotiate, answer, subscribe };

  Kind kind = Kind::publish;
  ParticipantId participant;
  ClientId client;
  std::string mark;
  Time deadline{};
  TrackId track;  ///< subscribe: which

  bool is_awaited() const { return kind == Kind::publish || kind == Kind::play || kind == Kind::restart_ice; }
};

/// All deadlines are equally long, so the order of the ids is the order of the deadlines.
class PendingCommands {
 public:
  void add(RequestId request, Pending pending) { pending_.emplace(request, std::move(pending)); }
  std::optional<Pending> take(RequestId request);
  std::optional<Pending> take_expired(Time now);
  /// Those of one participant, whose worker is gone.
  std::vector<Pending> take_all(ParticipantId participant);
  bool contains(RequestId request) const { return pending_.contains(request); }
  Time next() const { return pending_.empty() ? never : pending_.begin()->second.deadline; }

 private:
  std::map<RequestId, Pending> pending_;
};

}  // namespace parley::signaling
