#pragma once
// What is known about each SSRC: a hash table with open addressing, so that the lookup that each packet needs is one or two steps
// through memory that lies together. Allocates only when an SSRC is new.

#include <cstdint>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/prefetch.hpp"

namespace parley::transport {

template <typename State>
class SsrcTable {
 public:
  std::size_t size() const { return size_; }

  void expect() const { prefetch(places_.data(), 2 * sizeof(Place)); }

  State* find(Ssrc ssrc) {
    if (places_.empty()) return nullptr;
    Place& place = places_[probe(ssrc)];
    return place.taken ? &place.state : nullptr;
  }
  /// The reference is valid until the next change of the table.
  State& find_or_add(Ssrc ssrc) {
    if (State* const found = find(ssrc)) return *found;
    // At most half full, so that a probe ends soon.
    if (places_.size() < 2 * ++size_) rebuild(places_.empty() ? smallest : 2 * places_.size());
    Place& place = places_[probe(ssrc)];
    place.ssrc = ssrc;
    place.taken = true;
    return place.state;
  }
  void remove(Ssrc ssrc) {
    if (!find(ssrc)) return;
    places_[probe(ssrc)].taken = false;
    --size_;
    rebuild(places_.size());
  }

 private:
  static constexpr std::size_t smallest = 8;
  struct Place {
    Ssrc ssrc;
    bool taken = false;
    State state{};
  };

  /// Where the SSRC is, or the free place where it would be.
  std::size_t probe(Ssrc ssrc) const {
    const std::size_t mask = places_.size() - 1;
    // Fibonacci hashing: SSRCs that follow each other, which some senders use, must not crowd together.
    std::size_t at = static_cast<std::size_t>(ssrc.value * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (places_[at].taken && places_[at].ssrc != ssrc) at = (at + 1) & mask;
    return at;
  }
  void rebuild(std::size_t size) {
    std::vector<Place> before(size);
    before.swap(places_);
    for (Place& place : before)
      if (place.taken) places_[probe(place.ssrc)] = std::move(place);
  }

  std::vector<Place> places_;  ///< a power of two of them
  std::size_t size_ = 0;
};

}  // namespace parley::transport
