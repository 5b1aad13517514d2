#pragma once
// All allocations of one worker, found by the client's 5-tuple (each packet from a client) and by relay socket (each packet from
// a peer, without a search: the socket's id has the place in it).

#include <memory>
#include <unordered_map>
#include <vector>

#include "turn/allocation.hpp"

namespace parley::turn {

class Allocations {
 public:
  Allocation* find(const Path& client) const;
  /// Whose relay this is; nothing when it has been closed since.
  Allocation* find(RelayId relay) const;
  Allocation* find_by_slot(std::uint32_t slot) const { return slots_[slot].allocation.get(); }
  /// Which of the allocation's two relays it is.
  static bool is_v4(RelayId relay) { return relay.index % 2 == 0; }
  static std::uint32_t slot_of(RelayId relay) { return relay.index / 2; }

  /// The client must not have one.
  Allocation& add(const Path& client, Allocation draft);
  void remove(const Allocation& allocation);
  /// An id that no other socket has or had.
  RelayId next_relay(const Allocation& allocation, bool is_v4);

  std::size_t size() const { return by_client_.size(); }

 private:
  struct Slot {
    std::unique_ptr<Allocation> allocation;
    std::uint32_t generation = 0;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<Path, std::uint32_t> by_client_;
};

}  // namespace parley::turn
