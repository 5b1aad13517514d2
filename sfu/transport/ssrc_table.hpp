#pragma once
// What is known about each SSRC: a hash table with open addressing, so that the lookup that each packet needs is one or two steps
// through memory that lies together. Allocates only when an SSRC is new.

#include <cstdint>
#include <vector>

#include "sfu/base/ids.hpp"

namespace parley::transport {

template <typename State>
class SsrcTable {
 public:
  std::size_t size() const { return states_.size(); }

  State* find(Ssrc ssrc) {
    if (places_.empty()) return nullptr;
    const Place& place = places_[probe(ssrc)];
    return place.number == 0 ? nullptr : &states_[place.number - 1].state;
  }
  /// The reference is valid until the next change of the table.
  State& find_or_add(Ssrc ssrc) {
    if (State* const found = find(ssrc)) return *found;
    states_.push_back({ssrc, {}});
    // At most half full, so that a probe ends soon.
    if (places_.size() < 2 * states_.size()) {
      rebuild(places_.empty() ? smallest : 2 * places_.size());
    } else {
      places_[probe(ssrc)] = {ssrc, static_cast<std::uint32_t>(states_.size())};
    }
    return states_.back().state;
  }
  void remove(Ssrc ssrc) {
    if (!find(ssrc)) return;
    states_[places_[probe(ssrc)].number - 1] = std::move(states_.back());
    states_.pop_back();
    rebuild(places_.size());
  }

 private:
  static constexpr std::size_t smallest = 8;
  struct Entry {
    Ssrc ssrc;
    State state;
  };
  struct Place {
    Ssrc ssrc;
    std::uint32_t number = 0;  ///< of the entry, from 1; 0 when nobody is here
  };

  /// Where the SSRC is, or the free place where it would be.
  std::size_t probe(Ssrc ssrc) const {
    const std::size_t mask = places_.size() - 1;
    // Fibonacci hashing: SSRCs that follow each other, which some senders use, must not crowd together.
    std::size_t at = static_cast<std::size_t>(ssrc.value * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (places_[at].number != 0 && places_[at].ssrc != ssrc) at = (at + 1) & mask;
    return at;
  }
  void rebuild(std::size_t size) {
    places_.assign(size, {});
    for (std::size_t i = 0; i < states_.size(); ++i)
      places_[probe(states_[i].ssrc)] = {states_[i].ssrc, static_cast<std::uint32_t>(i + 1)};
  }

  std::vector<Entry> states_;
  std::vector<Place> places_;  ///< a power of two of them
};

}  // namespace parley::transport
