#include "sfu/room/data_store.hpp"

#include <cassert>
#include <utility>

namespace parley::room {

DataStore::Message& DataStore::message(DataHandle handle) {
  auto& found = messages_.at(handle.index);
  assert(found.holders > 0);
  return found;
}

bool DataStore::has_room(ParticipantId sender, std::size_t size) const {
  const auto found = cost_by_sender_.find(sender);
  const std::size_t more = size + overhead;
  const std::size_t of_sender = (found == cost_by_sender_.end() ? 0 : found->second) + more;
  return cost_ + more + free_for_one * of_sender <= capacity_;
}

DataHandle DataStore::add(const DataSource& source, std::size_t received, Buffer bytes) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(messages_.size()));
    messages_.emplace_back();
  }
  const DataHandle handle{free_.back()};
  free_.pop_back();
  ++held_;
  cost_ += bytes.size() + overhead;
  cost_by_sender_[source.sender] += bytes.size() + overhead;
  messages_[handle.index] = {std::move(bytes), source, received, 1};
  return handle;
}

std::optional<DataStore::Released> DataStore::release(DataHandle handle) {
  auto& released = message(handle);
  if (--released.holders > 0) return std::nullopt;
  --held_;
  cost_ -= cost(handle);
  const auto of_sender = cost_by_sender_.find(released.source.sender);
  of_sender->second -= cost(handle);
  if (of_sender->second == 0) cost_by_sender_.erase(of_sender);
  released.bytes = {};
  const Released result{released.source, released.received};
  free_.push_back(handle.index);
  return result;
}

}  // namespace parley::room
