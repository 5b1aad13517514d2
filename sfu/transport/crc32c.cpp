#include "sfu/transport/crc32c.hpp"

#include <array>

namespace parley::transport {

namespace {

/// RFC 9260 section 3.1: ports, verification tag, checksum.
constexpr std::size_t header_size = 12;
constexpr std::size_t checksum_at = 8;

constexpr std::uint32_t polynomial = 0x82F63B78;  ///< Castagnoli's, bits reversed

constexpr std::array<std::uint32_t, 256> table = [] {
  std::array<std::uint32_t, 256> made{};
  for (std::uint32_t byte = 0; byte < made.size(); ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
    made[byte] = value;
  }
  return made;
}();

std::uint32_t by_table(Bytes bytes, std::uint32_t value) {
  for (const std::uint8_t byte : bytes) value = value >> 8 ^ table[(value ^ byte) & 0xFF];
  return value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(Bytes bytes, std::uint32_t value) {
  std::uint64_t wide = value;
  for (; bytes.size() >= sizeof wide; bytes = bytes.subspan(sizeof wide)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  value = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t byte : bytes) value = __builtin_ia32_crc32qi(value, byte);
  return value;
}

std::uint32_t update(Bytes bytes, std::uint32_t value) {
  static const bool fast = __builtin_cpu_supports("sse4.2") != 0;
  return fast ? by_instruction(bytes, value) : by_table(bytes, value);
}
#else
std::uint32_t update(Bytes bytes, std::uint32_t value) { return by_table(bytes, value); }
#endif

/// The field counts as zero. It is the one number of SCTP that travels with its lowest byte first.
std::uint32_t checksum(Bytes packet) {
  constexpr std::array<std::uint8_t, 4> zeros{};
  const std::uint32_t begin = crc32c(packet.first(checksum_at));
  return crc32c(packet.subspan(header_size), crc32c(zeros, begin));
}

std::array<std::uint8_t, 4> as_written(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 24)};
}

}  // namespace

std::uint32_t crc32c(Bytes bytes, std::uint32_t before) { return ~update(bytes, ~before); }

void write_sctp_checksum(MutableBytes packet) {
  const auto field = as_written(checksum(packet));
  std::memcpy(packet.subspan(checksum_at).data(), field.data(), field.size());
}

bool sctp_checksum_matches(Bytes packet) {
  if (packet.size() < header_size) return false;
  const auto field = as_written(checksum(packet));
  return std::memcmp(packet.subspan(checksum_at).data(), field.data(), field.size()) == 0;
}

}  // namespace parley::transport
