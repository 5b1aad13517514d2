#include "signaling/pending.hpp"

namespace parley::signaling {

std::optional<Pending> PendingCommands::take(RequestId request) {
  auto node = pending_.extract(request);
  return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
}

std::optional<Pending> PendingCommands::take_expired(Time now) {
  return next() <= now ? take(pending_.begin()->first) : std::nullopt;
}

std::vector<Pending> PendingCommands::take_all(ParticipantId participant) {
  std::vector<Pending> taken;
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    if (entry->second.participant == participant) {
      taken.push_back(std::move(entry->second));
      entry = pending_.erase(entry);
    } else {
      ++entry;
    }
  }
  return taken;
}

}  // namespace parley::signaling
