#include "loadtest/scenario.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace parley::loadtest {
namespace {

/// An idle hall's first second belongs to those who publish, so that viewers find something to see.
constexpr double publishers_share_of_ramp = 0.2;

Duration part(Duration whole, std::size_t index, std::size_t count) {
  return count < 2 ? Duration::zero() : whole * static_cast<std::int64_t>(index) / static_cast<std::int64_t>(count);
}

/// Publishers first, then viewers, each spread evenly over its part of the ramp, room after room.
std::vector<Visit> plan_rooms(const Scenario& scenario) {
  const Rooms& rooms = scenario.rooms;
  const std::size_t publishers = std::size_t{rooms.publishers} * rooms.count;
  const std::size_t viewers = std::size_t{rooms.viewers} * rooms.count;
  Duration publishing = scenario.ramp;
  if (viewers > 0)
    publishing = Duration(static_cast<std::int64_t>(publishers_share_of_ramp * static_cast<double>(scenario.ramp.count())));
  std::vector<Visit> plan;
  for (std::size_t i = 0; i < publishers; ++i)
    plan.push_back({.join = part(publishing, i, publishers),
                    .leave = {},
                    .room = static_cast<std::uint32_t>(i % rooms.count),
                    .publishes = true,
                    .watches = rooms.publishers_watch,
                    .place = static_cast<std::uint32_t>(i / rooms.count)});
  for (std::size_t i = 0; i < viewers; ++i)
    plan.push_back({.join = publishing + part(scenario.ramp - publishing, i, viewers),
                    .leave = {},
                    .room = static_cast<std::uint32_t>(i % rooms.count),
                    .place = static_cast<std::uint32_t>(i / rooms.count)});
  return plan;
}

/// Somebody comes at regular intervals, into the rooms by turns, and leaves after the stay.
std::vector<Visit> plan_churn(const Scenario& scenario) {
  const Rooms& rooms = scenario.rooms;
  const auto interval = Duration(static_cast<std::int64_t>(1e9 / rooms.joins_per_second));
  std::vector<Visit> plan;
  for (Duration join{}; join < scenario.length(); join += interval)
    plan.push_back({.join = join,
                    .leave = join + rooms.stay,
                    .room = static_cast<std::uint32_t>(plan.size() % rooms.count),
                    .publishes = true,
                    .place = static_cast<std::uint32_t>(plan.size() / rooms.count)});
  return plan;
}

std::size_t scaled(std::uint32_t bytes, double share) { return static_cast<std::size_t>(share * bytes); }

SourceSettings video_source(const VideoMedia& video) {
  SourceSettings settings{.kind = control::Kind::video, .frames_per_second = video.frames_per_second};
  settings.layers = {{"", video.frame_bytes}};
  if (video.simulcast)
    settings.layers = {{"q", scaled(video.frame_bytes, 0.12)}, {"h", scaled(video.frame_bytes, 0.4)}, {"f", video.frame_bytes}};
  return settings;
}

std::string clip_name(const VideoMedia& video) { return video.codec + (video.simulcast ? "-simulcast" : ""); }

SourceSettings audio_source(const AudioMedia& audio) {
  return {.kind = control::Kind::audio, .frames_per_second = audio.frames_per_second, .layers = {{"", audio.frame_bytes}}};
}

}  // namespace

const std::vector<MetricInfo>& metrics() {
  static const std::vector<MetricInfo> table{
      {Metric::join_p95, "join_p95", Unit::seconds, "join until connected, 95th percentile"},
      {Metric::first_frame_p95, "first_frame_p95", Unit::seconds, "join until the first frame, 95th percentile"},
      {Metric::freezes, "freezes", Unit::number, "freezes longer than 500 ms"},
      {Metric::loss, "loss", Unit::share, "packets that never arrived"},
      {Metric::delay_p99, "delay_p99", Unit::seconds, "delay from publisher to viewer, 99th percentile"},
      {Metric::cpu_us_per_copy, "cpu_us_per_copy", Unit::microseconds, "server CPU for each packet that arrived"},
      {Metric::failed, "failed", Unit::number, "peers that failed"},
      {Metric::memory_per_subscriber, "memory_per_subscriber", Unit::bytes, "server memory for each viewer"},
      {Metric::damaged, "damaged", Unit::number, "packets with wrong or damaged content"},
      {Metric::data_lost, "data_lost", Unit::number, "reliable messages lost, repeated or out of order"},
      {Metric::data_delay_p99, "data_delay_p99", Unit::seconds, "delay of messages to all and lossy ones, 99th percentile"}};
  return table;
}

std::vector<Visit> make_plan(const Scenario& scenario) {
  return scenario.rooms.shape == Shape::churn ? plan_churn(scenario) : plan_rooms(scenario);
}

std::vector<std::string> clip_names(const Media& media) {
  std::vector<std::string> names;
  if (!media.has_clips()) return names;
  if (media.audio) names.push_back(media.audio->codec);
  if (media.video) names.push_back(clip_name(*media.video));
  return names;
}

namespace {

/// Cameras are not in step with each other, and publishers that join at regular intervals would be.
double phase_of(std::uint64_t room, std::uint64_t publisher, std::size_t track) {
  // Multiples of the golden ratio are spread evenly however many there are.
  const double place = static_cast<double>(room * 31 + publisher * 7 + track) * std::numbers::phi;
  return place - std::floor(place);
}

}  // namespace

std::optional<DataSettings> make_data(const Scenario& scenario, const Visit& visit, std::uint64_t publisher) {
  if (scenario.data.empty()) return std::nullopt;
  DataSettings settings{.streams = {}, .room = visit.room, .publisher = publisher};
  settings.phase = phase_of(visit.room, publisher, 0);
  for (const auto& topic : scenario.data)
    if (visit.publishes && (topic.senders == 0 || visit.place < topic.senders)) settings.streams.push_back(topic.stream);
  return settings;
}

std::vector<SourceSettings> make_sources(const Media& media, std::uint64_t room, std::uint64_t publisher, const Clips& clips) {
  std::vector<SourceSettings> sources;
  for (const std::string& name : clip_names(media)) sources.push_back(player(clips.at(name), publisher));
  if (!media.has_clips() && media.audio) sources.push_back(audio_source(*media.audio));
  if (!media.has_clips() && media.video) sources.push_back(video_source(*media.video));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].room = room;
    sources[i].publisher = publisher;
    sources[i].track = static_cast<std::uint32_t>(i);
    sources[i].phase = phase_of(room, publisher, i);
  }
  return sources;
}

}  // namespace parley::loadtest
