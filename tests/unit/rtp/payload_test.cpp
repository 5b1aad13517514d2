#include <catch2/catch.hpp>

#include "sfu/rtp/payload/av1.hpp"
#include "sfu/rtp/payload/codec.hpp"
#include "sfu/rtp/payload/h264.hpp"
#include "sfu/rtp/payload/picture_size.hpp"
#include "sfu/rtp/payload/red.hpp"
#include "sfu/rtp/payload/vp8.hpp"
#include "sfu/rtp/payload/vp9.hpp"
#include "tests/captures/capture.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

Buffer hex(const std::string& text) { return captures::from_hex(text); }

struct Keyframes {
  std::string capture;
  std::uint32_t ssrc;
  Codec codec;
  std::vector<std::uint16_t> sequences;  // of the packets that begin a key frame
};

}  // namespace

TEST_CASE("codecs are found by name without regard to case") {
  CHECK(codec_from_name("VP8") == Codec::vp8);
  CHECK(codec_from_name("h264") == Codec::h264);
  CHECK(codec_from_name("OPUS") == Codec::opus);
  CHECK(codec_from_name("PCMU") == Codec::g711u);
  CHECK(codec_from_name("CN") == Codec::other);
  CHECK(codec_from_name("VP88") == Codec::other);
  CHECK(clock_rate(Codec::av1) == 90000);
  CHECK(clock_rate(Codec::g722) == 8000);
  CHECK(is_video(Codec::vp9));
  CHECK_FALSE(is_video(Codec::red));
}

TEST_CASE("the key frames of the browsers' streams are found") {
  const auto expected = GENERATE(values<Keyframes>({
      {"wire-cr-sim3-vp8-noDD", 2902432194, Codec::vp8, {21240, 21242}},
      {"wire-cr-sim3-vp8-noDD", 499924894, Codec::vp8, {20209}},
      {"wire-cr-sim3-vp8-noDD", 963720691, Codec::vp8, {639}},
      {"wire-cr-remb", 3543492697, Codec::vp8, {3631, 3642}},
      {"wire-ff-vp8-plain", 3976118760, Codec::vp8, {28008}},
      {"wire-ff-sim3-vp8", 1610294479, Codec::vp8, {26451}},
      {"wire-cr-vp9-plain", 3187578207, Codec::vp9, {20969}},
      {"wire-cr-vp9-L3T3_KEY-noDD", 1790454177, Codec::vp9, {16711, 16713}},
      {"wire-ff-vp9-plain", 2804737212, Codec::vp9, {17979}},
      {"wire-cr-av1-plain", 1998541792, Codec::av1, {28235}},
      {"wire-ff-av1-plain", 2394637588, Codec::av1, {625}},
  }));
  std::vector<std::uint16_t> found;
  const auto packets = captures::of_ssrc(captures::read(expected.capture), expected.ssrc);
  CHECK(packets.size() > 1);
  for (const auto& packet : packets)
    if (starts_keyframe(expected.codec, packet.payload)) found.push_back(packet.header.sequence);
  CHECK(found == expected.sequences);
}

TEST_CASE("every audio packet is a place to begin, an empty payload never") {
  CHECK(starts_keyframe(Codec::opus, hex("fcfffe")));
  CHECK(starts_keyframe(Codec::red, hex("6f")));
  CHECK(starts_keyframe(Codec::other, hex("00")));
  for (const auto codec : {Codec::opus, Codec::vp8, Codec::vp9, Codec::h264, Codec::av1}) CHECK_FALSE(starts_keyframe(codec, {}));
}

TEST_CASE("a VP8 descriptor with everything is read") {
  const auto descriptor = parse_vp8(hex("90e0b898c220b01b009d"));
  REQUIRE(descriptor);
  CHECK(descriptor->start_of_frame);
  CHECK(descriptor->keyframe);
  CHECK(descriptor->long_picture_id);
  CHECK(descriptor->picture_id == 0x3898);
  CHECK(descriptor->tl0_picture_index == 0xC2);
  CHECK(descriptor->temporal_layer == 0);
  CHECK(descriptor->layer_sync);
  CHECK(descriptor->size == 6);
}

TEST_CASE("VP8 descriptors may be short") {
  CHECK(parse_vp8(hex("1050"))->size == 1);
  CHECK_FALSE(parse_vp8(hex("1050"))->picture_id);
  const auto short_id = parse_vp8(hex("908015f0"));
  REQUIRE(short_id);
  CHECK(short_id->picture_id == 0x15);
  CHECK_FALSE(short_id->long_picture_id);
  CHECK(parse_vp8(hex("9010ff00"))->size == 3);  // only KEYIDX
}

TEST_CASE("a VP8 payload that ends inside of its descriptor is refused") {
  const Buffer whole = hex("90e0b898c22030");
  REQUIRE(parse_vp8(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(parse_vp8(Bytes(whole).first(size)));
}

TEST_CASE("a later partition of VP8 is no key frame") {
  CHECK_FALSE(starts_keyframe(Codec::vp8, hex("11b0")));  // S = 1, PID = 1
  CHECK_FALSE(starts_keyframe(Codec::vp8, hex("00b0")));  // S = 0
  CHECK_FALSE(starts_keyframe(Codec::vp8, hex("10b1")));  // P = 1
}

TEST_CASE("picture numbers of VP8 are replaced in the form that they have") {
  Buffer both = hex("90e0b898c220b0");
  rewrite_vp8(0x7ABC, 0x11, MutableBytes(both).first(6));
  CHECK(both == hex("90e0fabc1120b0"));
  Buffer short_id = hex("908015f0");
  rewrite_vp8(0x01FF, 0x11, MutableBytes(short_id).first(3));
  CHECK(short_id == hex("90807ff0"));
  Buffer none = hex("1050");
  rewrite_vp8(0x7ABC, 0x11, MutableBytes(none).first(1));
  CHECK(none == hex("1050"));
  Buffer layer_only = hex("9020ff00");
  rewrite_vp8(0x7ABC, 0x11, MutableBytes(layer_only).first(3));
  CHECK(layer_only == hex("9020ff00"));
}

TEST_CASE("VP9 descriptors of both modes are read") {
  const auto flexible = parse_vp9(hex("befcd81010014000b4834983"));
  REQUIRE(flexible);
  CHECK(flexible->flexible);
  CHECK(flexible->picture_id == 0x7CD8);
  CHECK(flexible->switching_point);
  CHECK(flexible->temporal_layer == 0);
  CHECK(flexible->starts_keyframe());
  CHECK(flexible->end_of_frame);
  CHECK(flexible->size == 9);  // 3, layers, structure: one layer with its size, no groups

  const auto upper = parse_vp9(hex("b8fcdb138702020004fe"));
  REQUIRE(upper);
  CHECK(upper->spatial_layer == 1);
  CHECK(upper->inter_layer_predicted);
  CHECK_FALSE(upper->starts_keyframe());

  const auto referencing = parse_vp9(hex("fdfcd9500287000000"));
  REQUIRE(referencing);
  CHECK(referencing->inter_predicted);
  CHECK(referencing->temporal_layer == 2);
  CHECK(referencing->switching_point);
  CHECK(referencing->size == 5);

  const auto fixed = parse_vp9(hex("8f8c201803c0021c011401824983"));
  REQUIRE(fixed);
  CHECK_FALSE(fixed->flexible);
  CHECK(fixed->picture_id == 0x0C20);
  CHECK(fixed->size == 11);  // the group: one picture with one reference
}

TEST_CASE("malformed VP9 descriptors are refused") {
  const Buffer whole = hex("befcd81010014000b483");
  REQUIRE(parse_vp9(whole));
  for (std::size_t size = 0; size <= 9; ++size) CHECK_FALSE(parse_vp9(Bytes(whole).first(size)));
  CHECK_FALSE(parse_vp9(hex("50ffffffff00")));      // a fourth reference
  CHECK_FALSE(parse_vp9(hex("02e8ff0c0102030c")));  // 255 pictures
}

TEST_CASE("an H.264 key frame begins with the sequence parameter set, however it is packed") {
  CHECK(starts_h264_keyframe(hex("6742c015")));                    // alone
  CHECK(starts_h264_keyframe(hex("7800026742000268ce00016500")));  // STAP-A, first
  CHECK(starts_h264_keyframe(hex("780002091000026742")));          // STAP-A, behind an access unit delimiter
  CHECK(starts_h264_keyframe(hex("7c8742")));                      // first fragment
  CHECK_FALSE(starts_h264_keyframe(hex("7c0742")));                // not the first
  CHECK_FALSE(starts_h264_keyframe(hex("65b800")));                // IDR without it
  CHECK_FALSE(starts_h264_keyframe(hex("61e00040")));
  CHECK_FALSE(starts_h264_keyframe(hex("78")));
  CHECK_FALSE(starts_h264_keyframe(hex("7800ff6742")));  // longer than the packet
  CHECK_FALSE(starts_h264_keyframe(hex("7c")));
}

TEST_CASE("Chromium's H.264 key frame is recognised by the parameter set inside of it") {
  const auto packets = captures::of_ssrc(captures::read("wire-cr-h264-sim3"), 2575101891);
  REQUIRE(packets.size() > 1);
  // The capture kept 14 bytes: 78 0013 67...: the 19 bytes of the SPS are there, filled up with zeros.
  CHECK(starts_h264_keyframe(packets[0].payload));
  for (std::size_t i = 1; i < packets.size(); ++i) CHECK_FALSE(starts_h264_keyframe(packets[i].payload));
}

TEST_CASE("the AV1 aggregation header is read") {
  const auto key = parse_av1(hex("280b"));
  REQUIRE(key);
  CHECK(key->starts_sequence);
  CHECK(key->elements == 2);
  CHECK_FALSE(key->continues_previous);
  CHECK_FALSE(parse_av1(hex("10"))->starts_sequence);
  CHECK(parse_av1(hex("d0"))->continued);
  CHECK_FALSE(parse_av1(hex("88")));  // Z and N
  CHECK_FALSE(parse_av1({}));
}

TEST_CASE("a RED payload is split into its blocks") {
  const Buffer payload =
      hex("ef000003"
          "6f"
          "aabbcc"
          "0102");
  const auto red = parse_red(payload);
  REQUIRE(red);
  CHECK(red->primary_type == PayloadType{111});
  CHECK(red->redundant == 1);
  CHECK(red->header_size == 5);
  CHECK(Buffer(red->primary.begin(), red->primary.end()) == Buffer{1, 2});

  const auto strip = strip_red(payload, *red);
  CHECK(strip.prefix().empty());
  CHECK(Buffer(strip.rest(payload).begin(), strip.rest(payload).end()) == Buffer{1, 2});

  const auto rewritten = rewrite_red(payload, *red, {109});
  Buffer whole(rewritten.prefix().begin(), rewritten.prefix().end());
  whole.insert(whole.end(), rewritten.rest(payload).begin(), rewritten.rest(payload).end());
  CHECK(whole == hex("ed000003"
                     "6d"
                     "aabbcc"
                     "0102"));
}

TEST_CASE("a RED payload of only the primary block is the codec's payload behind one byte") {
  const auto red = parse_red(hex("6ffcfffe"));
  REQUIRE(red);
  CHECK(red->redundant == 0);
  CHECK(red->primary.size() == 3);
}

TEST_CASE("malformed RED payloads are refused") {
  CHECK_FALSE(parse_red({}));
  CHECK_FALSE(parse_red(hex("6f")));                                                    // no primary block
  CHECK_FALSE(parse_red(hex("ef0000")));                                                // ends inside of a header
  CHECK_FALSE(parse_red(hex("ef0000036faabb")));                                        // ends inside of a block
  CHECK_FALSE(parse_red(hex("ef0000036faabbcc")));                                      // primary block empty
  CHECK_FALSE(parse_red(hex("ef000000ef000000ef000000ef000000ef000000ef0000006f01")));  // six redundant blocks
  CHECK(parse_red(hex("ef000000ef000000ef000000ef000000ef0000006f01")));
}

TEST_CASE("key frames tell the size of their pictures") {
  const auto vp8 = read_picture_sizes(Codec::vp8, hex("101002009d012a4001b400"));
  REQUIRE(vp8);
  CHECK((*vp8)[0] == PictureSize{320, 180});
  CHECK_FALSE(read_picture_sizes(Codec::vp8, hex("101102009d012a4001b400")));  // no key frame

  // Two spatial layers, as Chromium sends them.
  const auto vp9 = read_picture_sizes(Codec::vp9, hex("befcdb1030014000b402800168834983"));
  REQUIRE(vp9);
  CHECK((*vp9)[0] == PictureSize{320, 180});
  CHECK((*vp9)[1] == PictureSize{640, 360});
  CHECK((*vp9)[2] == PictureSize{});
  CHECK_FALSE(read_picture_sizes(Codec::vp9, hex("fdfcdc50028700")));

  CHECK((*read_picture_sizes(Codec::h264, hex("6742c01fda014016e4")))[0] == PictureSize{1280, 720});
  CHECK((*read_picture_sizes(Codec::h264, hex("6742c01fda05067e74")))[0] == PictureSize{320, 180});
  // The front of a STAP-A from Chromium.
  CHECK((*read_picture_sizes(Codec::h264, hex("78000b6742c0158c8d40a0cbcf35")))[0] == PictureSize{320, 180});
  CHECK_FALSE(read_picture_sizes(Codec::h264, hex("6742c01f")));
}

TEST_CASE("VP9's numbers are replaced where they stand, in both modes") {
  auto flexible = hex("fdfcdc50028700");
  rewrite_vp9(0x1234, 9, MutableBytes(flexible).first(vp9_numbers_size));
  CHECK(flexible == hex("fd923450028700"));
  auto with_index = hex("ad8c20180300");
  rewrite_vp9(0x0001, 9, MutableBytes(with_index).first(vp9_numbers_size));
  CHECK(with_index == hex("ad8001180900"));
  CHECK(parse_vp9(with_index)->tl0_picture_index == 9);
  auto short_form = hex("ad0c180300");
  rewrite_vp9(0x1234, 9, MutableBytes(short_form).first(vp9_numbers_size));
  CHECK(short_form == hex("ad34180900"));
}
