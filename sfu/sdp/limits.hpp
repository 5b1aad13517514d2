#pragma once
// How much of a description is remembered. Each limit is several times what a real browser sends and small enough that the
// largest description costs little memory; what is beyond it is refused with the line's number.

#include <cstddef>

namespace parley::sdp {

/// A connection that receives 30 people has 60 sections.
inline constexpr std::size_t maximum_sections = 128;
/// Chromium lists 34 formats in a video section; there are only 128 payload types.
inline constexpr std::size_t maximum_formats = 128;
/// A one-byte header names 14 extensions; Chromium offers 13.
inline constexpr std::size_t maximum_extensions = 64;
/// AV1 has at most 8 spatial layers (browsers send 3).
inline constexpr std::size_t maximum_rids = 8;
/// Three layers with RTX and FEC need 9.
inline constexpr std::size_t maximum_ssrcs = 64;
/// A host with 10 interfaces gathers 40 for each section.
inline constexpr std::size_t maximum_candidates = 512;
/// One for each hash function that a client might prefer.
inline constexpr std::size_t maximum_fingerprints = 8;
/// Each codec has at most 6 kinds of feedback in a browser's offer.
inline constexpr std::size_t maximum_feedback = 16;
/// H.264 has the longest list of parameters, about 20 in RFC 6184.
inline constexpr std::size_t maximum_parameters = 32;
/// What a one-byte header extension carries (RFC 8285): MID and RID travel there.
inline constexpr std::size_t maximum_id_length = 16;

}  // namespace parley::sdp
