#pragma once
// Writes dependency descriptors as Chromium's AV1 encoder makes them for LxTy and LxTy_KEY, for tests that need whole streams.

#include <cstdint>
#include <vector>

#include "sfu/base/bits.hpp"

namespace parley::captures {

struct DependencyWriter {
  std::uint32_t spatial_layers = 3;
  std::uint32_t temporal_layers = 3;  ///< 1 or 3
  bool key_mode = true;               ///< upper spatial layers need the lower ones at key pictures only
  std::uint32_t template_offset = 0;

  std::uint32_t targets() const { return spatial_layers * temporal_layers; }

  /// For each spatial layer: a key frame, a frame of the lowest temporal layer, and one of each above it.
  std::uint32_t templates_in_layer() const { return temporal_layers + 1; }
  std::uint32_t template_id(std::uint32_t spatial, std::uint32_t temporal, bool key) const {
    return (template_offset + spatial * templates_in_layer() + (key ? 0 : temporal + 1)) % 64;
  }

  std::uint32_t indication(std::uint32_t spatial, std::uint32_t temporal, bool key, std::uint32_t target) const {
    const std::uint32_t to_spatial = target / temporal_layers, to_temporal = target % temporal_layers;
    if (spatial > to_spatial || temporal > to_temporal) return 0;
    if (spatial < to_spatial) return key ? 2 : key_mode ? 0 : 3;
    return temporal == 0 || temporal < to_temporal ? 2 : 1;
  }

  void write_structure(BitWriter& out) const {
    out.bits(template_offset, 6);
    out.bits(targets() - 1, 5);
    for (std::uint32_t spatial = 0; spatial < spatial_layers; ++spatial)
      for (std::uint32_t i = 0; i < templates_in_layer(); ++i)
        out.bits(i == 0 ? 0 : i + 1 < templates_in_layer() ? 1 : spatial + 1 < spatial_layers ? 2 : 3, 2);
    for_each_template([&](std::uint32_t spatial, std::uint32_t temporal, bool key) {
      for (std::uint32_t target = 0; target < targets(); ++target) out.bits(indication(spatial, temporal, key, target), 2);
    });
    for_each_template([&](std::uint32_t, std::uint32_t, bool key) {
      if (!key) out.bits(1, 1), out.bits(2, 4);
      out.bits(0, 1);
    });
    out.bits(0, chain_count_bits());  // no chains
    out.bits(1, 1);
    for (std::uint32_t spatial = 0; spatial < spatial_layers; ++spatial) {
      out.bits((320u << spatial) - 1, 16);
      out.bits((180u << spatial) - 1, 16);
    }
  }

  struct Frame {
    std::uint32_t spatial = 0;
    std::uint32_t temporal = 0;
    bool key = false;
    bool start = true;
    bool end = true;
    std::uint16_t number = 0;
  };
  std::vector<std::uint8_t> write(const Frame& frame) const {
    std::vector<std::uint8_t> bytes(160);
    BitWriter out(bytes);
    out.bits(frame.start, 1);
    out.bits(frame.end, 1);
    out.bits(template_id(frame.spatial, frame.temporal, frame.key), 6);
    out.bits(frame.number, 16);
    if (frame.key && frame.spatial == 0 && frame.start) {
      out.bits(0x10, 5);
      write_structure(out);
    }
    bytes.resize(out.size());
    return bytes;
  }

 private:
  template <typename Use>
  void for_each_template(Use use) const {
    for (std::uint32_t spatial = 0; spatial < spatial_layers; ++spatial)
      for (std::uint32_t i = 0; i < templates_in_layer(); ++i) use(spatial, i == 0 ? 0 : i - 1, i == 0);
  }
  /// AV1's ns(targets + 1) of zero.
  std::size_t chain_count_bits() const { return static_cast<std::size_t>(std::bit_width(targets() + 1)) - 1; }
};

}  // namespace parley::captures
