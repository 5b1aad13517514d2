// Scenario files: whatever is accepted can be planned, and whatever is refused says in which line.

#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parley;
  const auto scenario = loadtest::parse_scenario(as_text(Bytes(data, size)));
  if (!scenario && !scenario.error().message.starts_with("line ")) __builtin_trap();
  if (!scenario) return 0;
  const auto& rooms = scenario->rooms;
  for (const auto& visit : loadtest::make_plan(*scenario))
    if (visit.room >= rooms.count) __builtin_trap();
  if (!scenario->media.has_clips()) loadtest::make_sources(scenario->media, 1, 2, {});
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::string_view text :
       {"name: A\nroom: {shape: meeting, peers: 3}\nmedia: {video: {frames_per_second: 30, frame_bytes: 5400, simulcast: true}, "
        "audio: true}\nramp: 1s\nduration: 2m\nverify: 1/25\nthresholds: {join_p95: 2s, loss: 0.1%, failed: 3}\n",
        "name: B\nroom: {shape: livestream, viewers: 3, rooms: 2}\nmedia: {audio: {codec: opus}}\nnetwork: {share: 25%, up: "
        "{rate: 2M, "
        "delay: 40ms, loss: 1%, queue: 64k}, down: {}}\n",
        "name: C\nroom: {shape: churn, rooms: 2, joins_per_second: 0.5, stay: 3s}\nmedia: {audio: true}\n",
        "name: D\nroom: {shape: join_storm, peers: 40, room_size: 4, within: 5s}\nmedia: {video: true}\n",
        "name: E\nroom: {shape: audio_room, speakers: 1, listeners: 9}\nmedia: {audio: {frame_bytes: 64}}\n"}) {
    const auto bytes = parley::as_bytes(text);
    all.emplace_back(bytes.begin(), bytes.end());
  }
  return all;
}
