#include "sfu/transport/sctp_reassembly.hpp"

#include <utility>

namespace parley::transport {

std::optional<SctpReassembly::Result> SctpReassembly::add(SctpStream stream, Ppid ppid, Bytes piece, bool last) {
  if (last && !begun_.contains(stream) && piece.size() <= maximum_message)
    return SctpMessage{stream, ppid, Buffer(piece.begin(), piece.end())};
  Begun& message = begun_[stream];
  if (message.content.size() + piece.size() > maximum_message || bytes_ + piece.size() > maximum_begun) {
    bytes_ -= message.content.size();
    message = {{}, true};
  }
  if (!message.discarded) {
    message.content.insert(message.content.end(), piece.begin(), piece.end());
    bytes_ += piece.size();
  }
  if (!last) return std::nullopt;
  Begun whole = std::exchange(message, {});
  bytes_ -= whole.content.size();
  begun_.erase(stream);
  if (whole.discarded) return SctpMessageTooLarge{stream};
  return SctpMessage{stream, ppid, std::move(whole.content)};
}

void SctpReassembly::forget(SctpStream stream) {
  const auto known = begun_.find(stream);
  if (known == begun_.end()) return;
  bytes_ -= known->second.content.size();
  begun_.erase(known);
}

}  // namespace parley::transport
