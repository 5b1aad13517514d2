// The names under which /metrics exports the Hub's counters.

#include "signaling/limits.hpp"

namespace parley::signaling {

std::string_view name(HubCounter counter) {
  constexpr std::string_view names[] = {
#define PARLEY_COUNTER(name) #name,
      PARLEY_HUB_COUNTERS(PARLEY_COUNTER)
#undef PARLEY_COUNTER
  };
  return counter < HubCounter::count_ ? names[static_cast<std::size_t>(counter)] : "unknown";
}

}  // namespace parley::signaling
