#pragma once
// The only door to wire bytes: a bounds-checked big-endian Reader and Writer. Nothing in Parley casts a buffer to a struct.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace parley {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// A number in the other byte order: network order on a little-endian machine, and back.
template <typename Number>
constexpr Number network_order(Number value) {
  if constexpr (std::endian::native == std::endian::big || sizeof value == 1) return value;
  if constexpr (sizeof value == 2) return __builtin_bswap16(value);
  if constexpr (sizeof value == 4) return __builtin_bswap32(value);
  if constexpr (sizeof value == 8) return __builtin_bswap64(value);
}

/// Reads big-endian numbers from the front of a span. A read past the end gives zero (or an empty span) and makes
/// ok() false for good, so that a parser can read a whole structure and check once.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u24() {
    const Bytes bytes = take(3);
    return bytes.empty() ? 0 : static_cast<std::uint32_t>(bytes[0] << 16 | bytes[1] << 8 | bytes[2]);
  }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }

  /// The next `size` bytes, or an empty span and ok() == false when there are fewer.
  Bytes take(std::size_t size) {
    if (size > bytes_.size()) return fail();
    const Bytes taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  void skip(std::size_t size) { take(size); }

  /// Everything not read yet.
  Bytes rest() const { return bytes_; }
  std::size_t remaining() const { return bytes_.size(); }
  bool ok() const { return ok_; }

 private:
  /// As one word, not byte by byte: this is in the packet path.
  template <typename Number>
  Number number() {
    Number value = 0;
    if (const Bytes bytes = take(sizeof value); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return network_order(value);
  }
  Bytes fail() {
    ok_ = false;
    bytes_ = {};
    return {};
  }

  Bytes bytes_;
  bool ok_ = true;
};

/// Writes big-endian numbers into a span. A write past the end writes nothing and makes ok() false for good.
class Writer {
 public:
  explicit Writer(MutableBytes bytes) : bytes_(bytes) {}

  Writer& u8(std::uint8_t value) { return number(value); }
  Writer& u16(std::uint16_t value) { return number(value); }
  Writer& u24(std::uint32_t value) {
    if (const MutableBytes target = reserve(3); ok_) {
      target[0] = static_cast<std::uint8_t>(value >> 16);
      target[1] = static_cast<std::uint8_t>(value >> 8);
      target[2] = static_cast<std::uint8_t>(value);
    }
    return *this;
  }
  Writer& u32(std::uint32_t value) { return number(value); }
  Writer& u64(std::uint64_t value) { return number(value); }
  Writer& bytes(Bytes source) {
    if (MutableBytes target = reserve(source.size()); !source.empty() && ok_)
      std::memcpy(target.data(), source.data(), source.size());
    return *this;
  }
  Writer& zeros(std::size_t size) {
    for (auto& byte : reserve(size)) byte = 0;
    return *this;
  }

  /// The next `size` bytes for somebody else to fill, or an empty span and ok() == false.
  MutableBytes reserve(std::size_t size) {
    if (!ok_ || size > bytes_.size() - used_) {
      ok_ = false;
      return {};
    }
    used_ += size;
    return bytes_.subspan(used_ - size, size);
  }
  /// Overwrites two bytes written earlier, such as a length known only now.
  void patch_u16(std::size_t at, std::uint16_t value) {
    if (at + 2 > used_) {
      ok_ = false;
      return;
    }
    bytes_[at] = static_cast<std::uint8_t>(value >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(value);
  }

  std::size_t size() const { return used_; }
  Bytes written() const { return bytes_.first(used_); }
  bool ok() const { return ok_; }

 private:
  template <typename Number>
  Writer& number(Number value) {
    value = network_order(value);
    if (const MutableBytes target = reserve(sizeof value); ok_) std::memcpy(target.data(), &value, sizeof value);
    return *this;
  }

  MutableBytes bytes_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace parley
