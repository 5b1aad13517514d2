#pragma once
// H.264 payloads, RFC 6184: no descriptor, so a key frame is recognised by its NAL units, alone, inside of a STAP-A (which
// Chromium uses for SPS + PPS + IDR) or at the first fragment of an FU-A.

#include "sfu/base/bytes.hpp"

namespace parley::rtp {

/// True for the packet with the sequence parameter set. Browsers send it in front of every IDR picture (RFC 7742 section 6.2 asks
/// for parameter sets in the stream), and a receiver that begins at the IDR without it sees nothing.
bool starts_h264_keyframe(Bytes payload);

/// The sequence parameter set, its NAL unit header included; the first piece of it when it is fragmented. Empty: there is none.
Bytes find_h264_parameter_set(Bytes payload);

}  // namespace parley::rtp
