#include "sfu/room/wanted_encodings.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using media::Layer;
using room::WantedEncodings;

namespace {

constexpr Time start = Time{} + seconds(1000);

}  // namespace

TEST_CASE("a publisher is told nothing while everything is wanted") {
  WantedEncodings wanted(3);
  CHECK_FALSE(wanted.update(start, Layer{2}));
  CHECK(wanted.highest() == Layer{2});
}

TEST_CASE("less is wanted only after a while, more at once") {
  WantedEncodings wanted(3);
  CHECK_FALSE(wanted.update(start, Layer{0}));
  CHECK_FALSE(wanted.update(start + WantedEncodings::patience - milliseconds(1), Layer{0}));
  CHECK(wanted.update(start + WantedEncodings::patience, Layer{0}));
  CHECK(wanted.highest() == Layer{0});
  CHECK(wanted.update(start + WantedEncodings::patience + milliseconds(1), Layer{1}));
  CHECK(wanted.highest() == Layer{1});
}

TEST_CASE("when nobody watches nothing is wanted, and whoever wants it again gets it at once") {
  WantedEncodings wanted(1);
  wanted.update(start, {});
  CHECK(wanted.update(start + WantedEncodings::patience, {}));
  CHECK_FALSE(wanted.highest());
  CHECK(wanted.update(start + seconds(60), Layer{0}));
}

TEST_CASE("a wish that wavers is not passed on") {
  WantedEncodings wanted(3);
  for (Time now = start; now < start + seconds(30); now += seconds(1)) {
    const bool large = (now - start) / seconds(1) % 2 == 0;
    CHECK_FALSE(wanted.update(now, Layer{large ? 2u : 1u}));
  }
  CHECK(wanted.highest() == Layer{2});
}
