#include "sfu/room/routes.hpp"

#include <algorithm>

#include "sfu/stun/message.hpp"
#include "sfu/transport/classify.hpp"

namespace parley::room {

void Routes::set_ufrag(const ConnectionKey& key, const std::string& ufrag) {
  auto& ufrags = known_[key].ufrags;
  if (!ufrags.empty() && ufrags.back() == ufrag) return;
  ufrags.push_back(ufrag);
  ufrags_[ufrag] = key;
  if (ufrags.size() <= 2) return;
  ufrags_.erase(ufrags.front());
  ufrags.erase(ufrags.begin());
}

std::optional<ConnectionKey> Routes::add_path(const ConnectionKey& key, const Path& path) {
  const auto before = find(path);
  if (before == key) return std::nullopt;
  if (before) remove_path(path);
  paths_[path] = key;
  known_[key].paths.push_back(path);
  return before;
}

void Routes::remove_path(const Path& path) {
  const auto found = paths_.find(path);
  if (found == paths_.end()) return;
  std::erase(known_[found->second].paths, path);
  paths_.erase(found);
}

void Routes::remove(const ConnectionKey& key, std::vector<Path>& close) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  for (const auto& ufrag : found->second.ufrags) ufrags_.erase(ufrag);
  for (const auto& path : found->second.paths) {
    paths_.erase(path);
    if (path.protocol == Protocol::tcp) close.push_back(path);
  }
  known_.erase(found);
}

std::optional<ConnectionKey> Routes::find(const Path& path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ConnectionKey> Routes::find(const Path& path, Bytes datagram, Drops& drops) const {
  if (datagram.empty()) {
    drops.add(DropReason::empty_datagram);
    return std::nullopt;
  }
  if (transport::classify(datagram) != transport::PacketKind::stun) {
    const auto key = find(path);
    if (!key) drops.add(DropReason::unknown_path);
    return key;
  }
  const auto username = stun::username(datagram);
  if (!username) {
    drops.add(DropReason::stun_malformed);
    return std::nullopt;
  }
  const auto found = ufrags_.find(std::string(stun::receiver_ufrag(*username)));
  if (found != ufrags_.end()) return found->second;
  drops.add(DropReason::stun_unknown_ufrag);
  return std::nullopt;
}

}  // namespace parley::room
