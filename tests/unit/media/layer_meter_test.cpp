#include "sfu/media/layer_meter.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/media/helpers.hpp"

using namespace parley;
using namespace parley::media;
using namespace parley::media::testing;

namespace {

FramePlace place(std::uint8_t spatial, std::uint8_t temporal) {
  FramePlace result;
  result.spatial = spatial;
  result.temporal = temporal;
  return result;
}

/// Thirty pictures a second from `from` to `to`, each with `bytes` in every spatial layer; every other one in temporal layer 1.
void send(LayerMeter& meter, Layer encoding, std::uint8_t spatial_layers, std::size_t bytes, Duration from, Duration to) {
  int picture = 0;
  for (Duration now = from; now < to; now += milliseconds(1000) / 30, ++picture)
    for (std::uint8_t spatial = 0; spatial < spatial_layers; ++spatial)
      meter.receive(at(now), encoding, place(spatial, static_cast<std::uint8_t>(picture % 2)), bytes);
}

constexpr Layer low{0}, high{1};

}  // namespace

TEST_CASE("each layer is offered for what it costs with all layers below it") {
  LayerMeter meter;
  send(meter, low, 2, 1000, seconds(10), seconds(13));
  meter.set_sizes(low, {{{320, 180}, {640, 360}}});
  const auto offered = meter.offered(at(seconds(13)));
  REQUIRE(offered.size() == 4);
  CHECK(offered[0].quality == Quality{low, 0, 0});
  CHECK(offered[0].bits_per_second == Approx(120'000).epsilon(0.1));
  CHECK(offered[0].width == 320);
  CHECK(offered[1].quality == Quality{low, 0, 1});
  CHECK(offered[1].bits_per_second == Approx(240'000).epsilon(0.1));
  CHECK(offered[2].quality == Quality{low, 1, 0});
  CHECK(offered[2].bits_per_second == Approx(240'000).epsilon(0.1));
  CHECK(offered[2].height == 360);
  CHECK(offered[3].quality == Quality{low, 1, 1});
  CHECK(offered[3].bits_per_second == Approx(480'000).epsilon(0.1));
}

TEST_CASE("a rate is that of the last second") {
  LayerMeter meter;
  send(meter, low, 1, 1000, seconds(10), seconds(12));
  CHECK(meter.offered(at(seconds(12))).back().bits_per_second == Approx(240'000).epsilon(0.1));
  send(meter, low, 1, 3000, seconds(12), milliseconds(12600));
  CHECK(meter.offered(at(milliseconds(12600))).back().bits_per_second > 400'000);
  send(meter, low, 1, 3000, milliseconds(12600), milliseconds(13300));
  CHECK(meter.offered(at(milliseconds(13300))).back().bits_per_second == Approx(720'000).epsilon(0.1));
}

TEST_CASE("within the first second a rate is that of the time since the first packet") {
  LayerMeter meter;
  send(meter, low, 1, 1000, seconds(10), milliseconds(10510));
  CHECK(meter.offered(at(milliseconds(10510))).back().bits_per_second == Approx(240'000).epsilon(0.15));
}

TEST_CASE("an encoding that falls silent is not offered, and is again when it returns") {
  LayerMeter meter;
  send(meter, low, 1, 500, seconds(10), seconds(15));
  send(meter, high, 1, 5000, seconds(10), seconds(13));
  CHECK(meter.offered(at(seconds(13))).size() == 4);
  const auto without = meter.offered(at(milliseconds(14300)));
  REQUIRE(without.size() == 2);
  CHECK(without.back().quality.encoding == low);
  send(meter, high, 1, 5000, seconds(15), milliseconds(15600));
  send(meter, low, 1, 500, seconds(15), milliseconds(15600));
  const auto again = meter.offered(at(milliseconds(15600)));
  REQUIRE(again.size() == 4);
  CHECK(again.back().bits_per_second == Approx(1'200'000).epsilon(0.15));
  CHECK(meter.offered(at(seconds(20))).empty());
}

TEST_CASE("layers and encodings that cannot be do no harm") {
  LayerMeter meter;
  meter.receive(at(seconds(1)), Layer{LayerActivity::maximum_layers}, place(0, 0), 100);
  CHECK(meter.offered(at(seconds(1))).empty());
  meter.receive(at(seconds(1)), low, place(7, 7), 100);
  CHECK(meter.offered(at(seconds(1))).size() == 1);
}
