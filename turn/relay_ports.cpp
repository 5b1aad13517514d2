#include "turn/relay_ports.hpp"

namespace parley::turn {

RelayPorts::RelayPorts(PortRange range)
    : first_(range.first), taken_(range.last < range.first ? 0 : static_cast<std::size_t>(range.last - range.first + 1)) {}

bool RelayPorts::fits(std::size_t index, Parity parity) const {
  if (taken_[index]) return false;
  if (parity == Parity::any) return true;
  if ((first_ + index) % 2 != 0) return false;
  return parity == Parity::even || (index + 1 < taken_.size() && !taken_[index + 1]);
}

std::optional<std::uint16_t> RelayPorts::take(Parity parity, Random& random) {
  if (count_ == taken_.size()) return std::nullopt;
  // The first that fits behind a random one: ports behind taken ones are drawn more often, which costs nothing while many are
  // free.
  const std::size_t start = random.below(taken_.size());
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const std::size_t index = (start + i) % taken_.size();
    if (!fits(index, parity)) continue;
    taken_[index] = true;
    ++count_;
    if (parity == Parity::even_with_next) {
      taken_[index + 1] = true;
      ++count_;
    }
    return static_cast<std::uint16_t>(first_ + index);
  }
  return std::nullopt;
}

void RelayPorts::release(std::uint16_t port) {
  if (!is_taken(port)) return;
  taken_[port - first_] = false;
  --count_;
}

}  // namespace parley::turn
