#include "sfu/sdp/codecs.hpp"

#include <set>

#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

Codec h264(const std::string& profile_level_id, const std::string& mode = "1") {
  return codec("H264", 90000, 102, {{"profile-level-id", profile_level_id}, {"packetization-mode", mode}});
}
bool same(const Codec& left, const Codec& right) { return find_codec({left}, right) != nullptr; }

}  // namespace

TEST_CASE("a codec is found by name without case, clock and channels, whatever its payload type") {
  CHECK(same(codec("VP8", 90000, 96), codec("vp8", 90000, 120)));
  CHECK_FALSE(same(codec("VP8", 90000, 96), codec("VP9", 90000, 96)));
  CHECK_FALSE(same(codec("opus", 48000, 111), codec("opus", 24000, 111)));
  Codec mono = codec("opus", 48000, 111);
  mono.channels = 1;
  CHECK_FALSE(same(codec("opus", 48000, 111), mono));
}

TEST_CASE("H.264 profiles are compared by meaning, levels not at all") {
  CHECK(same(h264("42e01f"), h264("42E034")));
  CHECK(same(h264("42e01f"), h264("42c01f")));
  CHECK(same(h264("42e01f"), h264("4d801f")));
  CHECK(same(h264("42e01f"), h264("4de01f")));
  CHECK(same(h264("42001f"), h264("42800a")));
  CHECK_FALSE(same(h264("42e01f"), h264("42001f")));
  CHECK_FALSE(same(h264("42e01f"), h264("4d001f")));
  CHECK_FALSE(same(h264("640c1f"), h264("64001f")));
  CHECK(h264_profile(h264("f4001f")) == H264Profile::predictive_high_444);
}

TEST_CASE("H.264 without parameters is constrained baseline in single NAL unit mode") {
  CHECK(same(codec("H264", 90000, 102), h264("42e01f", "0")));
  CHECK_FALSE(same(codec("H264", 90000, 102), h264("42e01f", "1")));
}

TEST_CASE("H.264 with a profile or mode that nobody knows equals nothing, not even itself") {
  for (const Codec& odd :
       {h264("ff001f"), h264("42e0"), h264("42e01fff"), h264("xyzxyz"), h264("42e01f", "2"), h264("42e01f", "x")}) {
    CAPTURE(odd.parameters);
    CHECK_FALSE(same(odd, odd));
    CHECK(offered_codecs(Kind::video, {odd}).empty());
  }
}

TEST_CASE("VP9 and AV1 are compared by profile, which is 0 when absent") {
  const auto vp9 = [](const std::string& profile) { return codec("VP9", 90000, 98, {{"profile-id", profile}}); };
  const auto av1 = [](const std::string& profile) { return codec("AV1", 90000, 45, {{"profile", profile}}); };
  CHECK(same(codec("VP9", 90000, 1), vp9("0")));
  CHECK_FALSE(same(vp9("0"), vp9("2")));
  CHECK(same(codec("AV1", 90000, 1), av1("0")));
  CHECK_FALSE(same(av1("0"), av1("1")));
  CHECK_FALSE(same(vp9("4"), vp9("4")));
  CHECK_FALSE(same(av1("3"), av1("3")));
}

TEST_CASE("a publication is offered under our own payload types, with our feedback") {
  const auto offered = offered_codecs(Kind::video, parsed_capture("firefox-av-plain-ice-cands").sections[1].codecs);
  CHECK(names(offered) == Names{"VP8/96 rtx 97", "VP9/98 rtx 99", "AV1/45 rtx 46"});
  for (const Codec& it : offered) CHECK(it.feedback == Names{"nack", "nack pli", "ccm fir"});
  CHECK(offered[0].parameters.empty());
}

TEST_CASE("each codec has a payload type of its own, the same in every offer") {
  const Session everything = parsed_capture("chromium-recvonly-2a-3v");
  std::vector<Codec> all = offered_codecs(Kind::audio, everything.sections[0].codecs);
  CHECK(names(all) == Names{"opus/111", "red/63", "G722/9", "PCMU/0", "PCMA/8"});
  for (const Codec& it : offered_codecs(Kind::video, everything.sections[2].codecs)) all.push_back(it);
  for (const char* profile : {"640c1f", "64001f"})
    for (const char* mode : {"0", "1"})
      for (const Codec& it : offered_codecs(Kind::video, {h264(profile, mode)})) all.push_back(it);
  for (const Codec& it : offered_codecs(Kind::video, {codec("AV1", 90000, 45, {{"profile", "2"}})})) all.push_back(it);

  CHECK(all.size() == 5 + 1 + 4 + 3 + 12);  // audio, VP8, VP9, AV1, H264
  std::set<int> used = {127};               // what an empty section lists
  for (const Codec& it : all) {
    CAPTURE(it.name, it.payload_type.value, it.parameters);
    CHECK((it.payload_type.value < 64 || it.payload_type.value > 95));
    CHECK(used.insert(it.payload_type.value).second);
    if (it.rtx) CHECK(used.insert(it.rtx->value).second);
  }
}

TEST_CASE("one format that a publisher names twice is offered once") {
  CHECK(offered_codecs(Kind::video, {h264("42e01f"), h264("42c00a"), codec("VP8", 90000, 96), codec("VP8", 90000, 97)}).size() ==
        2);
}

TEST_CASE("only a publication in stereo is offered in stereo") {
  const auto parameters = [](const Codec& published) { return offered_codecs(Kind::audio, {published}).at(0).parameters; };
  CHECK(parameters(codec("opus", 48000, 109, {{"stereo", "1"}, {"maxplaybackrate", "48000"}})) ==
        std::map<std::string, std::string>{{"minptime", "10"}, {"sprop-stereo", "1"}, {"stereo", "1"}, {"useinbandfec", "1"}});
  CHECK(parameters(codec("opus", 48000, 109)) == std::map<std::string, std::string>{{"minptime", "10"}, {"useinbandfec", "1"}});
}

TEST_CASE("FEC, comfort noise and telephone events are no codecs to offer, and RED is one only with the Opus inside of it") {
  const auto published = parsed_capture("chromium-av-plain-ice-cands").sections;
  CHECK(names(offered_codecs(Kind::audio, published[0].codecs)) == Names{"opus/111", "red/63", "G722/9", "PCMU/0", "PCMA/8"});
  CHECK(offered_codecs(Kind::audio, {codec("red", 48000, 63, {{"", "111/111"}})}).empty());
  const std::vector<Codec> red_of_another = {codec("red", 48000, 63, {{"", "0/0"}}), codec("opus", 48000, 111)};
  CHECK(names(forwardable_codecs(Kind::audio, red_of_another)) == Names{"opus/111"});
  CHECK(names(offered_codecs(Kind::audio, red_of_another)) == Names{"opus/111", "red/63"});  // our own
  CHECK(offered_codecs(Kind::audio, published[1].codecs).empty());
}

TEST_CASE("header extensions are offered with ids that a one-byte header can carry, the same in every section") {
  const auto audio = offered_extensions(Kind::audio, {});
  const auto video = offered_extensions(Kind::video, {});
  CHECK(id_of(audio, "ssrc-audio-level") == 1);
  CHECK(id_of(audio, "sdes:mid") == id_of(video, "sdes:mid"));
  CHECK(id_of(video, "video-orientation") != 0);
  CHECK(id_of(video, "dependency-descriptor-rtp-header-extension") == 0);
  const auto av1 = offered_extensions(Kind::video, {codec("AV1", 90000, 45)});
  CHECK(id_of(av1, "dependency-descriptor-rtp-header-extension") != 0);
  std::map<int, std::string> uris;
  for (const auto& list : {audio, video, av1})
    for (const auto& it : list) {
      CHECK((it.id >= 1 && it.id <= 14));
      CHECK(uris.emplace(it.id, it.uri).first->second == it.uri);
    }
}
