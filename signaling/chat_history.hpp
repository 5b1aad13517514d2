#pragma once
// What was said in a room to everybody, for those who come later. Old texts make way for new ones.

#include <deque>

#include "signaling/protocol.hpp"

namespace parley::signaling {

class ChatHistory {
 public:
  /// What somebody who comes late will read, and no more than a page of the protocol has to carry.
  static constexpr std::size_t texts_limit = 100;
  static constexpr std::size_t bytes_limit = 64 * 1024;

  void add(message::ChatEntry entry) {
    bytes_ += size_of(entry);
    entries_.push_back(std::move(entry));
    while (entries_.size() > texts_limit || bytes_ > bytes_limit) {
      bytes_ -= size_of(entries_.front());
      entries_.pop_front();
    }
  }
  /// Oldest first.
  std::vector<message::ChatEntry> entries() const { return {entries_.begin(), entries_.end()}; }

 private:
  static std::size_t size_of(const message::ChatEntry& entry) { return entry.name.size() + entry.text.size(); }

  std::deque<message::ChatEntry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace parley::signaling
