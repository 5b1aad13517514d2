#pragma once
// The four bytes with which every RTCP packet begins (RFC 3550 section 6.1, RFC 4585 section 6.1).

#include <cstdint>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

enum class RtcpType : std::uint8_t {
  sender_report = 200,
  receiver_report = 201,
  source_description = 202,
  goodbye = 203,
  application = 204,
  transport_feedback = 205,  ///< RFC 4585: generic NACK, transport-cc
  payload_feedback = 206,    ///< RFC 4585: PLI, FIR, REMB
  extended_report = 207,
};

/// `count` is the number of items, or the FMT of a feedback message: 0..31. Returns where the header begins, for finish_rtcp().
std::size_t begin_rtcp(RtcpType type, std::uint8_t count, Writer& out);
/// Pads to a whole number of words as RFC 3550 section 6.4.1 has it: P bit, and the number of padding bytes in the last one.
void pad_rtcp(std::size_t begin, Writer& out);
/// Fills in the length (32-bit words minus one). The packet must be a whole number of words.
void finish_rtcp(std::size_t begin, Writer& out);

}  // namespace parley::rtp
