// VP8 and VP9 by libvpx.

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

#include <stdexcept>
#include <string>

#include "loadtest/clips/codec.hpp"

namespace parley::loadtest {

namespace {

void check(vpx_codec_err_t error) {
  if (error != VPX_CODEC_OK) throw std::runtime_error(std::string("libvpx: ") + vpx_codec_err_to_string(error));
}

class VpxEncoder : public VideoEncoder {
 public:
  VpxEncoder(rtp::Codec codec, const VideoSettings& settings) {
    vpx_codec_iface_t* const interface = codec == rtp::Codec::vp8 ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx();
    vpx_codec_enc_cfg_t config;
    check(vpx_codec_enc_config_default(interface, &config, 0));
    config.g_w = static_cast<unsigned>(settings.width);
    config.g_h = static_cast<unsigned>(settings.height);
    config.g_timebase = {1, static_cast<int>(settings.frames_per_second)};
    config.g_lag_in_frames = 0;
    config.g_threads = 1;
    config.rc_end_usage = VPX_CBR;
    config.rc_target_bitrate = settings.kilobits_per_second;
    config.rc_dropframe_thresh = 0;
    config.rc_min_quantizer = 2;
    config.rc_max_quantizer = 52;
    config.rc_undershoot_pct = config.rc_overshoot_pct = 15;
    config.rc_buf_initial_sz = 500;
    config.rc_buf_optimal_sz = 600;
    config.rc_buf_sz = 1000;
    config.kf_mode = VPX_KF_DISABLED;
    check(vpx_codec_enc_init(&codec_, interface, &config, 0));
    check(vpx_codec_control_(&codec_, VP8E_SET_CPUUSED, codec == rtp::Codec::vp8 ? -10 : 8));
    check(vpx_codec_control_(&codec_, VP8E_SET_MAX_INTRA_BITRATE_PCT, 400));
  }
  VpxEncoder(const VpxEncoder&) = delete;
  VpxEncoder& operator=(const VpxEncoder&) = delete;
  ~VpxEncoder() override { vpx_codec_destroy(&codec_); }

  Buffer encode(const Picture& picture, bool keyframe) override {
    // libvpx does not write to what it is given.
    vpx_image_t image;
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, static_cast<unsigned>(picture.width), static_cast<unsigned>(picture.height), 1,
                 const_cast<std::uint8_t*>(picture.luma.data()));
    image.planes[VPX_PLANE_U] = const_cast<std::uint8_t*>(picture.blue.data());
    image.planes[VPX_PLANE_V] = const_cast<std::uint8_t*>(picture.red.data());
    image.stride[VPX_PLANE_Y] = static_cast<int>(picture.width);
    image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = static_cast<int>((picture.width + 1) / 2);
    check(vpx_codec_encode(&codec_, &image, time_++, 1, keyframe ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME));
    Buffer frame;
    vpx_codec_iter_t position = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&codec_, &position)) {
      if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
      const auto* const bytes = static_cast<const std::uint8_t*>(packet->data.frame.buf);
      frame.insert(frame.end(), bytes, bytes + packet->data.frame.sz);
    }
    return frame;
  }

 private:
  vpx_codec_ctx_t codec_{};
  vpx_codec_pts_t time_ = 0;
};

class VpxDecoder : public VideoDecoder {
 public:
  explicit VpxDecoder(rtp::Codec codec) {
    check(vpx_codec_dec_init(&codec_, codec == rtp::Codec::vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx(), nullptr, 0));
  }
  VpxDecoder(const VpxDecoder&) = delete;
  VpxDecoder& operator=(const VpxDecoder&) = delete;
  ~VpxDecoder() override { vpx_codec_destroy(&codec_); }

  std::optional<LumaView> decode(Bytes frame) override {
    if (vpx_codec_decode(&codec_, frame.data(), static_cast<unsigned>(frame.size()), nullptr, 0) != VPX_CODEC_OK) return {};
    vpx_codec_iter_t position = nullptr;
    const vpx_image_t* const image = vpx_codec_get_frame(&codec_, &position);
    if (!image || image->stride[VPX_PLANE_Y] < 0 || image->bit_depth != 8) return {};
    const auto stride = static_cast<std::size_t>(image->stride[VPX_PLANE_Y]);
    return LumaView{image->d_w, image->d_h, stride, Bytes(image->planes[VPX_PLANE_Y], stride * image->d_h)};
  }

 private:
  vpx_codec_ctx_t codec_{};
};

}  // namespace

std::unique_ptr<VideoEncoder> make_vpx_encoder(rtp::Codec codec, const VideoSettings& settings) {
  return std::make_unique<VpxEncoder>(codec, settings);
}

std::unique_ptr<VideoDecoder> make_vpx_decoder(rtp::Codec codec) { return std::make_unique<VpxDecoder>(codec); }

}  // namespace parley::loadtest
