#pragma once
// How what one receiver's network carries is shared out among everything that it receives: sound first, then the lowest layer of
// each shared screen, then the lowest of each visible video, then upwards, the more important first, and among equals whoever is
// worst served for the size at which it is shown. Nobody gets more pixels than are shown, rounded up to the next layer. What fits
// nowhere is paused, the least important first. Pure functions; Allocator adds the memory that keeps it from flapping.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/media/quality.hpp"

namespace parley::media {

/// What decided that a receiver gets what it gets, and not more.
enum class Limit : std::uint8_t {
  none,       ///< it gets everything that there is
  bandwidth,  ///< more does not fit
  viewport,   ///< it is shown small or not at all, or the client has set a maximum
  publisher,  ///< its publisher sends no more
  cpu,        ///< a processor has no time for more
  policy,     ///< last-N, or the number of audible speakers
};

enum class Content : std::uint8_t { audio, screen, camera };

/// How a client shows a track.
struct View {
  bool visible = true;
  std::uint32_t width = 0;  ///< pixels of its screen; 0: unknown, as large as there is
  std::uint32_t height = 0;
  std::uint8_t priority = 100;  ///< 255 is the most important
  /// The highest layers that the client takes, each on its own.
  std::optional<Quality> maximum;
};

/// Whether a picture of this size needs no enlarging. A size that is not known covers nothing.
bool covers(std::uint16_t width, std::uint16_t height, const View& view);

/// A track that the receiver is subscribed to.
struct Demand {
  TrackId track;
  Content content = Content::camera;
  View view;
  /// What could be forwarded, lowest first; the rates are those of whole datagrams. Of sound: one, or none while it is silent.
  std::span<const OfferedQuality> offered;
  bool permitted = true;        ///< false: paused by the room's policy
  Limit missing = Limit::none;  ///< why the publisher offers no more than this: none, publisher or cpu
};

/// What a track gets.
struct Grant {
  TrackId track;
  std::optional<OfferedQuality> quality;  ///< nothing: paused
  std::optional<OfferedQuality> wanted;   ///< what it would get if everything fitted
  Limit limit = Limit::none;              ///< why it gets no more than this

  std::uint64_t bits_per_second() const { return quality ? quality->bits_per_second : 0; }
};

/// What a demand may take: `kept`, or anything below it, as long as everything together fits the estimate; more than that as long
/// as everything together fits `ceiling`.
struct Terms {
  std::optional<Quality> kept;
  std::uint64_t ceiling = 0;
};

/// The qualities that make sense for a view: those that its maximum admits, up to the first that has as many pixels as are shown,
/// with all its temporal layers. Ascending; empty when nothing is to be shown.
OfferedQualities useful_qualities(const Demand& demand);

/// `grants` becomes one for each demand, in their order. Their sum is above `estimate` (bits/s) only when sound alone is. `terms`
/// are as many as there are demands.
void allocate(std::uint64_t estimate, std::span<const Demand> demands, std::span<const Terms> terms, std::vector<Grant>& grants);

}  // namespace parley::media
