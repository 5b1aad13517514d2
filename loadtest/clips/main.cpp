// make_clips: makes the clips that the load tester sends, from generated pictures and tones. Run at build time:
//
//     make_clips <folder> [<video frames>]
//
// vp8, vp9 and h264 hold one encoding of 640 x 360 and 1 Mbit/s, vp8-simulcast and h264-simulcast three sizes, opus a sound.

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

#include "loadtest/clips/clip.hpp"
#include "loadtest/clips/codec.hpp"
#include "loadtest/clips/film.hpp"
#include "loadtest/clips/marking.hpp"

namespace {

using namespace parley;
using namespace parley::loadtest;
using rtp::Codec;

constexpr std::uint32_t default_frames = 5 * frames_per_group;
constexpr std::uint32_t sound_bitrate = 32;

constexpr VideoSettings quarter{160, 90, video_frames_per_second, 100};
constexpr VideoSettings half{320, 180, video_frames_per_second, 300};
constexpr VideoSettings full{640, 360, video_frames_per_second, 1000};

ClipContent record(Codec codec, const std::vector<VideoSettings>& layers, std::uint32_t frames) {
  ClipContent content{.codec = codec, .frame_duration = 90000 / video_frames_per_second, .layers = {}, .frames = {}};
  std::vector<std::unique_ptr<VideoEncoder>> encoders;
  for (const auto& layer : layers) {
    content.layers.push_back({static_cast<std::uint16_t>(layer.width), static_cast<std::uint16_t>(layer.height)});
    encoders.push_back(make_video_encoder(codec, layer));
  }
  for (std::uint32_t number = 0; number < frames; ++number) {
    const bool keyframe = number % frames_per_group == 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      Picture picture(layers[layer].width, layers[layer].height);
      film(number, picture);
      content.frames.push_back({keyframe, encoders[layer]->encode(picture, keyframe)});
    }
  }
  return content;
}

/// The largest layer alone.
ClipContent last_layer(const ClipContent& simulcast) {
  ClipContent content{simulcast.codec, simulcast.frame_duration, {simulcast.layers.back()}, {}};
  for (std::size_t i = simulcast.layers.size() - 1; i < simulcast.frames.size(); i += simulcast.layers.size())
    content.frames.push_back(simulcast.frames[i]);
  return content;
}

ClipContent record_sound() {
  ClipContent content{.codec = Codec::opus, .frame_duration = samples_per_frame, .layers = {{}}, .frames = {}};
  const auto encoder = make_opus_encoder(sound_bitrate);
  std::vector<float> samples(samples_per_frame);
  for (std::uint32_t number = 0; number < sound_numbers; ++number) {
    play_number(number, samples);
    content.frames.push_back({true, encoder->encode(samples)});
  }
  return content;
}

void save(const ClipContent& content, const std::string& path) {
  const Buffer file = write_clip(content);
  if (const auto clip = parse_clip(file); !clip) throw std::runtime_error(clip.error().message);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) throw std::runtime_error("usage: make_clips <folder> [<video frames>]");
  const std::string folder = std::string(argv[1]) + "/";
  const auto frames = argc > 2 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : default_frames;
  for (const auto& [codec, name] : {std::pair{Codec::vp8, "vp8"}, std::pair{Codec::h264, "h264"}}) {
    const auto simulcast = record(codec, {quarter, half, full}, frames);
    save(simulcast, folder + name + "-simulcast.clip");
    save(last_layer(simulcast), folder + name + ".clip");
  }
  save(record(Codec::vp9, {full}, frames), folder + "vp9.clip");
  save(record_sound(), folder + "opus.clip");
  return 0;
} catch (const std::exception& failure) {
  std::cerr << "make_clips: " << failure.what() << '\n';
  return 1;
}
