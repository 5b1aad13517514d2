#pragma once
// A camera that sends layers, packet by packet, with everything true that a decoder relies on: which frame needs which. For tests
// that switch layers and then ask whether a decoder could have followed.

#include <map>
#include <set>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/random.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "tests/captures/dependency_writer.hpp"

namespace parley::media::testing {

/// One frame of one encoding, by its picture's place in time and its spatial layer.
struct FrameName {
  std::uint32_t encoding = 0;
  int picture = 0;
  std::uint32_t spatial = 0;
  auto operator<=>(const FrameName&) const = default;
};

struct SourcePacket {
  Buffer datagram;
  FrameName frame;
  std::vector<FrameName> needs;  ///< directly, for the frame
  bool last_of_frame = false;
  std::uint32_t temporal = 0;
};

struct LayeredSource {
  rtp::Codec codec = rtp::Codec::vp8;
  std::uint32_t encoding = 0;
  std::uint32_t spatial_layers = 1;
  bool key_mode = true;
  bool flexible = true;
  std::uint16_t sequence = 65500;
  std::uint32_t timestamp = 0xFFFFF000;
  std::uint16_t picture_id = 0x7FF0;
  std::uint16_t frame_number = 0xFFF0;
  std::uint8_t tl0 = 0xFA;
  bool pictures_end_in_one_packet = false;

  static constexpr std::uint8_t descriptor_id = 7;
  static constexpr std::uint32_t frame_duration = 3000;
  std::uint32_t ssrc() const { return 100 + encoding; }

  /// The packets of the next picture.
  std::vector<SourcePacket> next(Random& random, bool key) {
    key = key || picture < 0;
    ++picture;
    cycle = key ? 0 : cycle + 1;
    static constexpr std::uint32_t pattern[] = {0, 2, 1, 2};
    const std::uint32_t temporal = pattern[cycle % 4];
    // Every other cycle, the middle layer goes on from its own last picture: no place to enter it.
    const bool chained = codec != rtp::Codec::av1 && cycle / 4 % 2 == 1;
    const bool needs_last_middle = chained && temporal == 1;
    std::vector<int> earlier;
    if (!key) earlier.push_back(temporal == 2 && cycle % 4 == 3 ? last[1] : last[0]);
    if (needs_last_middle && !key) earlier.push_back(last[1]);
    const bool sync = temporal == 0 || (cycle % 4 == 1 && temporal == 2) || (temporal == 1 && !needs_last_middle);
    const bool switching = temporal != 0 || cycle / 4 % 2 == 0;  // VP9's U: the next middle one begins anew
    if (temporal == 0) ++tl0;

    std::vector<SourcePacket> packets;
    for (std::uint32_t spatial = 0; spatial < spatial_layers; ++spatial) {
      std::vector<FrameName> needs;
      for (const int it : earlier) needs.push_back({encoding, it, spatial});
      const bool below = spatial > 0 && (key || !key_mode);
      if (below) needs.push_back({encoding, picture, spatial - 1});
      const auto count = pictures_end_in_one_packet ? 1 : 1 + random.below(3);
      for (std::size_t i = 0; i < count; ++i) {
        SourcePacket packet{{}, {encoding, picture, spatial}, needs, i + 1 == count, temporal};
        const Place place{key, spatial, temporal, i == 0, i + 1 == count, sync, switching, below};
        packet.datagram = build(place, random);
        packets.push_back(std::move(packet));
      }
      ++frame_number;
    }
    timestamp += frame_duration;
    ++picture_id;
    if (key) last[1] = picture;
    if (temporal < 2) last[temporal] = picture;
    return packets;
  }

 private:
  struct Place {
    bool key;
    std::uint32_t spatial, temporal;
    bool start, end, sync, switching, below;
  };

  Buffer build(const Place& place, Random& random) {
    const captures::DependencyWriter writer{.spatial_layers = spatial_layers, .key_mode = key_mode};
    Buffer descriptor;
    rtp::ElementList elements;
    if (codec == rtp::Codec::av1) {
      descriptor = writer.write({place.spatial, place.temporal, place.key, place.start, place.end, frame_number});
      elements.add(descriptor_id, descriptor);
    }
    const bool marker = place.end && place.spatial + 1 == spatial_layers;
    const rtp::Header header{{96}, marker, sequence++, timestamp, {ssrc()}};
    Buffer datagram(600);
    const auto size = rtp::write_header(header, elements, datagram);
    Writer payload(MutableBytes(datagram).subspan(size));
    write_payload(place, payload);
    payload.zeros(20 + random.below(50));
    datagram.resize(size + payload.size());
    return datagram;
  }

  void write_payload(const Place& place, Writer& out) const {
    const auto layers = [](std::uint32_t value) { return static_cast<std::uint8_t>(value); };
    if (codec == rtp::Codec::vp8) {
      out.u8(place.start ? 0x90 : 0x80).u8(0xE0).u16(static_cast<std::uint16_t>(0x8000 | picture_id)).u8(tl0);
      out.u8(layers(place.temporal << 6 | (place.sync ? 0x20u : 0u))).u8(place.key ? 0 : 1);
    } else if (codec == rtp::Codec::vp9) {
      out.u8(layers(0x80u | (place.key ? 0u : 0x40u) | 0x20u | (flexible ? 0x10u : 0u) | (place.start ? 8u : 0u) |
                    (place.end ? 4u : 0u)));
      out.u16(static_cast<std::uint16_t>(0x8000 | picture_id));
      out.u8(layers(place.temporal << 5 | (place.switching ? 0x10u : 0u) | place.spatial << 1 | (place.below ? 1u : 0u)));
      if (!flexible) out.u8(tl0);
      if (flexible && !place.key) out.u8(2);
    } else if (codec == rtp::Codec::av1) {
      out.u8(place.key && place.spatial == 0 && place.start ? 0x18 : 0x10);
    }
  }

  int picture = -1;
  int cycle = 0;
  int last[2] = {0, 0};  ///< picture of the lowest and of the middle temporal layer
};

}  // namespace parley::media::testing
