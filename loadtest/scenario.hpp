#pragma once
// What a load test does, as one reads it in a YAML file of loadtest/scenarios: who comes when, what they send, over what network,
// for how long, and what must hold in the end. Plain values without sockets, so that the simulator runs the same files.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtest/data_traffic.hpp"
#include "loadtest/link.hpp"
#include "loadtest/source.hpp"
#include "sfu/base/result.hpp"
#include "sfu/base/time.hpp"

namespace parley::loadtest {

enum class Shape : std::uint8_t {
  meeting,     ///< everybody sends and receives everybody
  livestream,  ///< a few send, many only receive
  audio_room,  ///< a few speak and listen, many only listen
  join_storm,  ///< meetings that all fill up within a short time
  churn        ///< meetings in which people come and go all the time
};

/// Who is there. The shape decides which keys the file has; here they have become these numbers.
struct Rooms {
  Shape shape = Shape::meeting;
  std::uint32_t count = 1;
  std::uint32_t publishers = 2;  ///< of each room
  std::uint32_t viewers = 0;     ///< of each room
  bool publishers_watch = true;  ///< they receive the other publishers, too
  double joins_per_second = 0;   ///< churn, over all rooms
  Duration stay{};               ///< churn: for how long somebody is there
};

struct VideoMedia {
  std::string codec = "pattern";  ///< "pattern", or of the clips made at build time: "vp8", "vp9", "h264"
  std::uint32_t frames_per_second = 25;
  std::uint32_t frame_bytes = 5000;  ///< of a pattern; a key frame is three times as large
  bool simulcast = false;            ///< three layers: the whole, 40 % and 12 % of it
};
struct AudioMedia {
  std::string codec = "pattern";  ///< or "opus"
  std::uint32_t frames_per_second = 50;
  std::uint32_t frame_bytes = 80;
};
/// What each publisher sends: patterns, or clips, not some of each.
struct Media {
  std::optional<VideoMedia> video;
  std::optional<AudioMedia> audio;
  bool has_clips() const { return (video && video->codec != "pattern") || (audio && audio->codec != "pattern"); }
};

/// What is said on a data topic, of which there is one in each mode.
struct TopicTraffic {
  DataStream stream;
  std::uint32_t senders = 0;  ///< of each room, the first to come; 0: everybody who publishes
};

/// The network between each peer and the server.
struct NetworkConditions {
  std::optional<Conditions> up;
  std::optional<Conditions> down;
  double share = 1;  ///< how many of the peers have it; the others have a perfect one
};

/// What can be asked of a result. See metrics() for the names in the file and the units.
enum class Metric : std::uint8_t {
  join_p95,
  first_frame_p95,
  freezes,
  loss,
  delay_p99,
  cpu_us_per_copy,
  failed,
  memory_per_subscriber,
  damaged,
  data_lost,
  data_delay_p99,
  count_
};
enum class Unit : std::uint8_t { seconds, share, number, microseconds, bytes };
struct MetricInfo {
  Metric metric;
  std::string_view name;  ///< in the file
  Unit unit;
  std::string_view words;  ///< for a person
};
/// In the order of the enum.
const std::vector<MetricInfo>& metrics();

/// The measured value must not be above `limit`, in the metric's unit.
struct Threshold {
  Metric metric{};
  double limit = 0;
  bool operator==(const Threshold&) const = default;
};

struct Scenario {
  std::string name;
  Rooms rooms;
  Media media;
  std::vector<TopicTraffic> data;    ///< empty: nobody has data channels
  Duration ramp = seconds(2);        ///< over which the joins are spread
  Duration settle = seconds(2);      ///< after the ramp, before the measurement
  Duration duration = seconds(10);   ///< of the measurement
  std::uint32_t verify_one_in = 10;  ///< packets that are decrypted and looked into; the others are counted
  NetworkConditions network;
  std::vector<Threshold> thresholds;

  /// From the first join to the end of the measurement.
  Duration length() const { return ramp + settle + duration; }
};

/// Refused with "scenario_invalid"; the message names the line and the key, what is wrong and what to write instead.
Result<Scenario> parse_scenario(std::string_view text);

/// One participant's visit.
struct Visit {
  Duration join{};                ///< after the beginning
  std::optional<Duration> leave;  ///< nothing: stays to the end
  std::uint32_t room = 0;
  bool publishes = false;
  bool watches = true;
  std::uint32_t place = 0;  ///< among those of its room who publish, or among the others, in the order of coming
};

/// Everybody who comes, in the order in which they come. Pure: the same scenario, the same plan.
std::vector<Visit> make_plan(const Scenario& scenario);

/// By name, such as "vp8-simulcast".
using Clips = std::map<std::string, Clip>;
/// Those that the media need.
std::vector<std::string> clip_names(const Media& media);

/// What somebody of the scenario says on data topics; nothing when nobody does.
std::optional<DataSettings> make_data(const Scenario& scenario, const Visit& visit, std::uint64_t publisher);

/// What a publisher of the scenario sends; room and publisher as they stand in its patterns. `clips` has those of clip_names(),
/// and outlives the sources.
std::vector<SourceSettings> make_sources(const Media& media, std::uint64_t room, std::uint64_t publisher, const Clips& clips);

}  // namespace parley::loadtest
