#include "loadtest/clips/codec.hpp"

namespace parley::loadtest {

using rtp::Codec;

std::unique_ptr<VideoEncoder> make_video_encoder(Codec codec, const VideoSettings& settings) {
  if (codec == Codec::h264) return make_h264_encoder(settings);
  if (codec == Codec::vp8 || codec == Codec::vp9) return make_vpx_encoder(codec, settings);
  return nullptr;
}

std::unique_ptr<VideoDecoder> make_video_decoder(Codec codec) {
  if (codec == Codec::h264) return make_h264_decoder();
  if (codec == Codec::vp8 || codec == Codec::vp9) return make_vpx_decoder(codec);
  return nullptr;
}

}  // namespace parley::loadtest
