#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

std::vector<SendSection> reserve(std::size_t count) {
  std::vector<SendSection> sections;
  for (std::uint32_t i = 0; i < count; ++i) {
    SendSection& section = sections.emplace_back();
    section.ssrc = Ssrc{1000 + 2 * i};
    section.rtx_ssrc = Ssrc{1001 + 2 * i};
    section.cname = "room";
    section.stream_id = "whep";
    section.track_id = "t" + std::to_string(i);
  }
  return sections;
}

PlayAnswer answered(const Session& offer, std::size_t reserved = 8) {
  auto result = answer_play(offer, local_transport(), reserve(reserved));
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  CHECK(parsed(write(result->answer)) == result->answer);
  return *result;
}

}  // namespace

TEST_CASE("a WHEP offer of both browsers gets a sending section for each receiving one, with the client's own numbers") {
  for (const char* name : {"chromium-recvonly-2a-3v", "firefox-recvonly-2a-3v"}) {
    CAPTURE(name);
    const Session offer = parsed_capture(name);
    const auto result = answered(offer);
    REQUIRE(result.sections.size() == 5);
    CHECK(result.answer.bundle == offer.bundle);
    for (std::size_t i = 0; i < 5; ++i) {
      const SendSection& section = result.sections[i];
      const Section& ours = result.answer.sections[i];
      CHECK(section.active);
      CHECK(section.mid == offer.sections[i].mid);
      CHECK(section.kind == offer.sections[i].kind);
      CHECK(section.ssrc == Ssrc{static_cast<std::uint32_t>(1000 + 2 * i)});
      CHECK(ours.direction == Direction::sendonly);
      CHECK(ours.setup == Setup::passive);
      CHECK(ours.port == 9);
      CHECK(ours.streams.at(0).rtx.has_value() == (section.kind == Kind::video));
      CHECK(ours.stream_id == "whep");
      CHECK(id_of(section.extensions, "sdes:mid") == id_of(offer.sections[i].extensions, "sdes:mid"));
      for (const Codec& it : section.codecs) CHECK(find_codec(offer.sections[i].codecs, it)->payload_type == it.payload_type);
    }
    CHECK(result.answer.sections[0].candidates.size() == 2);
  }
  CHECK(names(answered(parsed_capture("firefox-recvonly-2a-3v")).sections[2].codecs) ==
        Names{"VP8/120 rtx 124", "VP9/121 rtx 125", "AV1/99 rtx 100"});
}

TEST_CASE("a header extension that the client only receives is sent, one that it only sends is not") {
  const auto result = answered(parsed(
      description({vp8_section("a=recvonly\r\na=extmap:3/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                               "a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:sdes:mid\r\n")})));
  REQUIRE(result.sections[0].extensions.size() == 1);
  CHECK(result.sections[0].extensions[0].id == 3);
  CHECK(result.sections[0].extensions[0].direction == Direction::sendonly);
}

TEST_CASE("a player that reports on transport-wide numbers gets them") {
  CHECK(id_of(answered(parsed_capture("chromium-recvonly-2a-3v")).sections[0].extensions, "transport-wide-cc-extensions-01") ==
        3);
}

TEST_CASE("data, stopped and surplus sections are rejected in a WHEP answer") {
  Session offer = parsed_capture("chromium-recvonly-2a-3v");
  offer.sections[1].port = 0;
  Section data;
  data.kind = Kind::application;
  data.mid = "data";
  data.protocol = "UDP/DTLS/SCTP";
  data.ice_ufrag = offer.sections[0].ice_ufrag;
  data.ice_password = offer.sections[0].ice_password;
  offer.sections.insert(offer.sections.begin(), data);
  offer.bundle.push_back("data");
  const auto result = answered(offer, 4);
  REQUIRE(result.sections.size() == 5);
  REQUIRE(result.answer.sections.size() == 6);
  CHECK(result.answer.bundle == Names{"0", "2", "3"});
  CHECK(result.answer.sections[0].rejected());
  CHECK(result.answer.sections[2].rejected());
  CHECK(result.answer.sections[5].rejected());
  CHECK(result.sections[1].codecs.empty());
  CHECK(result.sections[4].codecs.empty());
  CHECK_FALSE(result.sections[4].active);
}

TEST_CASE("a WHEP offer that sends, or that can play nothing, is refused") {
  const auto code = [](const std::string& section) {
    const auto result = answer_play(parsed(description({section})), local_transport(), reserve(1));
    return result ? std::string("accepted") : result.error().code;
  };
  CHECK(code(vp8_section("a=recvonly\r\n")) == "accepted");
  CHECK(code(vp8_section()) == "accepted");
  CHECK(code(vp8_section("a=inactive\r\n")) == "accepted");
  CHECK(code(vp8_section("a=sendonly\r\n")) == "sdp_not_receiving");
  CHECK(code("m=video 9 UDP/TLS/RTP/SAVPF 49\r\na=rtpmap:49 H265/90000\r\na=recvonly\r\n") == "sdp_no_common_codec");
}

TEST_CASE("Chromium's own FlexFEC is taken up with its number, Firefox has none") {
  const auto sections = [](const char* name) {
    auto reserved = reserve(5);
    for (auto& section : reserved) section.flexfec_ssrc = Ssrc{7};
    const auto result = answer_play(parsed_capture(name), local_transport(), reserved);
    REQUIRE(result);
    CHECK(parsed(write(result->answer)) == result->answer);
    return *result;
  };
  const auto chromium = sections("chromium-recvonly-2a-3v");
  CHECK_FALSE(chromium.sections[0].flexfec);
  CHECK(chromium.sections[2].flexfec == PayloadType{49});
  CHECK(chromium.answer.sections[2].streams.at(0).fec == Ssrc{7});
  CHECK(write(chromium.answer).find("a=rtpmap:49 flexfec-03/90000\r\n") != std::string::npos);
  const auto firefox = sections("firefox-recvonly-2a-3v");
  CHECK_FALSE(firefox.sections[2].flexfec);
  CHECK_FALSE(firefox.answer.sections[2].streams.at(0).fec);
}
