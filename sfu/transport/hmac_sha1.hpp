#pragma once
// HMAC-SHA1 (RFC 2104) under one key, with what depends only on the key computed once.

#include <array>
#include <cstdint>

#include "sfu/base/bytes.hpp"

namespace parley::transport {

class HmacSha1 {
 public:
  static constexpr std::size_t size = 20;
  /// SHA-1's chaining value.
  using State = std::array<std::uint32_t, 5>;

  /// The key has at most 64 bytes.
  explicit HmacSha1(Bytes key);
  std::array<std::uint8_t, size> authenticate(Bytes message) const;

  /// After the block with the key and the inner, or the outer, padding.
  const State& inner() const { return inner_; }
  const State& outer() const { return outer_; }

 private:
  State inner_;
  State outer_;
};

}  // namespace parley::transport
