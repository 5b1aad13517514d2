#pragma once
// The head of each message on a data channel: to whom, from whom, or what the server has to say about it (signaling/PROTOCOL.md,
// "Data"). What follows the head is the clients' own affair.
//
//   client to server   0x01 data    u8 count, count x u32 participant (none: everybody else), payload
//                      0x05 join
//   server to client   0x01 data    u32 sender, payload
//                      0x02 credit  u64 bytes that may have been sent on this channel, since it was opened
//                      0x03 left    u32 messages dropped
//                      0x04 refused u8 reason, u32 receiver or 0

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::room {

/// Why a message did not reach a receiver, or anybody.
enum class DataRefusal : std::uint8_t {
  malformed = 1,
  not_permitted = 2,
  receiver_unknown = 3,
  receiver_without_data = 4,  ///< it has no data connection
  beyond_credit = 5,
  too_large = 6,
  receiver_left = 7,  ///< it was too slow for this topic
};

/// What a client has sent. Refers to the message that it was parsed from.
struct DataEnvelope {
  enum class Kind : std::uint8_t { data, join };
  Kind kind = Kind::data;
  Bytes receivers;  ///< four bytes each; empty: everybody else
  Bytes payload;
};
std::optional<DataEnvelope> parse_data_envelope(Bytes message);

/// Bytes in front of a payload that goes to a client.
inline constexpr std::size_t delivered_head = 5;
Buffer write_delivered(ParticipantId sender, Bytes payload);

/// A short message from the server itself.
class DataNotice {
 public:
  static DataNotice credit(std::uint64_t total);
  static DataNotice left(std::uint32_t dropped);
  static DataNotice refused(DataRefusal reason, ParticipantId receiver);
  Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, 9> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace parley::room
