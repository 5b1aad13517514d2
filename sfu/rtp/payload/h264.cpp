#include "sfu/rtp/payload/h264.hpp"

namespace parley::rtp {
namespace {

// RFC 6184 table 1 and ITU-T H.264 table 7-1.
constexpr std::uint8_t type_mask = 0x1F;
constexpr std::uint8_t sequence_parameter_set = 7;
constexpr std::uint8_t stap_a = 24;
constexpr std::uint8_t fu_a = 28;
constexpr std::uint8_t fu_start = 0x80;

bool stap_has_parameter_set(Reader reader) {
  while (reader.remaining() > 0) {
    const Bytes unit = reader.take(reader.u16());
    if (!reader.ok()) return false;
    if (!unit.empty() && (unit.front() & type_mask) == sequence_parameter_set) return true;
  }
  return false;
}

}  // namespace

bool starts_h264_keyframe(Bytes payload) {
  Reader reader(payload);
  switch (reader.u8() & type_mask) {
    case sequence_parameter_set:
      return true;
    case stap_a:
      return stap_has_parameter_set(reader);
    case fu_a: {
      const std::uint8_t header = reader.u8();
      return (header & fu_start) && (header & type_mask) == sequence_parameter_set;
    }
    default:
      return false;
  }
}

}  // namespace parley::rtp
