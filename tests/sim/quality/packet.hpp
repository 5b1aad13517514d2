#pragma once
// A packet of the quality simulator. It travels through the project's Link as real bytes, so that the Link is the one that
// everything else is tested with.

#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/time.hpp"

namespace parley::quality {

enum class Kind : std::uint8_t { media, feedback, tcp, acknowledgement };

struct Packet {
  std::uint8_t flow = 0;  ///< index of the flow or TCP connection in the experiment
  Kind kind = Kind::media;
  std::uint64_t number = 0;  ///< media: transport-wide sequence number; TCP: number of the segment
  Time sent;
  std::size_t bytes = 0;  ///< on the wire, all headers included
  Buffer body;            ///< feedback: the RTCP message
};

Buffer write(const Packet& packet);
Packet parse(Bytes datagram);

}  // namespace parley::quality
