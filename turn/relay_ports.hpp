#pragma once
// Which ports of this worker's range are free for relays, one set for each family and protocol. Ports are drawn at random, as RFC
// 8656 section 7.2 wants (RFC 6056): a port that can be guessed helps whoever wants to send into an allocation from outside.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/random.hpp"
#include "turn/config.hpp"

namespace parley::turn {

class RelayPorts {
 public:
  /// What EVEN-PORT asks for (RFC 8656 section 18.6).
  enum class Parity : std::uint8_t { any, even, even_with_next };

  explicit RelayPorts(PortRange range);

  /// A port that is taken from now on (with even_with_next the one above it, too), or nothing when none is free.
  std::optional<std::uint16_t> take(Parity parity, Random& random);
  void release(std::uint16_t port);
  bool is_taken(std::uint16_t port) const { return owns(port) && taken_[port - first_]; }
  bool owns(std::uint16_t port) const { return port >= first_ && static_cast<std::size_t>(port - first_) < taken_.size(); }
  std::size_t taken() const { return count_; }

 private:
  bool fits(std::size_t index, Parity parity) const;

  std::uint16_t first_;
  std::vector<bool> taken_;
  std::size_t count_ = 0;
};

}  // namespace parley::turn
