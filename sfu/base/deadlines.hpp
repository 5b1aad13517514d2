#pragma once
// Which of many machines wants to be woken next. One structure for all of them, instead of one timer each.

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sfu/base/time.hpp"

namespace parley {

/// Holds at most one deadline for each key. A deadline that moves away is not moved in the heap: its key is handed out at
/// the old time, finds nothing to do, and is set again. That costs one empty wake-up and saves a sift for each packet.
template <typename Key>
class Deadlines {
 public:
  /// The key is to be taken at `when` at the latest. `never` changes nothing.
  void set(const Key& key, Time when) {
    if (when == never) return;
    if (const auto known = due_.find(key); known == due_.end()) {
      insert(key, when);
    } else {
      if (known->second <= when) return;
      known->second = when;
    }
    heap_.push_back({when, key});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  void remove(const Key& key) {
    due_.erase(key);
    // Keys that come and go much faster than their deadlines must not fill the heap.
    if (heap_.size() > 2 * due_.size() + smallest_to_rebuild) rebuild();
  }

  /// A key whose deadline has come, which then has none any more.
  std::optional<Key> take_due(Time now) {
    while (!heap_.empty() && heap_.front().when <= now) {
      const Entry entry = heap_.front();
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
      const auto known = due_.find(entry.key);
      if (known == due_.end() || known->second != entry.when) continue;
      spare_ = due_.extract(known);
      return entry.key;
    }
    return std::nullopt;
  }

  /// Not later than the earliest deadline; may be earlier when that one was removed.
  Time next() const { return heap_.empty() ? never : heap_.front().when; }
  bool empty() const { return due_.empty(); }

 private:
  struct Entry {
    Time when;
    Key key;
  };
  static constexpr std::size_t smallest_to_rebuild = 64;

  void insert(const Key& key, Time when) {
    if (spare_.empty()) {
      due_.emplace(key, when);
      return;
    }
    spare_.key() = key;
    spare_.mapped() = when;
    due_.insert(std::move(spare_));
  }
  void rebuild() {
    heap_.clear();
    for (const auto& [key, when] : due_) heap_.push_back({when, key});
    std::make_heap(heap_.begin(), heap_.end(), later);
  }
  static bool later(const Entry& left, const Entry& right) { return left.when > right.when; }

  std::unordered_map<Key, Time> due_;
  typename std::unordered_map<Key, Time>::node_type spare_;  ///< of the last key that was taken: most are set again at once
  std::vector<Entry> heap_;
};

}  // namespace parley
