#include "sfu/room/viewing.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using media::Grant;
using media::Limit;
using media::OfferedQuality;
using room::Viewing;

namespace {

constexpr Time start = Time{} + seconds(1000);
const OfferedQuality small{{media::Layer{0}, 0, 0}, 150'000, 320, 180};
const OfferedQuality large{{media::Layer{2}, 0, 0}, 2'500'000, 1280, 720};

Grant granted(std::optional<OfferedQuality> quality, Limit limit) { return {TrackId{7}, quality, large, limit}; }

}  // namespace

TEST_CASE("why nothing is sent") {
  Viewing viewing;
  viewing.set_grant(granted(small, Limit::bandwidth));
  CHECK(viewing.pause().empty());
  viewing.set_grant(granted({}, Limit::bandwidth));
  CHECK(viewing.pause() == "bandwidth");
  viewing.set_grant(granted({}, Limit::policy));
  CHECK(viewing.pause() == "policy");
  viewing.set_grant(granted({}, Limit::publisher));
  CHECK(viewing.pause().empty());  // nobody holds it back: there is nothing
  media::View hidden;
  hidden.visible = false;
  viewing.set_view(hidden);
  viewing.set_grant(granted({}, Limit::viewport));
  CHECK(viewing.pause() == "viewport");
}

TEST_CASE("a change of the picture is told at once, but not in a hail") {
  Viewing viewing;
  viewing.set_grant(granted(small, Limit::bandwidth));
  const auto first = viewing.tell(start, room::picture_of(small), 300'000);
  REQUIRE(first);
  CHECK(first->track == TrackId{7});
  CHECK(first->limit == control::Limit::bandwidth);
  CHECK(first->current.width == 320);
  CHECK(first->wanted.width == 1280);
  viewing.set_grant(granted(large, Limit::none));
  CHECK_FALSE(viewing.tell(start + milliseconds(100), room::picture_of(large), 300'000));
  const auto second = viewing.tell(start + Viewing::shortest_interval, room::picture_of(large), 300'000);
  REQUIRE(second);
  CHECK(second->limit == control::Limit::none);
  CHECK_FALSE(viewing.tell(start + seconds(60), room::picture_of(large), 300'000));
}

TEST_CASE("an estimate that wavers a little is nothing to tell; one that doubles is, after a while") {
  Viewing viewing;
  viewing.set_grant(granted(small, Limit::bandwidth));
  viewing.tell(start, room::picture_of(small), 1'000'000);
  CHECK_FALSE(viewing.tell(start + seconds(10), room::picture_of(small), 1'100'000));
  CHECK_FALSE(viewing.tell(start + seconds(1), room::picture_of(small), 2'000'000));
  CHECK(viewing.tell(start + Viewing::usual_interval, room::picture_of(small), 2'000'000));
}
