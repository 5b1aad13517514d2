#pragma once
// Which connection a datagram belongs to: by its 5-tuple, or, before that is known, by the ICE ufrag in its STUN check.

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/room/context.hpp"

namespace parley::room {

class Routes {
 public:
  /// The connection's current ufrag. The one before stays valid, for checks that an ICE restart overtakes.
  void set_ufrag(const ConnectionKey& key, const std::string& ufrag);
  /// An authenticated check has come from this path. Returns whose it was before, if somebody else's: a browser may open a new
  /// connection on the port of one that it has just closed.
  std::optional<ConnectionKey> add_path(const ConnectionKey& key, const Path& path);
  void remove_path(const Path& path);
  /// Forgets everything that leads to the connection. Its TCP paths are added to `close`.
  void remove(const ConnectionKey& key, std::vector<Path>& close);

  /// Nothing: drop the datagram, for the reason counted.
  std::optional<ConnectionKey> find(const Path& path, Bytes datagram, Drops& drops) const;
  std::optional<ConnectionKey> find(const Path& path) const;
  bool empty() const { return ufrags_.empty() && paths_.empty() && known_.empty(); }

 private:
  struct Known {
    std::vector<std::string> ufrags;  ///< at most two, the current one last
    std::vector<Path> paths;
  };
  std::unordered_map<std::string, ConnectionKey> ufrags_;
  std::unordered_map<Path, ConnectionKey> paths_;
  std::map<ConnectionKey, Known> known_;
};

}  // namespace parley::room
