#include "loadtest/pattern.hpp"

#include <cassert>

namespace parley::loadtest {

namespace {

constexpr std::size_t checksum_at = 49;

/// FNV-1a over the fields: cheap, and enough against accidents. Nobody attacks a load test.
std::uint32_t checksum(Bytes fields, std::size_t payload_size) {
  std::uint32_t hash = 2166136261u ^ static_cast<std::uint32_t>(payload_size);
  for (const std::uint8_t byte : fields) hash = (hash ^ byte) * 16777619u;
  return hash;
}

/// The filling repeats four bytes of the checksum, moved on by the place, so that swapped parts are seen.
std::uint8_t filling(std::uint32_t checksum, std::size_t at) {
  return static_cast<std::uint8_t>((checksum >> (8 * (at & 3))) + at);
}

}  // namespace

void write(const Pattern& pattern, MutableBytes payload) {
  assert(payload.size() >= pattern_size);
  Writer writer(payload);
  writer.bytes(as_bytes(plaintext_marker)).u64(pattern.room).u64(pattern.publisher).u32(pattern.track);
  writer.u8(pattern.layer).u32(pattern.frame).u32(pattern.reference).u16(pattern.packet).u16(pattern.packets);
  writer.u64(static_cast<std::uint64_t>(pattern.sent.time_since_epoch().count()));
  const std::uint32_t sum = checksum(writer.written(), payload.size());
  writer.u32(sum);
  for (std::size_t at = pattern_size; at < payload.size(); ++at) payload[at] = filling(sum, at);
}

std::optional<Pattern> read_pattern(Bytes payload) {
  Reader reader(payload);
  const Bytes marker = reader.take(plaintext_marker.size());
  Pattern pattern{.room = reader.u64(), .publisher = reader.u64(), .track = reader.u32()};
  pattern.layer = reader.u8();
  pattern.frame = reader.u32();
  pattern.reference = reader.u32();
  pattern.packet = reader.u16();
  pattern.packets = reader.u16();
  pattern.sent = Time(Duration(static_cast<std::int64_t>(reader.u64())));
  const std::uint32_t sum = reader.u32();
  if (!reader.ok() || as_text(marker) != plaintext_marker) return {};
  if (sum != checksum(payload.first(checksum_at), payload.size()) || pattern.packet >= pattern.packets) return {};
  for (std::size_t at = pattern_size; at < payload.size(); ++at)
    if (payload[at] != filling(sum, at)) return {};
  return pattern;
}

}  // namespace parley::loadtest
