#include "sfu/base/fifo.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "sfu/base/random.hpp"

using parley::Fifo;

TEST_CASE("a Fifo does what a deque does, through growth and wrap-around") {
  auto random = parley::Random::from_number(3);
  Fifo<int> fifo;
  std::deque<int> model;
  for (int step = 0; step < 20000; ++step) {
    const auto choice = random.below(100);
    if (choice < 52 || model.empty()) {
      fifo.push(step);
      model.push_back(step);
    } else if (choice < 99) {
      REQUIRE(fifo.pop() == model.front());
      model.pop_front();
    } else {
      fifo.remove_if([](int item) { return item % 3 == 0; });
      std::erase_if(model, [](int item) { return item % 3 == 0; });
    }
    REQUIRE(fifo.size() == model.size());
    REQUIRE(fifo.empty() == model.empty());
  }
}
