#include "sfu/base/deadlines.hpp"

#include <catch2/catch.hpp>

#include "tests/support/allocations.hpp"

using namespace parley;

namespace {
Time at(int milliseconds) { return Time{} + std::chrono::milliseconds(milliseconds); }
}  // namespace

TEST_CASE("keys come out in the order of their deadlines and not before") {
  Deadlines<int> deadlines;
  deadlines.set(1, at(30));
  deadlines.set(2, at(10));
  deadlines.set(3, at(20));
  CHECK(deadlines.next() == at(10));
  CHECK_FALSE(deadlines.take_due(at(9)));
  CHECK(deadlines.take_due(at(25)) == 2);
  CHECK(deadlines.take_due(at(25)) == 3);
  CHECK_FALSE(deadlines.take_due(at(25)));
  CHECK(deadlines.take_due(at(30)) == 1);
  CHECK(deadlines.empty());
}

TEST_CASE("an earlier deadline replaces a later one, and each key comes out once") {
  Deadlines<int> deadlines;
  deadlines.set(1, at(30));
  deadlines.set(1, at(10));
  deadlines.set(1, at(20));
  CHECK(deadlines.take_due(at(40)) == 1);
  CHECK_FALSE(deadlines.take_due(at(40)));
}

TEST_CASE("a removed key does not come out") {
  Deadlines<int> deadlines;
  deadlines.set(1, at(10));
  deadlines.remove(1);
  CHECK_FALSE(deadlines.take_due(at(20)));
  deadlines.set(1, never);
  CHECK(deadlines.next() == never);
}

TEST_CASE("keys that come and go long before their deadlines do not disturb the ones that stay") {
  Deadlines<int> deadlines;
  for (int key = 1000; key < 1010; ++key) deadlines.set(key, at(key));
  for (int key = 0; key < 1000; ++key) {
    deadlines.set(key, at(5000));
    deadlines.remove(key);
  }
  for (int key = 1000; key < 1010; ++key) CHECK(deadlines.take_due(at(2000)) == key);
  CHECK_FALSE(deadlines.take_due(at(10000)));
  CHECK(deadlines.empty());
}

TEST_CASE("a key that is set again when it has come out asks for no memory") {
  Deadlines<int> deadlines;
  for (int key = 0; key < 100; ++key) deadlines.set(key, at(key));
  deadlines.take_due(at(0));
  deadlines.set(0, at(1000));
  const auto before = test::allocations();
  for (int key = 1; key < 100; ++key) {
    CHECK(deadlines.take_due(at(key)) == key);
    deadlines.set(key, at(1000 + key));
  }
  CHECK(test::allocations() == before);
  for (int key = 0; key < 100; ++key) CHECK(deadlines.take_due(at(2000)) == key);
}
