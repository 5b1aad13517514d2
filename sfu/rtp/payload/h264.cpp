#include "sfu/rtp/payload/h264.hpp"

namespace parley::rtp {
namespace {

// RFC 6184 table 1 and ITU-T H.264 table 7-1.
constexpr std::uint8_t type_mask = 0x1F;
constexpr std::uint8_t sequence_parameter_set = 7;
constexpr std::uint8_t stap_a = 24;
constexpr std::uint8_t fu_a = 28;
constexpr std::uint8_t fu_start = 0x80;

bool is_parameter_set(Bytes unit) { return !unit.empty() && (unit.front() & type_mask) == sequence_parameter_set; }

Bytes find_in_stap(Reader reader) {
  while (reader.remaining() > 0) {
    const Bytes unit = reader.take(reader.u16());
    if (is_parameter_set(unit)) return unit;
  }
  return {};
}

/// The FU header stands where the unit's own header would, with the same type in its lowest bits.
Bytes find_in_fragment(Bytes fragment) {
  return is_parameter_set(fragment) && (fragment.front() & fu_start) ? fragment : Bytes{};
}

}  // namespace

Bytes find_h264_parameter_set(Bytes payload) {
  if (payload.empty()) return {};
  switch (payload.front() & type_mask) {
    case sequence_parameter_set:
      return payload;
    case stap_a:
      return find_in_stap(Reader(payload.subspan(1)));
    case fu_a:
      return find_in_fragment(payload.subspan(1));
    default:
      return {};
  }
}

bool starts_h264_keyframe(Bytes payload) { return !find_h264_parameter_set(payload).empty(); }

}  // namespace parley::rtp
