#include "sfu/room/data_envelope.hpp"

namespace parley::room {

namespace {

constexpr std::uint8_t type_data = 1;
constexpr std::uint8_t type_credit = 2;
constexpr std::uint8_t type_left = 3;
constexpr std::uint8_t type_refused = 4;
constexpr std::uint8_t type_join = 5;
constexpr std::size_t receiver_size = 4;

}  // namespace

std::optional<DataEnvelope> parse_data_envelope(Bytes message) {
  Reader reader(message);
  DataEnvelope envelope;
  switch (reader.u8()) {
    case type_data:
      envelope.receivers = reader.take(reader.u8() * receiver_size);
      break;
    case type_join:
      envelope.kind = DataEnvelope::Kind::join;
      if (reader.remaining() > 0) return std::nullopt;
      break;
    default:
      return std::nullopt;
  }
  if (!reader.ok()) return std::nullopt;
  envelope.payload = reader.rest();
  return envelope;
}

Buffer write_delivered(ParticipantId sender, Bytes payload) {
  Buffer message(delivered_head + payload.size());
  Writer(message).u8(type_data).u32(static_cast<std::uint32_t>(sender.value)).bytes(payload);
  return message;
}

DataNotice DataNotice::credit(std::uint64_t total) {
  DataNotice notice;
  notice.size_ = Writer(notice.bytes_).u8(type_credit).u64(total).size();
  return notice;
}

DataNotice DataNotice::left(std::uint32_t dropped) {
  DataNotice notice;
  notice.size_ = Writer(notice.bytes_).u8(type_left).u32(dropped).size();
  return notice;
}

DataNotice DataNotice::refused(DataRefusal reason, ParticipantId receiver) {
  DataNotice notice;
  notice.size_ = Writer(notice.bytes_)
                     .u8(type_refused)
                     .u8(static_cast<std::uint8_t>(reason))
                     .u32(static_cast<std::uint32_t>(receiver.value))
                     .size();
  return notice;
}

}  // namespace parley::room
