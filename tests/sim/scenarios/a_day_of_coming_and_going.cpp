// A server that runs for a day while people come and go must hold as much memory in the evening as in the morning. Everything
// that the program allocates is counted: Hub, worker, clients and the simulated network.

#include <catch2/catch.hpp>
#include <vector>

#include "tests/sim/world.hpp"
#include "tests/support/allocations.hpp"

using namespace parley;
using namespace parley::sim;

namespace {

/// Sanitizers slow this down tenfold, and are there for other mistakes.
#ifdef __SANITIZE_ADDRESS__
constexpr int hours_of_day = 2;
#else
constexpr int hours_of_day = 24;
#endif
constexpr std::size_t rooms = 2;
constexpr std::size_t most_people = 8;

/// A voice and a picture in slow motion, so that a day costs minutes and not hours.
std::vector<loadtest::SourceSettings> slow_tracks() {
  auto voice = loadtest::microphone();
  voice.frames_per_second = 2;
  auto picture = loadtest::camera();
  picture.frames_per_second = 1;
  return {voice, picture};
}

class Day {
 public:
  /// An hour in which somebody comes or goes every half minute, and now and then a connection breaks.
  void run_hour() {
    for (int i = 0; i < 120; ++i) {
      world_.run_for(seconds(30));
      forget_those_who_left();
      auto& random = world_.random();
      if (here_.size() < 3 || (here_.size() < most_people && random.below(2) == 0)) {
        here_.push_back(&world_.join(1 + random.below(rooms), slow_tracks()));
        ++joins;
      } else {
        const auto which = here_.begin() + static_cast<std::ptrdiff_t>(random.below(here_.size()));
        if (random.below(4) == 0)
          world_.lose_websocket(**which, seconds(2));
        else
          leave(which);
      }
    }
  }
  void everybody_leaves() {
    while (!here_.empty()) leave(here_.begin());
    world_.run_for(minutes(2));
    forget_those_who_left();
  }

  int joins = 0;
  World& world() { return world_; }

 private:
  void leave(std::vector<Client*>::iterator who) {
    world_.leave(**who);
    left_.push_back(*who);
    here_.erase(who);
  }
  void forget_those_who_left() {
    for (const auto* client : left_) world_.forget(*client);
    left_.clear();
  }

  World world_{{.seed = 7}};
  std::vector<Client*> here_;
  std::vector<Client*> left_;
};

}  // namespace

TEST_CASE("in the evening of a day of coming and going the memory is what it was at noon") {
  Day day;
  std::vector<std::uint64_t> memory;
  for (int hour = 0; hour < hours_of_day; ++hour) {
    day.run_hour();
    day.everybody_leaves();
    REQUIRE(day.world().violations().empty());
    REQUIRE(day.world().workers_are_empty());
    memory.push_back(test::allocated_bytes());
  }
  CHECK(day.joins > hours_of_day * 20);
  const auto noon = memory[memory.size() / 2];
  INFO("after the first hour " << memory.front() << " bytes, at noon " << noon << ", in the evening " << memory.back());
  CHECK(static_cast<double>(memory.back()) < 1.01 * static_cast<double>(noon));
  // What is kept for use again (slots, tables) grows once when a larger crowd comes than ever before.
  CHECK(static_cast<double>(memory.back()) < 1.5 * static_cast<double>(memory.front()));
}
