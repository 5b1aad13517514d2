#pragma once
// The only door to wire bytes: a bounds-checked big-endian Reader and Writer. Nothing in Parley casts a buffer to a struct.

#include <array>
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

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads big-endian numbers from the front of a span. A read past the end gives zero (or an empty span) and makes
/// ok() false for good, so that a parser can read a whole structure and check once.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }

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
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
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

  Writer& u8(std::uint8_t value) { return number(value, 1); }
  Writer& u16(std::uint16_t value) { return number(value, 2); }
  Writer& u24(std::uint32_t value) { return number(value, 3); }
  Writer& u32(std::uint32_t value) { return number(value, 4); }
  Writer& u64(std::uint64_t value) { return number(value, 8); }
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
  Writer& number(std::uint64_t value, std::size_t size) {
    MutableBytes target = reserve(size);
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    return *this;
  }

  MutableBytes bytes_;
  std::size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace parley
