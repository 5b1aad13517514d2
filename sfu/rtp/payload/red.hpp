#pragma once
// Redundant audio, RFC 2198: earlier blocks first, each with a four-byte header, the primary block last with a one-byte header.
//
//    |F=1| block PT |  timestamp offset (14)  | block length (10) |   each redundant block
//    |F=0| block PT |                                                the primary block

#include <array>
#include <cstdint>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"
#include "sfu/rtp/payload/edit.hpp"

namespace parley::rtp {

/// Chromium sends one redundant block; more than five (100 ms of speech) is refused.
inline constexpr std::size_t maximum_red_blocks = 5;

struct RedPayload {
  PayloadType primary_type;
  Bytes primary;                 ///< what a receiver without RED gets
  std::uint8_t redundant = 0;    ///< number of redundant blocks
  std::uint8_t header_size = 0;  ///< of all block headers together
};

/// Nothing when a block does not fit, there are too many, or the primary block is empty.
std::optional<RedPayload> parse_red(Bytes payload);

/// For a receiver without RED: only the primary block.
PayloadEdit strip_red(Bytes payload, const RedPayload& red);
/// For a receiver with RED: every block header gets that receiver's payload type of the primary codec.
PayloadEdit rewrite_red(Bytes payload, const RedPayload& red, PayloadType block_type);

}  // namespace parley::rtp
