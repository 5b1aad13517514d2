#pragma once
// A camera or a microphone that needs no hardware: a stream of frames on time, cut into RTP payloads. They are those of a Clip,
// or look like VP8 or Opus from the outside and hold a Pattern inside. Left out: rate control, temporal layers, silence.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "loadtest/clips/clip.hpp"
#include "loadtest/pattern.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"
#include "sfu/control/types.hpp"

namespace parley::loadtest {

/// One simulcast encoding; audio and plain video have one without a name.
struct Layer {
  std::string rid;
  std::size_t frame_bytes = 0;  ///< of an ordinary frame
};

struct SourceSettings {
  control::Kind kind = control::Kind::audio;
  std::uint64_t room = 0;
  std::uint64_t publisher = 0;
  std::uint32_t track = 0;
  std::uint32_t frames_per_second = 50;
  double phase = 0;  ///< of a frame interval, by which all frames are later
  std::size_t keyframe_factor = 3;      ///< a key frame is so many times as large as an ordinary one
  std::uint32_t keyframe_distance = 0;  ///< frames from one key frame to the next; 0: only on request
  std::vector<Layer> layers{{"", 80}};
  /// What is sent; it outlives the source and has as many layers. Null: patterns.
  const Clip* clip = nullptr;
};

/// Opus as browsers send it: 50 packets a second.
SourceSettings microphone();
/// A small picture, 15 times a second and two packets large: enough to see whether everything works, at a quarter of a real one's
/// cost.
SourceSettings camera();
/// The same in three sizes, under the RIDs that the SDK gives them.
SourceSettings simulcast_camera();
/// Sends a clip; three layers go under the same RIDs. Publishers with different numbers begin at different key frames.
SourceSettings player(const Clip& clip, std::uint64_t publisher);

/// An RTP payload: its head, and behind it what was made for it or what is in the clip.
struct Payload {
  std::array<std::uint8_t, maximum_descriptor + 2> head_bytes{};
  std::uint8_t head_size = 0;
  Buffer made;
  Bytes borrowed;

  Bytes head() const { return Bytes(head_bytes).first(head_size); }
  Bytes body() const { return borrowed.empty() ? Bytes(made) : borrowed; }
  std::size_t size() const { return head_size + body().size(); }
};

/// One frame of one layer.
struct Frame {
  std::size_t layer = 0;
  std::uint32_t timestamp = 0;  ///< RTP units since the first frame
  bool keyframe = false;
  std::vector<Payload> payloads;
};

class Source {
 public:
  static constexpr std::size_t maximum_payload = loadtest::maximum_payload;
  /// Encoders make at most one requested key frame in this time (both browsers).
  static constexpr Duration keyframe_interval = milliseconds(300);

  explicit Source(SourceSettings settings);

  /// The first frame is due at `now` and the settings' phase. A source that runs already goes on.
  void start(Time now);
  void stop() { next_frame_ = never; }
  bool running() const { return next_frame_ != never; }
  /// The next frame of every layer will be a key frame: in a clip the next one that is there.
  void request_keyframe() { keyframe_wanted_ = true; }
  /// Adds the frames that are due. What is late by more than a second is left out: nobody films the past.
  void advance(Time now, std::vector<Frame>& out);
  Time wakeup() const { return next_frame_; }

  const SourceSettings& settings() const { return settings_; }
  std::uint32_t clock_rate() const { return settings_.kind == control::Kind::audio ? 48000 : 90000; }
  /// The codec that the payloads are of, or look like.
  rtp::Codec codec() const;
  std::uint32_t frames() const { return number_; }

 private:
  Duration frame_interval() const { return Duration(seconds(1)) / settings_.frames_per_second; }
  Frame make_frame(Time now, std::size_t layer, bool keyframe) const;
  Frame play_frame(std::size_t layer) const;

  SourceSettings settings_;
  Time next_frame_ = never;
  Time keyframe_allowed_{};
  bool keyframe_wanted_ = true;
  std::uint32_t number_ = 0;   ///< of the next frame
  std::uint32_t place_ = 0;    ///< of the next frame in the clip
  std::uint32_t skipped_ = 0;  ///< frame times that passed unused: the clock goes on, the numbers do not
};

/// The pattern inside of a payload: without the VP8 descriptor and frame header, or Opus' first byte. Empty when the payload does
/// not look like that.
Bytes pattern_in(control::Kind kind, Bytes payload);

}  // namespace parley::loadtest
