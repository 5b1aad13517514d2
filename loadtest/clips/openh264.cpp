// H.264 by OpenH264: constrained baseline, the profile that every browser has.

#include <wels/codec_api.h>

#include <stdexcept>

#include "loadtest/clips/codec.hpp"

namespace parley::loadtest {

namespace {

/// The library explains itself on stderr otherwise.
constexpr int quiet = WELS_LOG_QUIET;

class H264Encoder : public VideoEncoder {
 public:
  explicit H264Encoder(const VideoSettings& settings) {
    if (WelsCreateSVCEncoder(&encoder_) != 0 || !encoder_) throw std::runtime_error("OpenH264: no encoder");
    int level = quiet;
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
    SEncParamExt parameters;
    encoder_->GetDefaultParams(&parameters);
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iPicWidth = static_cast<int>(settings.width);
    parameters.iPicHeight = static_cast<int>(settings.height);
    parameters.fMaxFrameRate = static_cast<float>(settings.frames_per_second);
    parameters.iTargetBitrate = static_cast<int>(settings.kilobits_per_second * 1000);
    parameters.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    parameters.iRCMode = RC_BITRATE_MODE;
    parameters.bEnableFrameSkip = false;
    parameters.uiIntraPeriod = 0;
    parameters.iMultipleThreadIdc = 1;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.bEnableSceneChangeDetect = false;
    auto& layer = parameters.sSpatialLayers[0];
    layer.iVideoWidth = parameters.iPicWidth;
    layer.iVideoHeight = parameters.iPicHeight;
    layer.fFrameRate = parameters.fMaxFrameRate;
    layer.iSpatialBitrate = parameters.iTargetBitrate;
    layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    if (encoder_->InitializeExt(&parameters) != cmResultSuccess) throw std::runtime_error("OpenH264: settings refused");
  }
  H264Encoder(const H264Encoder&) = delete;
  H264Encoder& operator=(const H264Encoder&) = delete;
  ~H264Encoder() override {
    encoder_->Uninitialize();
    WelsDestroySVCEncoder(encoder_);
  }

  Buffer encode(const Picture& picture, bool keyframe) override {
    if (keyframe) encoder_->ForceIntraFrame(true);
    SSourcePicture source{};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = static_cast<int>(picture.width);
    source.iPicHeight = static_cast<int>(picture.height);
    source.iStride[0] = source.iPicWidth;
    source.iStride[1] = source.iStride[2] = (source.iPicWidth + 1) / 2;
    // OpenH264 does not write to what it is given.
    source.pData[0] = const_cast<std::uint8_t*>(picture.luma.data());
    source.pData[1] = const_cast<std::uint8_t*>(picture.blue.data());
    source.pData[2] = const_cast<std::uint8_t*>(picture.red.data());
    source.uiTimeStamp = 40 * time_++;
    SFrameBSInfo info{};
    if (encoder_->EncodeFrame(&source, &info) != cmResultSuccess) throw std::runtime_error("OpenH264: frame refused");
    Buffer frame;
    for (int i = 0; i < info.iLayerNum; ++i) {
      const SLayerBSInfo& layer = info.sLayerInfo[i];
      int size = 0;
      for (int unit = 0; unit < layer.iNalCount; ++unit) size += layer.pNalLengthInByte[unit];
      frame.insert(frame.end(), layer.pBsBuf, layer.pBsBuf + size);
    }
    return frame;
  }

 private:
  ISVCEncoder* encoder_ = nullptr;
  long long time_ = 0;
};

class H264Decoder : public VideoDecoder {
 public:
  H264Decoder() {
    if (WelsCreateDecoder(&decoder_) != 0 || !decoder_) throw std::runtime_error("OpenH264: no decoder");
    int level = quiet;
    decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &level);
    SDecodingParam parameters{};
    parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    parameters.eEcActiveIdc = ERROR_CON_DISABLE;
    if (decoder_->Initialize(&parameters) != 0) throw std::runtime_error("OpenH264: decoder settings refused");
  }
  H264Decoder(const H264Decoder&) = delete;
  H264Decoder& operator=(const H264Decoder&) = delete;
  ~H264Decoder() override {
    decoder_->Uninitialize();
    WelsDestroyDecoder(decoder_);
  }

  std::optional<LumaView> decode(Bytes frame) override {
    std::uint8_t* planes[3] = {};
    SBufferInfo info{};
    const auto state = decoder_->DecodeFrameNoDelay(frame.data(), static_cast<int>(frame.size()), planes, &info);
    if (state != dsErrorFree || info.iBufferStatus != 1 || !planes[0]) return {};
    const auto& buffer = info.UsrData.sSystemBuffer;
    const auto height = static_cast<std::size_t>(buffer.iHeight);
    const auto stride = static_cast<std::size_t>(buffer.iStride[0]);
    return LumaView{static_cast<std::size_t>(buffer.iWidth), height, stride, Bytes(planes[0], stride * height)};
  }

 private:
  ISVCDecoder* decoder_ = nullptr;
};

}  // namespace

std::unique_ptr<VideoEncoder> make_h264_encoder(const VideoSettings& settings) { return std::make_unique<H264Encoder>(settings); }

std::unique_ptr<VideoDecoder> make_h264_decoder() { return std::make_unique<H264Decoder>(); }

}  // namespace parley::loadtest
