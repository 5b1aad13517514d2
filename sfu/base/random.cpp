#include "sfu/base/random.hpp"

#include <sys/random.h>

#include <stdexcept>

#include "sfu/base/crypto.hpp"

namespace parley {

Random Random::from_number(std::uint64_t number) {
  Seed seed{};
  Writer(seed).u64(number);
  return Random(seed);
}

Random Random::from_system() {
  Seed seed{};
  if (getrandom(seed.data(), seed.size(), 0) != static_cast<ssize_t>(seed.size()))
    throw std::runtime_error("the operating system gave no random bytes");
  return Random(seed);
}

void Random::refill() {
  std::array<std::uint8_t, 40> input{};
  Writer(input).bytes(seed_).u64(block_++);
  pool_ = sha256(input);
  used_ = 0;
}

void Random::fill(MutableBytes bytes) {
  for (auto& byte : bytes) {
    if (used_ == pool_.size()) refill();
    byte = pool_[used_++];
  }
}

std::uint64_t Random::next() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  return Reader(bytes).u64();
}

std::uint64_t Random::below(std::uint64_t limit) {
  // Values past the last whole multiple of the limit are drawn again, so that no remainder is favoured.
  const std::uint64_t usable = UINT64_MAX - UINT64_MAX % limit;
  for (;;)
    if (const std::uint64_t value = next(); value < usable) return value % limit;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::string Random::ice_characters(std::size_t length) {
  static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(length, ' ');
  for (auto& character : text) {
    std::array<std::uint8_t, 1> byte{};
    fill(byte);
    character = alphabet[byte[0] & 63];
  }
  return text;
}

}  // namespace parley
