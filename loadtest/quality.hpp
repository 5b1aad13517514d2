#pragma once
// What a viewer or listener got of one track: the numbers from which every judgement of a call is made. Plain values that add up,
// so that a peer, a room and a whole scenario are reported in the same words.

#include <cstdint>
#include <optional>

#include "sfu/base/histogram.hpp"
#include "sfu/base/time.hpp"

namespace parley::loadtest {

struct Quality {
  std::uint64_t packets = 0;    ///< distinct sequence numbers that arrived, repaired ones too
  std::uint64_t octets = 0;     ///< of their datagrams, from the RTP header to the tag
  std::uint64_t missing = 0;    ///< sequence numbers that never came
  std::uint64_t repaired = 0;   ///< came as a retransmission
  std::uint64_t verified = 0;   ///< packets that were decrypted and looked into
  std::uint64_t damaged = 0;    ///< content that no publisher of this scenario has sent
  std::uint64_t misplaced = 0;  ///< content in the wrong order, in the wrong stream, or of somebody else
  std::uint64_t frames = 0;     ///< shown: whole, decodable, in order. Sound: packets played
  std::uint64_t keyframes = 0;  ///< of those
  std::uint64_t freezes = 0;    ///< the picture stood, or the sound had a hole, for 500 ms
  Duration frozen{};            ///< sum of those
  std::optional<Time> first_packet;
  std::optional<Time> first_frame;  ///< when the first one was shown
  std::optional<Time> last_frame;
  /// From the moment when the publisher handed the packet to its socket to the moment when the viewer took it from its own,
  /// in microseconds.
  Histogram delay;

  /// After about this time a person sees that the picture stands, or hears a hole.
  static constexpr Duration freeze_after = milliseconds(500);

  /// One more frame is shown.
  void show(Time now, bool keyframe) {
    stand(now);
    if (!first_frame) first_frame = now;
    last_frame = now;
    ++frames;
    if (keyframe) ++keyframes;
  }
  /// Counts the time since the last frame when it is a freeze: at the next frame, or at the end of the measurement.
  void stand(Time now) { stand(now, last_frame); }
  /// The same for a track of which this is a sum.
  void stand(Time now, const std::optional<Time>& last_frame_of_track) {
    if (!last_frame_of_track || now - *last_frame_of_track <= freeze_after) return;
    ++freezes;
    frozen += now - *last_frame_of_track;
  }

  Quality& operator+=(const Quality& other) {
    packets += other.packets;
    octets += other.octets;
    missing += other.missing;
    repaired += other.repaired;
    verified += other.verified;
    damaged += other.damaged;
    misplaced += other.misplaced;
    frames += other.frames;
    keyframes += other.keyframes;
    freezes += other.freezes;
    frozen += other.frozen;
    const auto earliest = [](std::optional<Time>& mine, const std::optional<Time>& theirs) {
      if (theirs && (!mine || *theirs < *mine)) mine = theirs;
    };
    earliest(first_packet, other.first_packet);
    earliest(first_frame, other.first_frame);
    if (other.last_frame && (!last_frame || *other.last_frame > *last_frame)) last_frame = other.last_frame;
    delay += other.delay;
    return *this;
  }
};

}  // namespace parley::loadtest
