// What a scenario file means, and what is said about one that means nothing.
#include "loadtest/scenario.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace parley;
using namespace parley::loadtest;

namespace {

std::string with(const std::string& room, const std::string& rest = "media: {audio: true}") {
  return "name: A test\nroom: " + room + "\n" + rest + "\n";
}

Scenario parsed(const std::string& text) {
  const auto scenario = parse_scenario(text);
  INFO(text);
  if (!scenario) FAIL(scenario.error().message);
  return *scenario;
}

std::string complaint(const std::string& text) {
  const auto scenario = parse_scenario(text);
  INFO(text);
  REQUIRE_FALSE(scenario);
  CHECK(scenario.error().code == "scenario_invalid");
  return scenario.error().message;
}

}  // namespace

TEST_CASE("Every scenario that comes with Parley can be read, and brings somebody") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PARLEY_SOURCE_DIR) + "/loadtest/scenarios")) {
    std::ifstream stream(entry.path());
    std::ostringstream text;
    text << stream.rdbuf();
    INFO(entry.path());
    CHECK_FALSE(make_plan(parsed(text.str())).empty());
    ++files;
  }
  CHECK(files >= 7);
}

TEST_CASE("All keys of a scenario arrive in their units") {
  const Scenario scenario = parsed(R"(
name: Everything
room: {shape: livestream, publishers: 2, viewers: 30, rooms: 4}
media:
  video: {frames_per_second: 30, frame_bytes: 5400, simulcast: true}
  audio: {frames_per_second: 100, frame_bytes: 70}
ramp: 1500ms
settle: 1s
duration: 2m
verify: 1/25
network:
  share: 25%
  up: {rate: 2M, delay: 40ms, jitter: 10ms, loss: 1%, burst_loss: 0.1%, burst_length: 7, reorder: 0.5%, queue: 64k}
  down: {rate: 500k}
thresholds: {join_p95: 2s, loss: 0.1%, delay_p99: 250ms, failed: 3, cpu_us_per_copy: 2.5, memory_per_subscriber: 200k}
)");
  CHECK(scenario.rooms.publishers == 2);
  CHECK(scenario.rooms.viewers == 30);
  CHECK(scenario.rooms.count == 4);
  CHECK_FALSE(scenario.rooms.publishers_watch);
  CHECK(scenario.media.video->frame_bytes == 5400);
  CHECK(scenario.media.video->simulcast);
  CHECK(scenario.media.audio->frames_per_second == 100);
  CHECK(scenario.length() == milliseconds(1500) + seconds(1) + minutes(2));
  CHECK(scenario.verify_one_in == 25);
  CHECK(scenario.network.share == Approx(0.25));
  CHECK(scenario.network.up->bits_per_second == 2'000'000);
  CHECK(scenario.network.up->delay == milliseconds(40));
  CHECK(scenario.network.up->loss == Approx(0.01));
  CHECK(scenario.network.up->queue_bytes == 64'000);
  CHECK(scenario.network.down->bits_per_second == 500'000);
  CHECK(scenario.thresholds == std::vector<Threshold>{{Metric::join_p95, 2},
                                                      {Metric::loss, 0.001},
                                                      {Metric::delay_p99, 0.25},
                                                      {Metric::cpu_us_per_copy, 2.5},
                                                      {Metric::failed, 3},
                                                      {Metric::memory_per_subscriber, 200'000}});
}

TEST_CASE("What cannot be meant is refused with its line, its key and what to write instead") {
  CHECK(complaint(with("{shape: meeting, peers: 3, pears: 1}")) ==
        "line 2: There is no key \"room.pears\" here. Possible: peers, rooms, shape.");
  CHECK(complaint(with("{shape: meeting}")) == "line 2: room.peers is missing.");
  CHECK(complaint(with("{shape: party, peers: 3}")) ==
        "line 2: room.shape is one of: audio_room, churn, join_storm, livestream, meeting.");
  CHECK(complaint(with("{shape: meeting, peers: many}")) ==
        "line 2: room.peers takes a whole number from 1 to 100000, not \"many\".");
  CHECK(complaint(with("{shape: meeting, peers: 2.5}")) == "line 2: room.peers takes a whole number from 1 to 100000.");
  CHECK(complaint(with("{shape: join_storm, peers: 10, room_size: 4}")).find("multiple of room_size") != std::string::npos);
  CHECK(complaint(with("{shape: churn, rooms: 1, joins_per_second: 0}")).find("must be above 0") != std::string::npos);
  CHECK(complaint(with("{shape: meeting, peers: 400, rooms: 251}")).find("more than 100000 people") != std::string::npos);
  const std::string meeting = "{shape: meeting, peers: 2}";
  CHECK(complaint(with(meeting, "media: {}")).find("media needs video, audio or both") != std::string::npos);
  CHECK(complaint(with(meeting, "media: {audio: perhaps}")) == "line 3: media.audio takes true or false.");
  CHECK(complaint(with(meeting, "media: {audio: true}\nduration: 10")) ==
        "line 4: duration takes a duration such as 250ms, 30s or 5m, not \"10\".");
  CHECK(complaint(with(meeting, "media: {audio: true}\nverify: 20")).find("1/20, or all") != std::string::npos);
  CHECK(complaint(with(meeting, "media: {audio: true}\nnetwork: {both: {loss: 150%}}")) ==
        "line 4: network.both.loss is a share, and so at most 100%.");
  CHECK(complaint(with(meeting, "media: {audio: true}\nnetwork: {both: {}, up: {}}")).find("either both, or up and down") !=
        std::string::npos);
  CHECK(complaint(with(meeting, "media: {audio: true}\nthresholds: {latency: 1s}"))
            .find("There is no key \"thresholds.latency\"") != std::string::npos);
  CHECK(complaint("- a list\n").find("A scenario is a list of \"key: value\" lines") != std::string::npos);
  CHECK(complaint("name: [\n").find("This is not YAML") != std::string::npos);
  CHECK(complaint("").find("line 1") != std::string::npos);
}

TEST_CASE("A codec that is left out follows the other medium's, and patterns are not mixed with clips") {
  const std::string meeting = "{shape: meeting, peers: 2}";
  CHECK(clip_names(parsed(with(meeting, "media: {video: true, audio: true}")).media).empty());
  CHECK(clip_names(parsed(with(meeting, "media: {video: {codec: h264, simulcast: true}, audio: true}")).media) ==
        std::vector<std::string>{"opus", "h264-simulcast"});
  CHECK(clip_names(parsed(with(meeting, "media: {video: true, audio: {codec: opus}}")).media) ==
        std::vector<std::string>{"opus", "vp8"});
  CHECK(complaint(with(meeting, "media: {video: {codec: pattern}, audio: {codec: opus}}")).find("both patterns") !=
        std::string::npos);
  CHECK(complaint(with(meeting, "media: {video: {codec: vp9, simulcast: true}}")).find("vp9") != std::string::npos);
}

TEST_CASE("Publishers come first, everybody within the ramp, and each room gets its share") {
  const auto plan =
      make_plan(parsed(with("{shape: livestream, publishers: 2, viewers: 10, rooms: 3}", "media: {audio: true}\nramp: 10s")));
  REQUIRE(plan.size() == 36);
  std::vector<int> viewers(3);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    CHECK(plan[i].publishes == (i < 6));
    CHECK(plan[i].watches == (i >= 6));
    CHECK(plan[i].join <= seconds(10));
    if (i > 0) CHECK(plan[i - 1].join <= plan[i].join);
    if (!plan[i].publishes) ++viewers[plan[i].room];
  }
  CHECK(viewers == std::vector<int>{10, 10, 10});
}

TEST_CASE("In churn somebody comes at regular intervals until the end, and leaves after the stay") {
  const Scenario scenario = parsed(with("{shape: churn, rooms: 2, joins_per_second: 4, stay: 3s}",
                                        "media: {audio: true}\nramp: 2s\nsettle: 1s\nduration: 7s"));
  const auto plan = make_plan(scenario);
  REQUIRE(plan.size() == 40);
  CHECK(plan[5].join == milliseconds(1250));
  CHECK(plan[5].leave == milliseconds(4250));
  CHECK(plan[5].room == 1);
}

TEST_CASE("The layers of a simulcast pattern are parts of the whole") {
  const auto sources = make_sources(
      parsed(with("{shape: meeting, peers: 2}", "media: {video: {frame_bytes: 5000, simulcast: true}, audio: true}")).media, 7, 9,
      {});
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].kind == control::Kind::audio);
  CHECK(sources[0].room == 7);
  CHECK(sources[1].publisher == 9);
  CHECK(sources[1].track == 1);
  REQUIRE(sources[1].layers.size() == 3);
  CHECK(sources[1].layers[0].frame_bytes == 600);
  CHECK(sources[1].layers[2].frame_bytes == 5000);
}

TEST_CASE("Data topics are read with their mode, rate and size, and go to the publishers that send on them") {
  const Scenario scenario = parsed(with("{shape: livestream, publishers: 2, viewers: 1}",
                                        "data:\n  lossy: {rate: 20, size: 200}\n  wait: {size: 64k, senders: 1}"));
  REQUIRE(scenario.data.size() == 2);
  CHECK_FALSE(scenario.media.video);
  const auto plan = make_plan(scenario);
  const auto first = make_data(scenario, plan.at(0), 7);
  REQUIRE(first);
  CHECK(first->publisher == 7);
  REQUIRE(first->streams.size() == 2);
  const auto& lossy = first->streams.at(0);
  CHECK((lossy.mode == DataMode::lossy && lossy.messages_per_second == 20 && lossy.size == 200));
  const auto& wait = first->streams.at(1);
  CHECK((wait.mode == DataMode::wait && wait.messages_per_second == 0 && wait.size == 64'000));
  CHECK(make_data(scenario, plan.at(1), 8)->streams.size() == 1);
  CHECK(make_data(scenario, plan.at(2), 9)->streams.empty());
  CHECK_FALSE(make_data(parsed(with("{shape: meeting, peers: 2}")), plan.at(0), 7));
}

TEST_CASE("What is wrong with data topics is said") {
  const std::string meeting = "{shape: meeting, peers: 2}";
  CHECK(complaint(with(meeting, "data: {}")).find("data needs a topic") != std::string::npos);
  CHECK(complaint(with(meeting, "data: {lossy: {size: 200}}")).find("data.lossy.rate is missing") != std::string::npos);
  CHECK(complaint(with(meeting, "data: {wait: {size: 10}}")).find("from 53 bytes") != std::string::npos);
  CHECK(complaint(with(meeting, "data: {all: {rate: 0}}")).find("data.all.rate is from") != std::string::npos);
  CHECK(complaint(with(meeting, "data: {most: {rate: 1}}")).find("data.most") != std::string::npos);
}

TEST_CASE("A key that is there twice is refused: only one of the two would be tested") {
  CHECK(complaint(with("{shape: meeting, peers: 2}") + "room: {shape: meeting, peers: 3}\n") == "line 4: room is there twice.");
  CHECK(complaint(with("{shape: meeting, peers: 2, peers: 3}")) == "line 2: room.peers is there twice.");
}
