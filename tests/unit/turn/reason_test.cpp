#include "turn/reason.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "turn/server.hpp"

namespace parley::turn {

TEST_CASE("Each reason why something dies has a name of its own, which metrics can show") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < Reasons::size; ++i) names.insert(name(static_cast<Reason>(i)));
  CHECK(names.size() == Reasons::size);
  CHECK(names.contains("peer_refused"));
}

}  // namespace parley::turn
