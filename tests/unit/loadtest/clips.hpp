#pragma once
// The clips that the build has made, for tests.

#include <fstream>
#include <iterator>
#include <string>

#include "loadtest/clips/clip.hpp"
#include "loadtest/source.hpp"

namespace parley::loadtest {

inline Buffer clip_file(const std::string& name) {
  std::ifstream file(std::string(PARLEY_CLIPS) + "/" + name + ".clip", std::ios::binary);
  return Buffer(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

inline Clip load_clip(const std::string& name) { return std::move(parse_clip(clip_file(name))).value(); }

/// All bytes of an RTP payload.
inline Buffer whole(const Payload& payload) {
  Buffer bytes(payload.head().begin(), payload.head().end());
  bytes.insert(bytes.end(), payload.body().begin(), payload.body().end());
  return bytes;
}

}  // namespace parley::loadtest
