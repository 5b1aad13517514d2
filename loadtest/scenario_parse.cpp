// The YAML of a scenario. Every key is read by exactly one line below; a key that no line has read is an error, so that a
// spelling mistake does not silently test something else.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "loadtest/scenario.hpp"

namespace parley::loadtest {
namespace {

/// Thrown inside of this file only, as yaml-cpp throws, too.
struct Complaint : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void complain(const YAML::Mark& mark, const std::string& sentence) {
  throw Complaint("line " + std::to_string(std::max(mark.line, 0) + 1) + ": " + sentence);
}

/// A number in front of a unit: "1.5s" with {"ms", "s"}. A bare number has the unit "".
double parse_quantity(const YAML::Node& node, const std::string& key, const std::map<std::string, double>& units,
                      const std::string& expected) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = units.find(std::string(end, text.data() + text.size()));
  if (text.empty() || error != std::errc() || unit == units.end() || !(number >= 0 && number < 1e15))
    complain(node.Mark(), key + " takes " + expected + ", not \"" + text + "\".");
  return number * unit->second;
}

/// A mapping whose keys are asked for one by one.
class Section {
 public:
  Section(const YAML::Node& node, std::string path) : node_(node), path_(std::move(path)) {
    if (!node.IsMap()) complain(node.Mark(), (path_.empty() ? "A scenario" : path_) + " is a list of \"key: value\" lines.");
    std::set<std::string> seen;
    for (const auto& entry : node)
      if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second)
        complain(entry.first.Mark(), name(entry.first.Scalar()) + " is there twice.");
  }

  bool has(const std::string& key) const { return node_[key].IsDefined(); }
  YAML::Node at(const std::string& key) {
    known_.insert(key);
    return std::as_const(node_)[key];
  }
  YAML::Node required(const std::string& key) {
    const YAML::Node node = at(key);
    if (!node.IsDefined()) complain(node_.Mark(), name(key) + " is missing.");
    return node;
  }
  std::string name(const std::string& key) const { return path_.empty() ? key : path_ + '.' + key; }
  YAML::Mark mark() const { return node_.Mark(); }

  double quantity(const std::string& key, const std::map<std::string, double>& units, const std::string& expected) {
    return parse_quantity(required(key), name(key), units, expected);
  }
  Duration duration(const std::string& key, Duration fallback) {
    if (!has(key)) return at(key), fallback;
    const double value =
        quantity(key, {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}}, "a duration such as 250ms, 30s or 5m");
    return Duration(static_cast<std::int64_t>(value));
  }
  std::uint32_t count(const std::string& key, std::uint32_t least, std::uint32_t most,
                      std::optional<std::uint32_t> fallback = {}) {
    if (fallback && !has(key)) return at(key), *fallback;
    const std::string expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    const double value = quantity(key, {{"", 1}}, expected);
    const auto whole = static_cast<std::uint32_t>(value);
    if (value < least || value > most || whole != value) complain(node_[key].Mark(), name(key) + " takes " + expected + ".");
    return whole;
  }
  /// From 0 to 1.
  double share(const std::string& key, double fallback) {
    if (!has(key)) return at(key), fallback;
    const double value = quantity(key, {{"", 1}, {"%", 0.01}}, "a share such as 2% or 0.02");
    if (value > 1) complain(node_[key].Mark(), name(key) + " is a share, and so at most 100%.");
    return value;
  }
  bool flag(const std::string& key) {
    const YAML::Node node = at(key);
    if (!node.IsDefined()) return false;
    bool value = false;
    if (!YAML::convert<bool>::decode(node, value)) complain(node.Mark(), name(key) + " takes true or false.");
    return value;
  }
  std::string word(const std::string& key, const std::set<std::string>& choices, const std::string& fallback = {}) {
    const YAML::Node node = fallback.empty() ? required(key) : at(key);
    if (!node.IsDefined()) return fallback;
    if (node.IsScalar() && choices.contains(node.Scalar())) return node.Scalar();
    std::string list;
    for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
    complain(node.Mark(), name(key) + " is one of: " + list + ".");
  }

  /// To be called last: what nobody has asked for is a mistake.
  void finish() const {
    for (const auto& entry : node_) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
      if (known_.contains(key)) continue;
      std::string list;
      for (const auto& known : known_) list += (list.empty() ? "" : ", ") + known;
      complain(entry.first.Mark(), "There is no key \"" + name(key) + "\" here. Possible: " + list + ".");
    }
  }

 private:
  YAML::Node node_;
  std::string path_;
  std::set<std::string> known_;
};

constexpr std::uint32_t most_peers = 100'000;

Rooms parse_rooms(Section section, Scenario& scenario) {
  const std::map<std::string, Shape> shapes{{"meeting", Shape::meeting},
                                            {"livestream", Shape::livestream},
                                            {"audio_room", Shape::audio_room},
                                            {"join_storm", Shape::join_storm},
                                            {"churn", Shape::churn}};
  Rooms rooms;
  rooms.shape = shapes.at(section.word("shape", {"meeting", "livestream", "audio_room", "join_storm", "churn"}));
  switch (rooms.shape) {
    case Shape::meeting:
      rooms.publishers = section.count("peers", 1, most_peers);
      rooms.count = section.count("rooms", 1, most_peers, 1);
      break;
    case Shape::livestream:
      rooms.publishers = section.count("publishers", 1, most_peers, 1);
      rooms.viewers = section.count("viewers", 1, most_peers);
      rooms.publishers_watch = false;
      rooms.count = section.count("rooms", 1, most_peers, 1);
      break;
    case Shape::audio_room:
      rooms.publishers = section.count("speakers", 1, most_peers);
      rooms.viewers = section.count("listeners", 1, most_peers);
      rooms.count = section.count("rooms", 1, most_peers, 1);
      break;
    case Shape::join_storm: {
      const std::uint32_t peers = section.count("peers", 1, most_peers);
      rooms.publishers = section.count("room_size", 1, most_peers, 4);
      if (peers % rooms.publishers != 0)
        complain(section.mark(), section.name("peers") + " must be a multiple of room_size, so that every room is full.");
      rooms.count = peers / rooms.publishers;
      scenario.ramp = section.duration("within", seconds(1));
      break;
    }
    case Shape::churn:
      rooms.count = section.count("rooms", 1, most_peers);
      rooms.joins_per_second = section.quantity("joins_per_second", {{"", 1}}, "how many come each second, such as 5 or 0.5");
      rooms.stay = section.duration("stay", seconds(20));
      if (rooms.joins_per_second <= 0 ||
          rooms.joins_per_second * 1e-9 * static_cast<double>(scenario.length().count()) > most_peers)
        complain(section.mark(), section.name("joins_per_second") + " must be above 0, and bring at most 100000 people in all.");
      break;
  }
  section.finish();
  if (std::uint64_t{rooms.publishers + rooms.viewers} * rooms.count > most_peers)
    complain(section.mark(), "room brings more than 100000 people in all: give each machine its part.");
  return rooms;
}

/// A codec that the file leaves out follows the other medium's.
constexpr const char* unsaid = "unsaid";

VideoMedia parse_video(Section section) {
  VideoMedia video;
  video.codec = section.word("codec", {"pattern", "vp8", "vp9", "h264"}, unsaid);
  video.frames_per_second = section.count("frames_per_second", 1, 120, video.frames_per_second);
  video.frame_bytes = section.count("frame_bytes", 100, 200'000, video.frame_bytes);
  video.simulcast = section.flag("simulcast");
  if (video.simulcast && video.codec == "vp9") complain(section.mark(), "There is no clip of vp9 in several sizes.");
  section.finish();
  return video;
}

AudioMedia parse_audio(Section section) {
  AudioMedia audio;
  audio.codec = section.word("codec", {"pattern", "opus"}, unsaid);
  audio.frames_per_second = section.count("frames_per_second", 1, 400, audio.frames_per_second);
  audio.frame_bytes = section.count("frame_bytes", 64, 1000, audio.frame_bytes);
  section.finish();
  return audio;
}

/// `video: true` takes all defaults.
template <typename Parse>
auto parse_medium(Section& media, const std::string& key, Parse parse) -> std::optional<decltype(parse(media))> {
  const YAML::Node node = media.at(key);
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar()) return parse(Section(node, media.name(key)));
  if (!media.flag(key)) return std::nullopt;
  return parse(Section(YAML::Node(YAML::NodeType::Map), media.name(key)));
}

Media parse_media(Section section) {
  Media media{parse_medium(section, "video", parse_video), parse_medium(section, "audio", parse_audio)};
  section.finish();
  if (!media.video && !media.audio) complain(section.mark(), "media needs video, audio or both, such as \"audio: true\".");
  const auto is_clip = [](const auto& medium) { return medium && medium->codec != unsaid && medium->codec != "pattern"; };
  const bool clips = is_clip(media.video) || is_clip(media.audio);
  if (media.video && media.video->codec == unsaid) media.video->codec = clips ? "vp8" : "pattern";
  if (media.audio && media.audio->codec == unsaid) media.audio->codec = clips ? "opus" : "pattern";
  if (media.video && media.audio && is_clip(media.video) != is_clip(media.audio))
    complain(section.mark(), "video and audio are both patterns, or both of a codec.");
  return media;
}

/// Of a topic in the mode that the key names.
TopicTraffic parse_topic(Section section, DataMode mode) {
  constexpr std::uint32_t largest = 250'000;
  TopicTraffic topic;
  topic.stream.mode = mode;
  topic.stream.size = pattern_size;
  if (section.has("size"))
    topic.stream.size = static_cast<std::size_t>(section.quantity("size", {{"", 1}, {"k", 1e3}}, "bytes such as 200 or 64k"));
  if (topic.stream.size < pattern_size || topic.stream.size > largest)
    complain(section.mark(), section.name("size") + " is from " + std::to_string(pattern_size) + " bytes to 250k.");
  if (section.has("rate")) {
    topic.stream.messages_per_second = section.quantity("rate", {{"", 1}}, "messages each second, such as 20 or 0.5");
    if (topic.stream.messages_per_second < 0.001 || topic.stream.messages_per_second > 10'000)
      complain(section.mark(), section.name("rate") + " is from 0.001 to 10000 messages each second.");
  } else if (mode != DataMode::wait) {
    section.required("rate");
  }
  topic.senders = section.count("senders", 0, most_peers, 0);
  section.at("size");
  section.at("rate");
  section.finish();
  return topic;
}

std::vector<TopicTraffic> parse_data(Section section) {
  std::vector<TopicTraffic> topics;
  const std::map<std::string, DataMode> modes{{"all", DataMode::all}, {"wait", DataMode::wait}, {"lossy", DataMode::lossy}};
  for (const auto& [key, mode] : modes)
    if (const auto node = section.at(key); node.IsDefined())
      topics.push_back(parse_topic(Section(node, section.name(key)), mode));
  section.finish();
  if (topics.empty()) complain(section.mark(), "data needs a topic: all, wait or lossy, such as \"lossy: {rate: 20}\".");
  return topics;
}

Conditions parse_conditions(Section section) {
  Conditions conditions;
  conditions.delay = section.duration("delay", {});
  conditions.jitter = section.duration("jitter", {});
  conditions.loss = section.share("loss", 0);
  conditions.burst_loss = section.share("burst_loss", 0);
  conditions.burst_length = section.count("burst_length", 1, 1000, 5);
  conditions.reorder = section.share("reorder", 0);
  conditions.duplication = section.share("duplication", 0);
  const auto bytes = std::map<std::string, double>{{"", 1}, {"k", 1e3}, {"M", 1e6}};
  if (section.has("rate"))
    conditions.bits_per_second = static_cast<std::uint64_t>(
        section.quantity("rate", {{"k", 1e3}, {"M", 1e6}, {"G", 1e9}}, "bits per second such as 500k or 2M"));
  if (section.has("queue"))
    conditions.queue_bytes = static_cast<std::size_t>(section.quantity("queue", bytes, "bytes such as 64k"));
  section.at("rate");
  section.at("queue");
  section.finish();
  return conditions;
}

/// "both" for both directions, or "up" and "down", seen from the peer.
NetworkConditions parse_network(Section section) {
  NetworkConditions network;
  network.share = section.share("share", 1);
  const auto direction = [&](const std::string& key) -> std::optional<Conditions> {
    const YAML::Node node = section.at(key);
    if (!node.IsDefined()) return std::nullopt;
    return parse_conditions(Section(node, section.name(key)));
  };
  network.up = network.down = direction("both");
  if (network.up && (section.has("up") || section.has("down")))
    complain(section.mark(), "network has either both, or up and down.");
  if (!network.up) {
    network.up = direction("up");
    network.down = direction("down");
  }
  section.at("up");
  section.at("down");
  section.finish();
  return network;
}

double parse_limit(const YAML::Node& node, const std::string& key, Unit unit) {
  switch (unit) {
    case Unit::seconds:
      return parse_quantity(node, key, {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}, "a duration such as 20ms or 1.5s");
    case Unit::share:
      return parse_quantity(node, key, {{"", 1}, {"%", 0.01}}, "a share such as 0.1% or 0.001");
    case Unit::number:
      return parse_quantity(node, key, {{"", 1}}, "a number");
    case Unit::microseconds:
      return parse_quantity(node, key, {{"", 1}}, "microseconds, such as 2.5");
    case Unit::bytes:
      return parse_quantity(node, key, {{"", 1}, {"k", 1e3}, {"M", 1e6}}, "bytes such as 200k");
  }
  return 0;
}

std::vector<Threshold> parse_thresholds(Section section) {
  std::vector<Threshold> thresholds;
  for (const MetricInfo& info : metrics()) {
    const std::string key(info.name);
    const YAML::Node node = section.at(key);
    if (node.IsDefined()) thresholds.push_back({info.metric, parse_limit(node, section.name(key), info.unit)});
  }
  section.finish();
  return thresholds;
}

/// "1/20"; "all" and 1 look at every packet.
std::uint32_t parse_verify(const YAML::Node& node) {
  std::string text = node.IsScalar() ? node.Scalar() : std::string();
  if (text == "all" || text == "1") text = "1/1";
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  if (!text.starts_with("1/") || std::from_chars(text.data() + 2, end, number).ptr != end || number == 0 || number > 1'000'000)
    complain(node.Mark(), "verify takes a share of the packets such as 1/20, or all.");
  return number;
}

Scenario parse(const YAML::Node& root) {
  Section section(root, "");
  Scenario scenario;
  const YAML::Node name = section.required("name");
  if (!name.IsScalar()) complain(name.Mark(), "name is a line of text.");
  scenario.name = name.Scalar();
  scenario.duration = section.duration("duration", scenario.duration);
  scenario.ramp = section.duration("ramp", scenario.ramp);
  scenario.settle = section.duration("settle", scenario.settle);
  if (scenario.duration < seconds(1)) complain(section.required("duration").Mark(), "duration must be at least 1s.");
  scenario.rooms = parse_rooms(Section(section.required("room"), "room"), scenario);
  if (const auto node = section.at("data"); node.IsDefined()) scenario.data = parse_data(Section(node, "data"));
  const auto media = scenario.data.empty() ? section.required("media") : section.at("media");
  if (media.IsDefined()) scenario.media = parse_media(Section(media, "media"));
  if (const auto node = section.at("verify"); node.IsDefined()) scenario.verify_one_in = parse_verify(node);
  if (const auto node = section.at("network"); node.IsDefined()) scenario.network = parse_network(Section(node, "network"));
  if (const auto node = section.at("thresholds"); node.IsDefined())
    scenario.thresholds = parse_thresholds(Section(node, "thresholds"));
  section.finish();
  return scenario;
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text) {
  try {
    return parse(YAML::Load(std::string(text)));
  } catch (const Complaint& complaint) {
    return Error{"scenario_invalid", complaint.what()};
  } catch (const YAML::Exception& error) {
    return Error{"scenario_invalid", "line " + std::to_string(error.mark.line + 1) + ": This is not YAML: " + error.msg + "."};
  }
}

}  // namespace parley::loadtest
