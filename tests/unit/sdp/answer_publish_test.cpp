#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

PublishAnswer answered(const Session& offer, const std::vector<PublishWish>& wishes = {}) {
  auto result = answer_publish(offer, local_transport(), wishes);
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  return *result;
}
PublishAnswer answered_capture(const std::string& name) { return answered(parsed_capture(name)); }
std::string refused(const Session& offer) {
  const auto result = answer_publish(offer, local_transport(), {});
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("every captured offer gets an answer of the same shape that reads as it was written") {
  for (const std::string& name : published_offers()) {
    CAPTURE(name);
    const Session offer = parsed_capture(name);
    const PublishAnswer result = answered(offer);
    const std::string text = write(result.answer);
    CAPTURE(text);
    CHECK(parsed(text) == result.answer);
    REQUIRE(result.answer.sections.size() == offer.sections.size());
    CHECK(result.answer.ice_lite);
    CHECK(text.find("video-layers-allocation") == text.npos);
    CHECK(text.find("goog-remb") == text.npos);

    std::size_t media = 0;
    for (std::size_t i = 0; i < offer.sections.size(); ++i) {
      const Section& theirs = offer.sections[i];
      const Section& ours = result.answer.sections[i];
      CHECK(ours.kind == theirs.kind);
      CHECK(ours.mid == theirs.mid);
      CHECK(ours.protocol == theirs.protocol);
      const bool bundled =
          std::find(result.answer.bundle.begin(), result.answer.bundle.end(), ours.mid) != result.answer.bundle.end();
      CHECK(bundled == !ours.rejected());
      CHECK_FALSE(ours.rejected());
      if (theirs.kind == Kind::application) {
        CHECK(ours.sctp_port == sctp_port);
        CHECK(ours.maximum_message == maximum_message);
        CHECK(ours.setup == Setup::passive);
        CHECK(result.data.has_value());
        continue;
      }
      const ReceiveSection& section = result.sections.at(media++);
      const bool sends = theirs.direction == Direction::sendonly || theirs.direction == Direction::sendrecv;
      CHECK(section.mid == theirs.mid);
      CHECK(section.active == sends);
      CHECK(ours.direction == (sends ? Direction::recvonly : Direction::inactive));
      CHECK(ours.setup == Setup::passive);
      CHECK(ours.codecs == section.codecs);
      CHECK_FALSE(ours.codecs.empty());
      CHECK(ours.port == 9);
      for (const Codec& it : ours.codecs) CHECK(find_codec(theirs.codecs, it)->payload_type == it.payload_type);
      for (const auto& it : ours.extensions) CHECK(id_of(theirs.extensions, it.uri) == it.id);
    }
    CHECK(media == result.sections.size());
  }
}

TEST_CASE("codecs keep the client's order and numbers, with RTX, and what nobody can forward is left out") {
  const auto result = answered_capture("chromium-sim3-allcodecs");
  CHECK(names(result.sections[0].codecs) == Names{"opus/111", "red/63", "G722/9", "PCMU/0", "PCMA/8"});
  CHECK(names(result.sections[1].codecs) == Names{"VP8/96 rtx 97", "H264/102 rtx 103", "H264/104 rtx 107", "H264/108 rtx 109",
                                                  "H264/114 rtx 115", "H264/116 rtx 117", "H264/39 rtx 40", "AV1/45 rtx 46",
                                                  "VP9/98 rtx 99", "VP9/100 rtx 101"});
  CHECK(result.sections[1].codecs[0].feedback == Names{"transport-cc", "ccm fir", "nack", "nack pli"});
  CHECK(result.sections[1].codecs[1].parameters == std::map<std::string, std::string>{{"level-asymmetry-allowed", "1"},
                                                                                      {"packetization-mode", "1"},
                                                                                      {"profile-level-id", "42001f"}});
}

TEST_CASE("RED stays first when the client puts it first, because that is how it asks for it") {
  CHECK(names(answered_capture("chromium-audio-red-first").sections[0].codecs).front() == "red/63");
}

TEST_CASE("transport-wide feedback is agreed on for audio too") {
  for (const char* name : {"chromium-av-plain-ice-cands", "firefox-av-plain-ice-cands"}) {
    const auto result = answered_capture(name);
    CHECK(result.sections[0].codecs[0].feedback == Names{"transport-cc"});
    CHECK(id_of(result.sections[0].extensions, "transport-wide-cc-extensions-01") ==
          id_of(result.sections[1].extensions, "transport-wide-cc-extensions-01"));
  }
}

TEST_CASE("simulcast is accepted in the client's order") {
  for (const char* name : {"chromium-sim3-vp8", "firefox-sim3-vp8"}) {
    const auto result = answered_capture(name);
    CHECK(result.sections[1].rids == Names{"q", "h", "f"});
    const std::string text = write(result.answer);
    CHECK(text.find("a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n") != text.npos);
  }
  CHECK(answered_capture("chromium-sim3-vp8").sections[1].streams.empty());
  CHECK(answered_capture("firefox-sim3-vp8").sections[1].streams.size() == 3);
}

TEST_CASE("a lone rid is accepted without simulcast, which needs two") {
  const auto result = answered(parsed(description({vp8_section("a=rid:a send\r\n")})));
  CHECK(result.sections[0].rids == Names{"a"});
  const std::string text = write(result.answer);
  CHECK(text.find("a=rid:a recv\r\n") != text.npos);
  CHECK(text.find("a=simulcast") == text.npos);
}

TEST_CASE("reduced-size RTCP is agreed on where the client offers it") {
  const auto firefox = answered_capture("firefox-sim3-vp8").answer;
  CHECK_FALSE(firefox.sections[0].reduced_size_rtcp);
  CHECK(firefox.sections[1].reduced_size_rtcp);
}

TEST_CASE("a lone section that is offered without a bundle is answered without one") {
  Session offer = parsed(description({opus_section()}));
  offer.bundle.clear();
  CHECK(answered(offer).answer.bundle.empty());
}

TEST_CASE("a header extension that has a direction is answered with the other one") {
  const auto video = answered_capture("firefox-sim3-vp8").answer.sections[1];
  const std::string text = write(answered_capture("firefox-sim3-vp8").answer);
  CHECK(text.find("a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id") != text.npos);
  CHECK(id_of(video.extensions, "playout-delay") == 0);  // Firefox only receives it
}

TEST_CASE("the dependency descriptor, and mixed headers for its sake, are taken where AV1 is sent and nowhere else") {
  for (const std::string& name : published_offers()) {
    CAPTURE(name);
    const Session offer = parsed_capture(name);
    const PublishAnswer result = answered(offer);
    std::size_t media = 0;
    for (std::size_t i = 0; i < offer.sections.size(); ++i) {
      if (offer.sections[i].kind == Kind::application) continue;
      const auto& section = result.sections.at(media++);
      const bool offers = id_of(offer.sections[i].extensions, "dependency-descriptor-rtp-header-extension") != 0;
      const bool takes = offers && section.codecs.front().name == "AV1";
      CHECK((id_of(section.extensions, "dependency-descriptor-rtp-header-extension") != 0) == takes);
      CHECK(result.answer.sections[i].extmap_allow_mixed == takes);
    }
  }
  CHECK(write(answered_capture("chromium-svc-av1-L3T3_KEY").answer).find("a=extmap-allow-mixed") != std::string::npos);
  CHECK(write(answered_capture("chromium-svc-vp9-L3T3_KEY").answer).find("a=extmap-allow-mixed") == std::string::npos);
  CHECK(write(answered_capture("chromium-sim3-vp8").answer).find("a=extmap-allow-mixed") == std::string::npos);
}

TEST_CASE("a header extension number above 14 is refused, because it needs mixed headers") {
  const Session offer = parsed(description({opus_section("a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"),
                                            vp8_section("a=extmap:14 urn:ietf:params:rtp-hdrext:sdes:mid\r\n")}));
  const auto result = answered(offer);
  CHECK(result.sections[0].extensions.empty());
  CHECK(result.sections[1].extensions.size() == 1);
}

TEST_CASE("Opus is asked for stereo and silence suppression when somebody wishes it") {
  const Session offer = parsed(description({opus_section(), opus_section("a=fmtp:111 sprop-stereo=1;usedtx=1;cbr=1\r\n")}));
  const auto plain = answered(offer);
  CHECK(plain.sections[0].codecs[0].parameters == std::map<std::string, std::string>{{"minptime", "10"}, {"useinbandfec", "1"}});
  CHECK(plain.sections[1].codecs[0].parameters ==
        std::map<std::string, std::string>{{"minptime", "10"}, {"stereo", "1"}, {"usedtx", "1"}, {"useinbandfec", "1"}});
  const auto wished = answered(offer, {{"0", true, true}});
  CHECK(wished.sections[0].codecs[0].parameters == plain.sections[1].codecs[0].parameters);
  CHECK(answered(offer, {{"0", false, true}}).sections[0].codecs[0].parameters.count("stereo") == 0);
}

TEST_CASE("the candidates stand in the first section that is in use") {
  const auto result = answered_capture("chromium-av-dc");
  CHECK(result.answer.sections[0].candidates == local_transport().candidates);
  CHECK(result.answer.sections[0].end_of_candidates);
  CHECK(result.answer.sections[1].candidates.empty());

  Session stopped = parsed_capture("chromium-av-dc");
  stopped.sections[0].port = 0;
  const auto second = answered(stopped);
  CHECK(second.answer.sections[0].rejected());
  CHECK(second.answer.sections[0].candidates.empty());
  CHECK(second.answer.bundle == Names{"1", "2"});
  CHECK(second.answer.sections[1].candidates == local_transport().candidates);
  CHECK_FALSE(second.sections[0].active);
  CHECK(second.sections[1].active);
}

TEST_CASE("a section that does not send stays usable, or is rejected when it never can be") {
  const auto result = answered(parsed(description(
      {opus_section("a=inactive\r\n"), "m=video 9 UDP/TLS/RTP/SAVPF 49\r\na=rtpmap:49 H265/90000\r\na=recvonly\r\n"})));
  CHECK(result.answer.sections[0].direction == Direction::inactive);
  CHECK_FALSE(result.answer.sections[0].rejected());
  CHECK(result.answer.sections[1].rejected());
  CHECK(result.sections[1].codecs.empty());
}

TEST_CASE("the stray SSRC of a section that only receives is no stream") {
  for (const auto& section : answered_capture("firefox-recvonly-2a-3v").sections) CHECK(section.streams.empty());
}

TEST_CASE("a section that sends nothing known is refused, and so is a description without a transport") {
  CHECK(refused(parsed(description({"m=video 9 UDP/TLS/RTP/SAVPF 49\r\na=rtpmap:49 H265/90000\r\n"}))) == "sdp_no_common_codec");
  CHECK(refused(
            parsed(description({"m=audio 9 UDP/TLS/RTP/SAVPF 13 72\r\na=rtpmap:13 CN/8000\r\na=rtpmap:72 opus/48000/2\r\n"}))) ==
        "sdp_no_common_codec");
  Session offer = parsed_capture("chromium-av-dc");
  offer.bundle.pop_back();
  CHECK(refused(offer) == "sdp_not_bundled");
}

TEST_CASE("an offer of data channels alone is accepted, with candidates") {
  for (const char* name : {"chromium-dc-only", "firefox-dc-only"}) {
    CAPTURE(name);
    const auto result = answered_capture(name);
    REQUIRE(result.data);
    CHECK(result.data->remote_port == 5000);
    CHECK(result.data->remote_maximum_message == (std::string(name) == "chromium-dc-only" ? 262144 : 1073741823));
    CHECK(result.answer.bundle.size() == 1);
    CHECK(result.sections.empty());
    const std::string text = write(result.answer);
    CHECK(text.find("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n") != std::string::npos);
    CHECK(text.find("a=sctp-port:5000\r\na=max-message-size:262144\r\n") != std::string::npos);
    CHECK(text.find("a=candidate:") != std::string::npos);
  }
}

TEST_CASE("a second section of data channels, or one without a port, or of another protocol, is rejected") {
  const Session offer = parsed_capture("chromium-dc-only");
  Session two = offer;
  two.sections.push_back(two.sections[0]);
  two.sections[1].mid = "second";
  two.bundle.push_back("second");
  CHECK_FALSE(answered(two).answer.sections[0].rejected());
  CHECK(answered(two).answer.sections[1].rejected());
  Session without_port = offer;
  without_port.sections[0].sctp_port = 0;
  CHECK(answered(without_port).answer.sections[0].rejected());
  CHECK_FALSE(answered(without_port).data);
  Session other = offer;
  other.sections[0].protocol = "UDP/BFCP";
  CHECK(answered(other).answer.sections[0].rejected());
}

TEST_CASE("who says nothing of the largest message takes 65536 bytes") {
  std::string text = write(parsed_capture("chromium-dc-only"));
  const std::string line = "a=max-message-size:262144\r\n";
  text.erase(text.find(line), line.size());
  const auto result = answered(parsed(text));
  REQUIRE(result.data);
  CHECK(result.data->remote_maximum_message == 65536);
}

TEST_CASE("the answer's version rises with the offer's") {
  Session offer = parsed_capture("chromium-av-dc");
  offer.origin_version = 9;
  CHECK(answered(offer).answer.origin_version == 9);
}
