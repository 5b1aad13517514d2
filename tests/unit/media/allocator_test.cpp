#include "sfu/media/allocator.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "sfu/base/random.hpp"

using namespace parley;
using namespace parley::media;

namespace {

Time at(Duration since) { return Time(since); }

constexpr Quality low{Layer{0}, 0, 0}, middle{Layer{1}, 0, 0}, high{Layer{2}, 0, 0};

/// What Chromium sends of a 720p camera.
const std::vector<OfferedQuality> camera_layers = {
    {low, 150'000, 320, 180}, {middle, 500'000, 640, 360}, {high, 2'500'000, 1280, 720}};
const std::vector<OfferedQuality> screen_layers = {{low, 200'000, 960, 540}, {middle, 1'200'000, 1920, 1080}};
const std::vector<OfferedQuality> opus_layer = {{Quality{}, 40'000}};

Demand camera(std::uint64_t id, View view = {}) { return {TrackId{id}, Content::camera, view, camera_layers}; }
Demand screen(std::uint64_t id, View view = {}) { return {TrackId{id}, Content::screen, view, screen_layers}; }
Demand microphone(std::uint64_t id) { return {TrackId{id}, Content::audio, {}, opus_layer}; }
View shown(std::uint32_t width, std::uint32_t height, std::uint8_t priority = 100) { return {true, width, height, priority, {}}; }

/// Without a past.
std::vector<Grant> share(std::uint64_t estimate, const std::vector<Demand>& demands) {
  std::vector<Grant> grants;
  allocate(estimate, demands, std::vector<Terms>(demands.size(), Terms{{}, estimate}), grants);
  return grants;
}

/// A letter for each: its encoding's number, or '-' when it is paused.
std::string chosen(const std::vector<Grant>& grants) {
  std::string result;
  for (const auto& grant : grants) result += grant.quality ? static_cast<char>('0' + grant.quality->quality.encoding.value) : '-';
  return result;
}

std::vector<Limit> limits(const std::vector<Grant>& grants) {
  std::vector<Limit> result;
  for (const auto& grant : grants) result.push_back(grant.limit);
  return result;
}

std::uint64_t sum(const std::vector<Grant>& grants) {
  std::uint64_t result = 0;
  for (const auto& grant : grants) result += grant.bits_per_second();
  return result;
}

/// Asks ten times a second; counts the times at which something was taken away.
struct Receiver {
  std::vector<Grant> follow(Duration length, const auto& estimates, const std::vector<Demand>& demands) {
    std::vector<Grant> grants;
    for (const Duration end = now + length; now < end; now += milliseconds(100)) {
      const std::uint64_t estimate = estimates(now);
      grants = allocator.allocate(at(now), estimate, demands);
      CHECK(sum(grants) <= estimate);
      const auto after = chosen(grants);
      bool fallen = false;
      for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) fallen |= after[i] < before[i];
      falls += fallen;
      before = after;
    }
    return grants;
  }
  std::vector<Grant> run(Duration length, std::uint64_t estimate, const std::vector<Demand>& demands) {
    return follow(
        length, [=](Duration) { return estimate; }, demands);
  }

  Allocator allocator{Allocator::Settings{.patience = Duration{}}};
  Duration now = seconds(100);
  std::string before;
  int falls = 0;
};

}  // namespace

TEST_CASE("sound comes first, then the screen's lowest layer, then each camera's, and the rest goes upwards") {
  const std::vector demands = {camera(1), screen(2), microphone(3)};
  CHECK(chosen(share(30'000, demands)) == "--0");
  CHECK(chosen(share(240'000, demands)) == "-00");
  CHECK(chosen(share(390'000, demands)) == "000");
  CHECK(chosen(share(740'000, demands)) == "100");
  CHECK(chosen(share(3'740'000, demands)) == "210");
}

TEST_CASE("nobody gets more pixels than are shown, rounded up to the next layer") {
  const auto only = [](View view) { return share(10'000'000, {camera(1, view)}).front(); };
  CHECK(only(shown(320, 180)).quality->quality == low);
  CHECK(only(shown(320, 180)).limit == Limit::viewport);
  CHECK(only(shown(321, 181)).quality->quality == middle);
  CHECK(only(shown(2000, 180)).quality->quality == low);  // shown whole, it is 180 pixels high
  CHECK(only(shown(1920, 1080)).quality->quality == high);
  CHECK(only(shown(1920, 1080)).limit == Limit::none);
  CHECK(only({}).quality->quality == high);
  View limited;
  limited.maximum = Quality{Layer{1}, Quality::highest_layer, Quality::highest_layer};
  CHECK(only(limited).quality->quality == middle);
  CHECK(only(limited).limit == Limit::viewport);
}

TEST_CASE("all temporal layers of the size that is shown are of use") {
  const std::vector<OfferedQuality> layers = {{{Layer{0}, 0, 0}, 50'000, 320, 180},
                                              {{Layer{0}, 0, 1}, 80'000, 320, 180},
                                              {{Layer{0}, 1, 0}, 200'000, 640, 360},
                                              {{Layer{0}, 1, 1}, 300'000, 640, 360},
                                              {{Layer{0}, 2, 0}, 900'000, 1280, 720}};
  const Demand demand{TrackId{1}, Content::camera, shown(500, 300), layers};
  CHECK(share(10'000'000, {demand}).front().quality->quality == Quality{Layer{0}, 1, 1});
  CHECK(share(250'000, {demand}).front().quality->quality == Quality{Layer{0}, 1, 0});
}

TEST_CASE("each says what limits it") {
  const std::vector<OfferedQuality> nothing;
  Demand hidden = camera(1), silent = camera(2), refused = camera(3), behind = camera(4);
  hidden.view.visible = false;
  silent.offered = nothing;
  refused.permitted = false;
  behind.missing = Limit::cpu;
  const auto grants = share(10'000'000, {hidden, silent, refused, behind, camera(5)});
  CHECK(chosen(grants) == "---22");
  CHECK(limits(grants) == std::vector{Limit::viewport, Limit::publisher, Limit::policy, Limit::cpu, Limit::none});
  CHECK(share(600'000, {camera(1)}).front().limit == Limit::bandwidth);
  CHECK(share(600'000, {camera(1)}).front().wanted->quality == high);
}

TEST_CASE("when the lowest layers do not fit, the least important videos are paused and named") {
  const auto grants = share(500'000, {camera(1, shown(640, 360)), camera(2, shown(320, 180)), camera(3, shown(640, 360, 200)),
                                      camera(4, shown(640, 360)), microphone(5)});
  CHECK(chosen(grants) == "0-000");
  CHECK(limits(grants)[1] == Limit::bandwidth);
}

TEST_CASE("the more important rises first, among equals the one that is worst served for its size") {
  CHECK(chosen(share(2'700'000, {camera(1), camera(2, shown(1280, 720, 200))})) == "02");
  CHECK(chosen(share(700'000, {camera(1, shown(640, 360)), camera(2, shown(1280, 720))})) == "01");
  CHECK(chosen(share(1'100'000, {camera(1, shown(640, 360)), camera(2, shown(640, 360))})) == "11");
}

TEST_CASE("the sum stays within the estimate, and who gets less than the view wants could not have got more") {
  Random random = Random::from_number(4);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Demand> demands;
    std::vector<std::vector<OfferedQuality>> offers(1 + random.below(8));
    std::uint64_t sound = 0;
    for (std::size_t i = 0; i < offers.size(); ++i) {
      const auto content = static_cast<Content>(random.below(3));
      std::uint64_t rate = 0;
      for (std::uint8_t layer = 0; layer < 1 + random.below(4); ++layer)
        offers[i].push_back({Quality{Layer{layer}, 0, 0}, rate += 10'000 + random.below(800'000),
                             static_cast<std::uint16_t>(160 << layer), static_cast<std::uint16_t>(90 << layer)});
      if (content == Content::audio) offers[i].resize(1);
      if (content == Content::audio) sound += offers[i][0].bits_per_second;
      demands.push_back(
          {TrackId{i}, content,
           shown(100 + static_cast<std::uint32_t>(random.below(1200)), 100, static_cast<std::uint8_t>(random.below(3))),
           offers[i]});
    }
    for (std::uint64_t estimate = 0; estimate < 4'000'000; estimate += 1 + random.below(400'000)) {
      const auto grants = share(estimate, demands);
      CHECK(sum(grants) <= std::max(estimate, sound));
      for (std::size_t i = 0; i < grants.size(); ++i) {
        const auto useful = useful_qualities(demands[i]);
        const auto next = std::ranges::find_if(
            useful, [&](const auto& offered) { return !grants[i].quality || offered.quality > grants[i].quality->quality; });
        if (next == useful.end()) continue;
        CHECK(grants[i].limit == Limit::bandwidth);
        CHECK(sum(grants) - grants[i].bits_per_second() + next->bits_per_second > estimate);
      }
    }
  }
}

TEST_CASE("of videos that are equal but for their importance, none ever loses by a higher estimate") {
  std::vector<Demand> demands;
  for (std::uint64_t i = 0; i < 6; ++i) demands.push_back(camera(i, shown(1280, 720, static_cast<std::uint8_t>(100 + i))));
  std::string before(demands.size(), '-');
  for (std::uint64_t estimate = 0; estimate < 16'000'000; estimate += 10'000) {
    const auto after = chosen(share(estimate, demands));
    std::size_t first = demands.size();
    while (first > 0 && after[first - 1] == before[first - 1]) --first;
    if (first > 0) CHECK(after[first - 1] > before[first - 1]);  // the most important of those that change
    before = after;
  }
  CHECK(before == "222222");
}

TEST_CASE("an upgrade waits for headroom that lasts, a downgrade for nothing") {
  Receiver receiver;
  const std::vector demands = {camera(1)};
  CHECK(chosen(receiver.run(seconds(5), 400'000, demands)) == "0");
  CHECK(chosen(receiver.run(seconds(5), 570'000, demands)) == "0");
  CHECK(chosen(receiver.run(milliseconds(900), 580'000, demands)) == "0");
  CHECK(chosen(receiver.run(milliseconds(300), 580'000, demands)) == "1");
  CHECK(chosen(receiver.run(seconds(5), 500'000, demands)) == "1");
  CHECK(chosen(receiver.run(milliseconds(100), 499'000, demands)) == "0");
}

TEST_CASE("after a failed upgrade the next one waits for 5 s, then 10, 20, 40 and 60") {
  Receiver receiver;
  const std::vector demands = {camera(1)};
  receiver.run(seconds(3), 400'000, demands);
  for (const Duration wait : {seconds(1), seconds(5), seconds(10), seconds(20), seconds(40), seconds(60), seconds(60)}) {
    CHECK(chosen(receiver.run(wait - milliseconds(100), 600'000, demands)) == "0");
    CHECK(chosen(receiver.run(milliseconds(300), 600'000, demands)) == "1");
    CHECK(chosen(receiver.run(milliseconds(100), 450'000, demands)) == "0");
  }
  CHECK(chosen(receiver.run(seconds(61), 600'000, demands)) == "1");
  receiver.run(seconds(61), 600'000, demands);
  CHECK(receiver.allocator.back_off() == Duration{});
}

TEST_CASE("what is shown stays for three seconds although nothing fits, but what is paused does not come back for that") {
  Allocator allocator;
  const std::vector demands = {camera(1), camera(2)};
  const auto shown = [&](Duration now, std::uint64_t estimate) { return chosen(allocator.allocate(at(now), estimate, demands)); };
  REQUIRE(shown(Duration{}, 4'000'000).size() == 2);
  const auto before = shown(milliseconds(100), 4'000'000);
  CHECK(before.find('-') == before.npos);
  // In the lowest quality, whatever it costs.
  CHECK(shown(seconds(1), 10'000) == "00");
  CHECK(shown(milliseconds(3900), 10'000) == "00");
  CHECK(shown(milliseconds(4100), 10'000) == "--");
  CHECK(shown(milliseconds(4200), 20'000) == "--");
  CHECK(shown(milliseconds(4300), 10'000) == "--");
}

TEST_CASE("an upgrade after which the estimate collapses at once has failed") {
  Allocator allocator{Allocator::Settings{.patience = Duration{}}};
  const std::vector demands = {camera(1)};
  Duration now{};
  for (; now < seconds(3); now += milliseconds(100)) allocator.allocate(at(now), 1'000'000, demands);
  allocator.allocate(at(now), 100'000, demands);
  CHECK(allocator.back_off() == seconds(5));
}

TEST_CASE("a network that collapses and comes back is not our failure") {
  Receiver receiver;
  const std::vector demands = {camera(1)};
  CHECK(chosen(receiver.run(seconds(5), 4'000'000, demands)) == "2");
  CHECK(chosen(receiver.run(seconds(10), 400'000, demands)) == "0");
  CHECK(chosen(receiver.run(milliseconds(1100), 4'000'000, demands)) == "2");
}

TEST_CASE("a failed upgrade says nothing about a network that carries twice as much") {
  Receiver receiver;
  const std::vector demands = {camera(1)};
  receiver.run(seconds(3), 400'000, demands);
  CHECK(chosen(receiver.run(seconds(2), 600'000, demands)) == "1");
  CHECK(chosen(receiver.run(seconds(1), 450'000, demands)) == "0");
  REQUIRE(receiver.allocator.back_off() > Duration{});
  CHECK(chosen(receiver.run(milliseconds(1100), 4'000'000, demands)) == "2");
}

TEST_CASE("six videos at 1 Mbit/s follow the viewport, and the one that is paused is named") {
  Receiver receiver;
  std::vector<Demand> demands;
  for (std::uint64_t i = 0; i < 6; ++i) demands.push_back(camera(i, shown(320, 180)));
  demands.push_back(microphone(6));
  demands.push_back(microphone(7));
  const auto even = receiver.run(seconds(5), 960'000, demands);
  CHECK(chosen(even) == "00000-00");
  CHECK(limits(even)[5] == Limit::bandwidth);
  CHECK(limits(even)[0] == Limit::viewport);

  // The fourth is put on the stage, and all the others but the first are scrolled away.
  demands[3].view = shown(1280, 720, 200);
  for (const std::size_t hidden : {1, 2, 4, 5}) demands[hidden].view.visible = false;
  const auto stage = receiver.run(milliseconds(1500), 960'000, demands);
  CHECK(chosen(stage) == "0--1--00");
  CHECK(limits(stage)[3] == Limit::bandwidth);
  CHECK(limits(stage)[4] == Limit::viewport);
  CHECK(receiver.allocator.back_off() == Duration{});
}

TEST_CASE("an estimate that wobbles by 15 % makes less than one oscillation a minute") {
  const double period = GENERATE(0.5, 2.0, 7.0, 12.0, 20.0, 30.0, 45.0);
  const double mean = GENERATE(0.9e6, 1.0e6, 1.05e6, 1.4e6, 2.2e6, 4.0e6);
  Receiver receiver;
  std::vector<Demand> demands;
  for (std::uint64_t i = 0; i < 6; ++i) demands.push_back(camera(i, shown(640, 360)));
  const auto wobbling = [&](Duration now) {
    const double phase = std::chrono::duration<double>(now).count() / period * 2 * std::numbers::pi;
    return static_cast<std::uint64_t>(mean * (1 + 0.15 * std::sin(phase)));
  };
  receiver.follow(minutes(10), wobbling, demands);
  CAPTURE(period, mean);
  CHECK(receiver.falls < 10);
}

TEST_CASE("noise in the estimate makes less than one oscillation a minute") {
  const std::uint64_t seed = GENERATE(range<std::uint64_t>(0, 10));
  Random random = Random::from_number(seed);
  Receiver receiver;
  std::vector<Demand> demands;
  for (std::uint64_t i = 0; i < 6; ++i) demands.push_back(camera(i, shown(640, 360)));
  double deviation = 0;
  const auto noisy = [&](Duration) {
    deviation = std::clamp(deviation + 0.06 * (random.uniform() - 0.5), -0.15, 0.15);
    return static_cast<std::uint64_t>(1.05e6 * (1 + deviation));
  };
  receiver.follow(minutes(10), noisy, demands);
  CHECK(receiver.falls < 10);
}

TEST_CASE("somebody new is shown at once in the lowest quality, if that fits at all: it is what begins by itself") {
  Receiver receiver;
  std::vector demands = {camera(1)};
  receiver.run(seconds(3), 310'000, demands);
  demands.push_back(camera(2));
  // It was announced before its first packet came.
  demands.back().offered = {};
  CHECK(chosen(receiver.run(milliseconds(200), 310'000, demands)) == "0-");
  demands.back().offered = camera_layers;
  CHECK(chosen(receiver.run(milliseconds(100), 310'000, demands)) == "00");
  demands.push_back(camera(3));
  CHECK(chosen(receiver.run(milliseconds(100), 310'000, demands)) == "00-");
}

TEST_CASE("somebody new does not wait for the back-off of others") {
  Receiver receiver;
  std::vector demands = {camera(1)};
  receiver.run(seconds(3), 1'200'000, demands);
  demands.push_back(screen(2));
  receiver.run(seconds(3), 650'000, demands);
  for (int i = 0; i < 3; ++i) {
    receiver.run(seconds(40), 1'000'000, demands);
    receiver.run(milliseconds(500), 650'000, demands);
  }
  REQUIRE(receiver.allocator.back_off() > seconds(1));
  demands.push_back(camera(3, shown(320, 180)));
  CHECK(chosen(receiver.run(milliseconds(1200), 1'000'000, demands)).back() == '0');
}

TEST_CASE("the useful estimate is what grants everything that is wanted") {
  const std::vector demands = {camera(1), camera(2, shown(320, 180)), microphone(3)};
  Receiver receiver;
  const auto useful = useful_estimate(receiver.allocator.allocate(at(receiver.now), 0, demands));
  CHECK(useful == 3'093'500);
  CHECK(chosen(receiver.run(seconds(3), useful - 1, demands)) != "200");
  CHECK(chosen(receiver.run(seconds(3), useful, demands)) == "200");
}

TEST_CASE("a key frame that makes a layer dear for a second takes nothing away, a scene that stays dear does") {
  Receiver receiver;
  auto layers = camera_layers;
  const std::vector demands = {Demand{TrackId{1}, Content::camera, {}, layers}};
  CHECK(chosen(receiver.run(seconds(5), 2'900'000, demands)) == "2");
  layers[2].bits_per_second = 3'500'000;
  CHECK(chosen(receiver.run(seconds(1), 2'900'000, demands)) == "2");
  layers[2].bits_per_second = 2'500'000;
  CHECK(chosen(receiver.run(seconds(10), 2'900'000, demands)) == "2");
  layers[2].bits_per_second = 3'500'000;
  CHECK(chosen(receiver.run(seconds(4), 2'900'000, demands)) == "1");
}

TEST_CASE("what costs no less than something better is not granted") {
  Receiver receiver;
  const std::vector<OfferedQuality> layers = {{low, 300'000, 320, 180}, {high, 200'000, 1280, 720}};
  CHECK(chosen(receiver.run(seconds(3), 1'000'000, {Demand{TrackId{1}, Content::camera, shown(320, 180), layers}})) == "2");
}

TEST_CASE("an encoder that leaves out pictures for a moment makes its best layer no bargain") {
  Receiver receiver;
  auto layers = camera_layers;
  const std::vector demands = {Demand{TrackId{1}, Content::camera, {}, layers}};
  CHECK(chosen(receiver.run(seconds(5), 580'000, demands)) == "1");
  layers[2].bits_per_second = 400'000;
  CHECK(chosen(receiver.run(seconds(1), 580'000, demands)) == "1");
  layers[2].bits_per_second = 2'500'000;
  CHECK(chosen(receiver.run(seconds(5), 580'000, demands)) == "1");
  CHECK(receiver.falls == 0);
}

TEST_CASE("layers that cost now more, now less, make less than one oscillation a minute") {
  const double period = GENERATE(2.0, 5.0, 12.0, 30.0);
  Receiver receiver;
  std::vector<std::vector<OfferedQuality>> layers(6, camera_layers);
  std::vector<Demand> demands;
  for (std::uint64_t i = 0; i < 6; ++i) demands.push_back({TrackId{i}, Content::camera, shown(640, 360), layers[i]});
  const auto steady = [&](Duration now) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const double phase = std::chrono::duration<double>(now).count() / period + static_cast<double>(i) / 6;
      for (std::size_t layer = 0; layer < 3; ++layer)
        layers[i][layer].bits_per_second = static_cast<std::uint64_t>(static_cast<double>(camera_layers[layer].bits_per_second) *
                                                                      (1 + 0.2 * std::sin(phase * 2 * std::numbers::pi)));
    }
    return std::uint64_t{2'050'000};
  };
  receiver.follow(minutes(10), steady, demands);
  CAPTURE(period);
  CHECK(receiver.falls < 10);
}
