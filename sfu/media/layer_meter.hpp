#pragma once
// What a publisher sends of one video: the bits per second of each layer, measured over the last second, and how large its
// pictures are. One for each publication; whoever shares out bandwidth chooses among what is offered.

#include <array>
#include <vector>

#include "sfu/media/frame_place.hpp"
#include "sfu/media/layer_activity.hpp"
#include "sfu/media/quality.hpp"

namespace parley::media {

class LayerMeter {
 public:
  /// Rates are sums over this many steps.
  static constexpr Duration step = milliseconds(250);
  static constexpr std::size_t steps = 4;

  /// A media packet of `bytes` payload. Encodings from LayerActivity::maximum_layers on are ignored.
  void receive(Time now, Layer encoding, const FramePlace& frame, std::size_t bytes);
  /// As a key frame says it.
  void set_sizes(Layer encoding, const rtp::PictureSizes& sizes);

  /// As last heard of, even when the encoding is silent now.
  rtp::PictureSizes sizes(Layer encoding) const;

  /// Everything that is being sent, ascending in quality; layers that have been silent for LayerActivity::timeout are left out.
  /// Empty: nothing is being sent just now.
  OfferedQualities offered(Time now) const;

 private:
  static constexpr std::size_t maximum_spatial = rtp::maximum_spatial_layers;
  static constexpr std::size_t maximum_temporal = 4;  ///< browsers have three; those above count with the highest

  struct Rate {
    std::array<std::uint32_t, steps + 1> bytes{};  ///< by step, a ring; the newest is not complete yet
    std::int64_t first = 0;                        ///< step, since time's beginning; 0: silent so far
    std::int64_t newest = 0;
    Time last;

    void add(Time now, std::size_t size);
    bool active(Time now) const { return first != 0 && now - last < LayerActivity::timeout; }
    std::uint64_t bits_per_second(Time now) const;
  };
  struct Encoding {
    std::array<std::array<Rate, maximum_temporal>, maximum_spatial> layers;
    rtp::PictureSizes sizes{};
  };
  static void offer(Time now, Layer layer, const Encoding& encoding, OfferedQualities& out);
  Encoding* find(Layer layer);

  std::vector<Encoding> encodings_;  ///< as many as have been heard
};

}  // namespace parley::media
