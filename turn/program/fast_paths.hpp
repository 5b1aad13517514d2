#pragma once
// The channels of one worker whose datagrams go past it (net::FastPath). The Server says which may, and again and again for how
// long: what it takes back, or a worker that stands still, goes to the sockets again a moment later.

#include <optional>
#include <vector>

#include "sfu/net/fast_path.hpp"
#include "turn/program/guarded.hpp"
#include "turn/program/relays.hpp"
#include "turn/server.hpp"

namespace parley::turn {

enum class FastPathCount : std::uint8_t {
  opened,
  not_opened,       ///< another family, or another interface, or this machine itself; or there are too many
  packets,          ///< they are among packets_to_peers and packets_to_clients, too
  left_to_sockets,  ///< datagrams that had a way, but cannot go there
  count_
};

/// One for all workers.
using SharedFastPath = Guarded<std::optional<net::FastPath>>;

class FastPaths {
 public:
  /// Null: there is none. It outlives this.
  explicit FastPaths(SharedFastPath* path) : path_(path) {}
  FastPaths(const FastPaths&) = delete;
  ~FastPaths();

  void open(Time now, const OpenFastPath& wanted, Relays& relays, Server& server);
  void close(Time now, RelayId relay, Server& server);
  /// Tells the server what they have carried, and asks it whether they may go on.
  void advance(Time now, Server& server);
  Time wakeup() const { return open_.empty() ? never : next_; }

  std::size_t size() const { return open_.size(); }
  const Counters<FastPathCount>& counts() const { return counts_; }

 private:
  struct Entry {
    RelayId relay;
    Address peer;
    net::FastPath::Id id = 0;
    net::FastPath::Totals told;
  };
  /// False: it may not go on.
  bool renew(Time now, net::FastPath& path, Entry& entry, Server& server);
  template <typename Predicate>
  void close_if(Predicate predicate);

  SharedFastPath* path_;
  std::vector<Entry> open_;
  Counters<FastPathCount> counts_;
  Time next_{};
};

}  // namespace parley::turn
