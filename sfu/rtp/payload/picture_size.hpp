#pragma once
// How large the pictures of a stream are, as its key frames say: VP8's frame header (RFC 6386 section 9.1), VP9's scalability
// structure (RFC 9628 section 4.2.1), H.264's sequence parameter set (ITU-T H.264 section 7.3.2.1.1). AV1's come with the
// dependency descriptor.

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/rtp/payload/codec.hpp"

namespace parley::rtp {

struct PictureSize {
  std::uint16_t width = 0;  ///< 0: unknown
  std::uint16_t height = 0;
  bool operator==(const PictureSize&) const = default;
};

/// Browsers have three spatial layers at most; VP9's format would hold eight.
inline constexpr std::size_t maximum_spatial_layers = 4;
/// By spatial layer.
using PictureSizes = std::array<PictureSize, maximum_spatial_layers>;

/// Of a packet that starts a key frame. Nothing when it does not say.
std::optional<PictureSizes> read_picture_sizes(Codec codec, Bytes payload);

}  // namespace parley::rtp
