// Clip files, and RTP payloads put together to frames.

#include <cstdint>
#include <vector>

#include "loadtest/clips/clip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace parley;
  using namespace parley::loadtest;
  const Bytes input(data, size);
  if (const auto clip = parse_clip(input)) {
    for (std::uint32_t number = 0; number < clip->frames(); ++number) {
      if (clip->parts(0, number).empty()) __builtin_trap();
      for (const auto& part : clip->parts(0, number))
        if (part.head_size + part.body.size() > maximum_payload) __builtin_trap();
    }
  }
  std::vector<Bytes> payloads;
  for (Reader reader(input); reader.remaining() > 0;) payloads.push_back(reader.take(reader.u8() % (reader.remaining() + 1)));
  for (const auto codec : {rtp::Codec::vp8, rtp::Codec::vp9, rtp::Codec::h264, rtp::Codec::opus}) {
    Buffer frame;
    assemble_frame(codec, payloads, frame);
  }
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  using namespace parley::loadtest;
  const ClipContent picture{
      .codec = parley::rtp::Codec::h264,
      .frame_duration = 3600,
      .layers = {{160, 90}},
      .frames = {{true, {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 4, 5}}, {false, {0, 0, 0, 1, 0x41, 6, 7}}}};
  const ClipContent sound{
      .codec = parley::rtp::Codec::opus, .frame_duration = 960, .layers = {{}}, .frames = {{true, {1, 2, 3}}}};
  return {write_clip(picture), write_clip(sound), {3, 0x90, 0x80, 5, 4, 0x7C, 0x85, 1, 2, 3, 0x7C, 0x45, 3}};
}
