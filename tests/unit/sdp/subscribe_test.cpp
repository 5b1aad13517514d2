// The receiving connection: our offer, and what real browsers answered to exactly such offers.

#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

SendSection track(const std::string& mid, Kind kind, const std::vector<std::string>& codecs, bool active = true) {
  SendSection section;
  section.mid = mid;
  section.kind = kind;
  section.active = active;
  section.ssrc = Ssrc{100};
  if (kind == Kind::video) section.rtx_ssrc = Ssrc{101};
  section.cname = "cname";
  section.stream_id = "stream-" + mid;
  section.track_id = "track-" + mid;
  std::vector<Codec> published;
  for (const Section& from : parsed_capture("chromium-sim3-allcodecs").sections)
    for (const Codec& it : from.codecs)
      if (from.kind == kind && std::find(codecs.begin(), codecs.end(), it.name) != codecs.end()) published.push_back(it);
  section.codecs = offered_codecs(kind, published);
  section.extensions = offered_extensions(kind, section.codecs);
  return section;
}

/// What the captures *-answer-to-four-tracks answer.
std::vector<SendSection> four_tracks() {
  auto sections = std::vector{track("0", Kind::audio, {"opus"}), track("1", Kind::audio, {"opus"}),
                              track("2", Kind::video, {"H264"}), track("3", Kind::video, {"VP8", "H264"})};
  sections[0].codecs[0].parameters.insert({{"stereo", "1"}, {"sprop-stereo", "1"}});
  return sections;
}

std::vector<SendSection> accepted(const std::vector<SendSection>& offered, const Session& answer) {
  auto result = accept_answer(offered, answer);
  INFO((result ? std::string() : result.error().message));
  REQUIRE(result);
  REQUIRE(result->size() == offered.size());
  return *result;
}
std::string refused(const std::vector<SendSection>& offered, const Session& answer) {
  const auto result = accept_answer(offered, answer);
  REQUIRE_FALSE(result);
  return result.error().code;
}

/// A client that answers all that is offered as it is.
Session agreeing_answer(const std::vector<SendSection>& offered) {
  Session answer = offer_subscribe(offered, local_transport(), 1);
  for (Section& section : answer.sections) {
    section.setup = Setup::active;
    section.direction = section.direction == Direction::sendonly ? Direction::recvonly : Direction::inactive;
    section.streams.clear();
  }
  return answer;
}

}  // namespace

TEST_CASE("our offer reads as it was written and asks the client to begin DTLS towards a lite agent") {
  auto sections = four_tracks();
  sections[1].active = false;
  sections.push_back(track("4", Kind::video, {}));
  const Session offer = offer_subscribe(sections, local_transport(), 7);
  const std::string text = write(offer);
  CHECK(parsed(text) == offer);
  CHECK(offer.ice_lite);
  CHECK(offer.origin_version == 7);
  CHECK(offer.bundle == Names{"0", "1", "2", "3"});
  for (const Section& section : offer.sections) CHECK(section.setup == Setup::actpass);

  CHECK(offer.sections[0].direction == Direction::sendonly);
  CHECK(offer.sections[0].stream_id == "stream-0");
  CHECK(offer.sections[0].streams == std::vector<SignalledStream>{{Ssrc{100}, {}, "cname"}});
  CHECK(offer.sections[0].candidates == local_transport().candidates);
  CHECK(offer.sections[0].end_of_candidates);
  CHECK(text.find("a=fmtp:111 minptime=10;sprop-stereo=1;stereo=1;useinbandfec=1\r\n") != text.npos);
  CHECK(text.find("a=rtcp-mux\r\na=rtcp-rsize\r\n") != text.npos);

  CHECK(offer.sections[1].direction == Direction::inactive);
  CHECK(offer.sections[1].streams.empty());
  CHECK(offer.sections[1].stream_id.empty());
  CHECK_FALSE(offer.sections[1].codecs.empty());
  CHECK(offer.sections[2].streams == std::vector<SignalledStream>{{Ssrc{100}, Ssrc{101}, "cname"}});
  CHECK(text.find("a=ssrc-group:FID 100 101\r\na=ssrc:100 cname:cname\r\na=ssrc:101 cname:cname\r\n") != text.npos);
  CHECK(offer.sections[4].rejected());
}

TEST_CASE("what Chromium answers to four tracks is taken up") {
  const auto sections = accepted(four_tracks(), parsed_capture("chromium-answer-to-four-tracks"));
  for (const auto& section : sections) CHECK(section.active);
  CHECK(names(sections[0].codecs) == Names{"opus/111"});
  CHECK(sections[0].codecs[0].feedback.empty());  // a browser wants nack for audio only when its page asks for it
  CHECK(sections[2].codecs.size() == 6);
  CHECK(names(sections[3].codecs).front() == "VP8/96 rtx 97");
  CHECK(id_of(sections[3].extensions, "video-orientation") == 6);
  CHECK(id_of(sections[3].extensions, "sdes:mid") == 4);
}

TEST_CASE("Firefox without H.264 rejects the section that has nothing else and keeps the others") {
  const auto sections = accepted(four_tracks(), parsed_capture("firefox-answer-to-four-tracks"));
  CHECK(sections[1].active);
  CHECK_FALSE(sections[2].active);
  CHECK(sections[2].codecs.empty());
  CHECK(sections[3].active);
  CHECK(names(sections[3].codecs) == Names{"VP8/96 rtx 97"});
  CHECK(sections[3].codecs[0].feedback == Names{"nack", "nack pli", "ccm fir"});
  CHECK(id_of(sections[3].extensions, "video-orientation") == 0);
  CHECK(id_of(sections[3].extensions, "playout-delay") == 5);
}

TEST_CASE("a rejected first section moves the transport to the next, in both browsers") {
  const std::vector<SendSection> offered = {track("0", Kind::audio, {}), track("1", Kind::video, {"VP8"}),
                                            track("2", Kind::audio, {"opus"})};
  const Session offer = offer_subscribe(offered, local_transport(), 3);
  CHECK(offer.sections[0].candidates.empty());
  CHECK(offer.sections[1].candidates.size() == 2);
  for (const char* name : {"chromium-answer-to-rejected-first", "firefox-answer-to-rejected-first"}) {
    CAPTURE(name);
    const Session answer = parsed_capture(name);
    CHECK(remote_transport(answer));
    const auto sections = accepted(offered, answer);
    CHECK(sections[0].codecs.empty());
    CHECK(sections[1].active);
    CHECK(sections[2].active);
  }
}

TEST_CASE("the client's payload types, header extension ids and order count") {
  const std::vector<SendSection> offered = {track("0", Kind::video, {"VP8", "VP9", "AV1"})};
  Session answer = agreeing_answer(offered);
  auto& codecs = answer.sections[0].codecs;
  std::reverse(codecs.begin(), codecs.end());
  codecs[0].payload_type = PayloadType{40};
  codecs[0].rtx.reset();
  codecs[1].feedback = {"nack", "transport-cc"};
  answer.sections[0].extensions = {{9, offered[0].extensions[0].uri, {}},
                                   {10, "urn:ietf:params:rtp-hdrext:ssrc-audio-level", {}}};
  const auto sections = accepted(offered, answer);
  CHECK(sections[0].codecs.front().payload_type == PayloadType{40});
  CHECK_FALSE(sections[0].codecs.front().rtx);
  CHECK(sections[0].codecs[1].feedback == Names{"nack"});
  REQUIRE(sections[0].extensions.size() == 1);
  CHECK(sections[0].extensions[0].id == 9);
}

TEST_CASE("a section that is rejected has no codecs, whatever it lists, and no retransmission that was not offered") {
  const std::vector<SendSection> offered = {track("0", Kind::audio, {"opus"}), track("1", Kind::video, {"VP8"})};
  Session answer = agreeing_answer(offered);
  answer.sections[0].codecs[0].rtx = PayloadType{112};
  answer.sections[1].port = 0;
  const auto sections = accepted(offered, answer);
  CHECK(names(sections[0].codecs) == Names{"opus/111", "red/63"});
  CHECK(sections[1].codecs.empty());
  CHECK_FALSE(sections[1].active);
}

TEST_CASE("codecs that were not offered are not accepted") {
  const std::vector<SendSection> offered = {track("0", Kind::video, {"VP8"})};
  Session answer = agreeing_answer(offered);
  answer.sections[0].codecs = {codec("VP9", 90000, 96)};
  const auto sections = accepted(offered, answer);
  CHECK(sections[0].codecs.empty());
  CHECK_FALSE(sections[0].active);
}

TEST_CASE("a section on which the client does not receive is not active, and can become so again") {
  auto offered = std::vector{track("0", Kind::video, {"VP8"})};
  Session answer = agreeing_answer(offered);
  answer.sections[0].direction = Direction::inactive;
  CHECK_FALSE(accepted(offered, answer)[0].active);
  CHECK_FALSE(accepted(offered, answer)[0].codecs.empty());
  answer.sections[0].direction = Direction::recvonly;
  CHECK(accepted(offered, answer)[0].active);
  offered[0].active = false;
  CHECK_FALSE(accepted(offered, answer)[0].active);
}

TEST_CASE("an answer to something else is refused") {
  const std::vector<SendSection> offered = {track("0", Kind::audio, {"opus"}), track("1", Kind::video, {"VP8"})};
  Session answer = agreeing_answer(offered);
  answer.sections[1].mid = "2";
  CHECK(refused(offered, answer) == "sdp_mismatch");
  answer = agreeing_answer(offered);
  answer.sections.pop_back();
  CHECK(refused(offered, answer) == "sdp_mismatch");
  answer = agreeing_answer(offered);
  answer.sections[1].kind = Kind::audio;
  CHECK(refused(offered, answer) == "sdp_mismatch");
  answer = agreeing_answer(offered);
  answer.sections[0].setup = Setup::passive;
  CHECK(refused(offered, answer) == "sdp_setup");
}

TEST_CASE("Opus is offered with RED behind it, which a receiver that wants it puts first") {
  const auto offered = std::vector{track("0", Kind::audio, {"opus"})};
  CHECK(names(offered[0].codecs) == Names{"opus/111", "red/63"});
  CHECK(write(offer_subscribe(offered, local_transport(), 1)).find("a=fmtp:63 111/111\r\n") != std::string::npos);
  Session answer = agreeing_answer(offered);
  std::swap(answer.sections[0].codecs[0], answer.sections[0].codecs[1]);
  CHECK(names(accepted(offered, answer)[0].codecs) == Names{"red/63", "opus/111"});
  CHECK(names(track("0", Kind::audio, {"PCMU"}).codecs) == Names{"PCMU/0"});
}

TEST_CASE("FlexFEC is offered on an SSRC of its own, and used when the receiver takes it") {
  auto offered = std::vector{track("0", Kind::video, {"VP8"})};
  offered[0].flexfec = flexfec_payload_type;
  offered[0].flexfec_ssrc = Ssrc{102};
  const Session offer = offer_subscribe(offered, local_transport(), 1);
  const std::string text = write(offer);
  CHECK(parsed(text) == offer);
  CHECK(text.find("a=rtpmap:49 flexfec-03/90000\r\n") != text.npos);
  CHECK(text.find("a=fmtp:49 repair-window=10000000\r\n") != text.npos);
  CHECK(text.find("a=ssrc-group:FEC-FR 100 102\r\n") != text.npos);
  CHECK(text.find("a=ssrc:102 cname:cname\r\n") != text.npos);

  Session answer = agreeing_answer(offered);
  answer.sections[0].codecs.back().payload_type = PayloadType{50};
  CHECK(accepted(offered, answer)[0].flexfec == PayloadType{50});
  CHECK(names(accepted(offered, answer)[0].codecs) == Names{"VP8/96 rtx 97"});
  answer.sections[0].codecs.pop_back();
  CHECK_FALSE(accepted(offered, answer)[0].flexfec);
  answer = agreeing_answer(offered);
  offered[0].flexfec.reset();
  CHECK_FALSE(accepted(offered, answer)[0].flexfec);
}
