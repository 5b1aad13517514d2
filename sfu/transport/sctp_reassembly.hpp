#pragma once
// Messages whose pieces come from SCTP one after the other: usrsctp hands on what is larger than half of the receive window in
// parts, each as soon as it is there, and says which is the last. No honest peer sends such messages; the memory of one that does
// has a bound here.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <variant>

#include "sfu/base/bytes.hpp"
#include "sfu/transport/data_channel.hpp"

namespace parley::transport {

/// An SCTP stream, in one direction or in both.
struct SctpStream {
  std::uint16_t value = 0;
  auto operator<=>(const SctpStream&) const = default;
};
/// Payload Protocol Identifier (RFC 9260 section 3.3.1).
struct Ppid {
  std::uint32_t value = 0;
  auto operator<=>(const Ppid&) const = default;
};

struct SctpMessage {
  SctpStream stream;
  Ppid ppid;
  Buffer content;
};
/// A message was larger than maximum_message, and has been thrown away.
struct SctpMessageTooLarge {
  SctpStream stream;
};

class SctpReassembly {
 public:
  /// What all messages that have begun may hold of memory. A peer without I-DATA, as browsers are to us, has one at a time.
  static constexpr std::size_t maximum_begun = 2 * maximum_message;

  using Result = std::variant<SctpMessage, SctpMessageTooLarge>;
  /// Nothing: more is to come.
  std::optional<Result> add(SctpStream stream, Ppid ppid, Bytes piece, bool last);
  /// The rest of what has begun on this stream will not come: the peer has given it up, or the stream begins anew.
  void forget(SctpStream stream);
  /// Of all that has begun.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Begun {
    Buffer content;
    bool discarded = false;
  };
  std::map<SctpStream, Begun> begun_;
  std::size_t bytes_ = 0;
};

}  // namespace parley::transport
