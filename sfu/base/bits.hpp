#pragma once
// Numbers of any number of bits, most significant bit first, for the few formats that are not made of whole bytes. As with
// Reader and Writer, going past the end gives zeros and makes ok() false for good.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley {

class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  /// `count` is 0 to 32.
  std::uint32_t bits(std::size_t count) {
    if (count > bytes_.size() * 8 - position_) {
      ok_ = false;
      position_ = bytes_.size() * 8;
      return 0;
    }
    std::uint32_t value = 0;
    for (; count > 0; --count, ++position_) value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1u);
    return value;
  }
  bool bit() { return bits(1) != 0; }
  /// AV1's ns(n): a number below `limit`, which is at least 1, in as few bits as that takes.
  std::uint32_t below(std::uint32_t limit) {
    const auto width = static_cast<std::size_t>(std::bit_width(limit));
    const std::uint32_t shorter = (1u << width) - limit;
    const std::uint32_t value = bits(width - 1);
    return value < shorter ? value : (value << 1) - shorter + bits(1);
  }
  /// Exponential Golomb code of ITU-T H.264 section 9.1, up to 32 bits.
  std::uint32_t golomb() {
    std::size_t zeros = 0;
    while (ok_ && !bit())
      if (++zeros > 31) ok_ = false;
    return ok_ ? (1u << zeros) - 1 + bits(zeros) : 0;
  }

  /// Bits read.
  std::size_t position() const { return position_; }
  bool ok() const { return ok_; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

class BitWriter {
 public:
  explicit BitWriter(MutableBytes bytes) : bytes_(bytes) {}

  /// The lowest `count` bits of `value`, 0 to 32.
  void bits(std::uint32_t value, std::size_t count) {
    if (count > bytes_.size() * 8 - position_) {
      ok_ = false;
      return;
    }
    for (; count > 0; --count, ++position_) {
      std::uint8_t& byte = bytes_[position_ / 8];
      if (position_ % 8 == 0) byte = 0;
      byte = static_cast<std::uint8_t>(byte | (value >> (count - 1) & 1u) << (7 - position_ % 8));
    }
  }
  /// The next `count` bits of `from`.
  void copy(BitReader& from, std::size_t count) {
    for (; count >= 32; count -= 32) bits(from.bits(32), 32);
    bits(from.bits(count), count);
  }

  /// Bytes written, the last one filled up with zeros.
  std::size_t size() const { return (position_ + 7) / 8; }
  bool ok() const { return ok_; }

 private:
  MutableBytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace parley
