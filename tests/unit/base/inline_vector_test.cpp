#include "sfu/base/inline_vector.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <utility>

#include "tests/support/allocations.hpp"

using namespace parley;

namespace {

using Few = InlineVector<int, 4>;

Few counted(int size) {
  Few result;
  for (int i = 0; i < size; ++i) result.push_back(i);
  return result;
}

}  // namespace

TEST_CASE("an inline vector keeps its elements whether they lie inside or outside, copied, moved and assigned") {
  for (int size = 0; size < 12; ++size) {
    std::vector<int> expected(static_cast<std::size_t>(size));
    std::iota(expected.begin(), expected.end(), 0);
    const Few original = counted(size);
    Few copy = original;
    Few moved = std::move(copy);
    Few assigned = counted(7);
    assigned = moved;
    Few move_assigned = counted(7);
    move_assigned = std::move(moved);
    for (const Few* each : std::initializer_list<const Few*>{&original, &assigned, &move_assigned}) {
      CAPTURE(size);
      CHECK(std::vector(each->begin(), each->end()) == expected);
      CHECK(each->size() == expected.size());
      CHECK(each->empty() == expected.empty());
      CHECK(*each == Few(expected.begin(), expected.end()));
    }
    if (size > 0) CHECK((original.front() == 0 && original.back() == size - 1));
  }
}

TEST_CASE("an inline vector takes an element of its own while it moves outside") {
  Few vector = {5, 6, 7, 8};
  vector.push_back(vector.front());
  CHECK(vector == Few{5, 6, 7, 8, 5});
}

TEST_CASE("a resized inline vector keeps what fits, and begins with nothing when cleared") {
  for (const std::size_t before : {2u, 4u, 9u})
    for (const std::size_t after : {0u, 1u, 4u, 5u, 20u}) {
      CAPTURE(before, after);
      Few vector = counted(static_cast<int>(before));
      vector.resize(after);
      REQUIRE(vector.size() == after);
      for (std::size_t i = 0; i < after; ++i) CHECK(vector[i] == (i < before ? static_cast<int>(i) : 0));
      vector.clear();
      vector.push_back(3);
      CHECK(vector == Few{3});
    }
}

TEST_CASE("elements inside ask for no memory") {
  const auto before = test::allocations();
  const Few inside = counted(4);
  const Few copy = inside;
  CHECK(test::allocations() == before);
  const Few outside = counted(5);
  CHECK(test::allocations() > before);
}
