// Opus by libopus.

#include <opus/opus.h>

#include <array>
#include <stdexcept>

#include "loadtest/clips/codec.hpp"
#include "loadtest/clips/marking.hpp"

namespace parley::loadtest {

namespace {

/// RFC 6716 section 3.4: no frame is larger.
constexpr std::size_t largest_frame = 1275;
/// 120 ms at 48 kHz: no packet holds more.
constexpr std::size_t longest_packet = 5760;

class OpusFrameEncoder : public SoundEncoder {
 public:
  explicit OpusFrameEncoder(std::uint32_t kilobits_per_second) {
    int error = OPUS_OK;
    encoder_ = opus_encoder_create(sound_rate, 1, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &error);
    if (error != OPUS_OK) throw std::runtime_error("Opus: no encoder");
    opus_encoder_ctl(encoder_, OPUS_SET_BITRATE(static_cast<int>(kilobits_per_second * 1000)));
  }
  OpusFrameEncoder(const OpusFrameEncoder&) = delete;
  OpusFrameEncoder& operator=(const OpusFrameEncoder&) = delete;
  ~OpusFrameEncoder() override { opus_encoder_destroy(encoder_); }

  Buffer encode(std::span<const float> samples) override {
    Buffer frame(largest_frame);
    const int size = opus_encode_float(encoder_, samples.data(), static_cast<int>(samples.size()), frame.data(), largest_frame);
    if (size < 0) throw std::runtime_error("Opus: frame refused");
    frame.resize(static_cast<std::size_t>(size));
    return frame;
  }

 private:
  OpusEncoder* encoder_ = nullptr;
};

class OpusFrameDecoder : public SoundDecoder {
 public:
  OpusFrameDecoder() {
    int error = OPUS_OK;
    decoder_ = opus_decoder_create(sound_rate, 1, &error);
    if (error != OPUS_OK) throw std::runtime_error("Opus: no decoder");
  }
  OpusFrameDecoder(const OpusFrameDecoder&) = delete;
  OpusFrameDecoder& operator=(const OpusFrameDecoder&) = delete;
  ~OpusFrameDecoder() override { opus_decoder_destroy(decoder_); }

  std::span<const float> decode(Bytes frame) override {
    if (frame.empty()) return {};  // to Opus this would mean a lost frame
    const auto size = static_cast<opus_int32>(frame.size());
    const int count = opus_decode_float(decoder_, frame.data(), size, samples_.data(), longest_packet, 0);
    return std::span(samples_).first(count < 0 ? 0 : static_cast<std::size_t>(count));
  }

 private:
  OpusDecoder* decoder_ = nullptr;
  std::array<float, longest_packet> samples_{};
};

}  // namespace

std::unique_ptr<SoundEncoder> make_opus_encoder(std::uint32_t kilobits_per_second) {
  return std::make_unique<OpusFrameEncoder>(kilobits_per_second);
}

std::unique_ptr<SoundDecoder> make_opus_decoder() { return std::make_unique<OpusFrameDecoder>(); }

}  // namespace parley::loadtest
