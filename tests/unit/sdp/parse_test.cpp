#include "sfu/sdp/limits.hpp"
#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

Error refused(const std::string& text) {
  const auto session = parse(text);
  REQUIRE_FALSE(session);
  return session.error();
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) {
    std::string line = text;
    for (auto at = line.find('#'); at != line.npos; at = line.find('#')) line.replace(at, 1, std::to_string(i + 1));
    result += line + "\r\n";
  }
  return result;
}

}  // namespace

TEST_CASE("every captured description is read") {
  for (const std::string& name : captures()) {
    CAPTURE(name);
    CHECK_FALSE(parsed_capture(name).sections.empty());
  }
}

TEST_CASE("a Chromium offer is read as it is meant") {
  const Session offer = parsed_capture("chromium-av-plain-ice-cands");
  CHECK(offer.origin_id == "6030472304685919532");
  CHECK(offer.origin_version == 2);
  CHECK(offer.bundle == Names{"0", "1"});
  REQUIRE(offer.sections.size() == 2);

  const Section& audio = offer.sections[0];
  CHECK(audio.kind == Kind::audio);
  CHECK(audio.mid == "0");
  CHECK(audio.port == 32893);
  CHECK(audio.direction == Direction::sendrecv);
  CHECK(audio.extmap_allow_mixed);
  CHECK(audio.ice_ufrag == "g/GG");
  CHECK(audio.setup == Setup::actpass);
  CHECK(audio.fingerprints.at(0).algorithm == "sha-256");
  CHECK(audio.fingerprints.at(0).digest.size() == 32);
  CHECK(audio.fingerprints.at(0).digest[0] == 0x5a);
  CHECK(audio.candidates.size() == 4);
  CHECK(audio.candidates[0].starts_with("candidate:3181357340 1 udp"));
  CHECK(names(audio.codecs) ==
        Names{"opus/111", "red/63", "G722/9", "PCMU/0", "PCMA/8", "CN/13", "telephone-event/110", "telephone-event/126"});
  CHECK(audio.codecs[0].channels == 2);
  CHECK(audio.codecs[0].parameters == std::map<std::string, std::string>{{"minptime", "10"}, {"useinbandfec", "1"}});
  CHECK(audio.codecs[0].feedback == Names{"transport-cc"});
  CHECK(audio.codecs[1].parameters.at("") == "111/111");
  CHECK(audio.stream_id == "caf5255e-757b-4dd0-b3f4-646912348a04");
  CHECK(audio.track_id == "4c261440-03de-4309-9494-83024f97fa74");
  CHECK(audio.streams == std::vector<SignalledStream>{{Ssrc{4251334901}, {}, "XbE7YFuXnxkK4xCq"}});

  const Section& video = offer.sections[1];
  CHECK(names(video.codecs).front() == "VP8/96 rtx 97");
  CHECK(video.codecs[0].feedback == Names{"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"});
  CHECK(id_of(video.extensions, "video-orientation") == 13);
  CHECK(video.rtcp_mux);
  CHECK(video.reduced_size_rtcp);
  CHECK(video.streams == std::vector<SignalledStream>{{Ssrc{2718557833}, Ssrc{3514378233}, "XbE7YFuXnxkK4xCq"}});
}

TEST_CASE("Firefox's session-level fingerprint and direction reach every section") {
  const Session offer = parsed_capture("firefox-sim3-vp8");
  for (const Section& section : offer.sections) {
    CHECK(section.fingerprints.at(0).digest[0] == 0x85);
    CHECK(section.direction == Direction::sendonly);
  }
  CHECK(offer.sections[0].stream_id == "{bcc34323-d801-4205-8ffe-31ab6ce5d60e}");
  CHECK_FALSE(offer.sections[0].reduced_size_rtcp);
}

TEST_CASE("feedback for payload types that are not in the m= line is ignored") {
  const Session offer = parsed_capture("firefox-sim3-vp8");  // has rtcp-fb lines for 121 and 99, which it doesn't offer
  CHECK(names(offer.sections[1].codecs) == Names{"VP8/120 rtx 124", "ulpfec/123", "red/122 rtx 119"});
}

TEST_CASE("a bundle-only section with port 0 is not a rejected one") {
  const Session offer = parsed_capture("firefox-recvonly-2a-3v");
  REQUIRE(offer.sections.size() == 5);
  CHECK(offer.sections[1].port == 0);
  CHECK(offer.sections[1].bundle_only);
  CHECK_FALSE(offer.sections[1].rejected());
  CHECK(parsed_capture("firefox-answer-to-four-tracks").sections[2].rejected());
}

TEST_CASE("bundle-only means nothing in a section that has a port") {
  CHECK_FALSE(parsed(description({vp8_section("a=bundle-only\r\n")})).sections[0].bundle_only);
}

TEST_CASE("a direction for the session holds for sections without one") {
  const Session offer = parsed("v=0\r\na=recvonly\r\nm=audio 9 RTP/SAVPF 0\r\nm=audio 9 RTP/SAVPF 0\r\na=inactive\r\n");
  CHECK(offer.sections[0].direction == Direction::recvonly);
  CHECK(offer.sections[1].direction == Direction::inactive);
}

TEST_CASE("the first bundle counts, with the sections that exist, once each") {
  const std::string text = "v=0\r\na=group:LS 1 0\r\na=group:BUNDLE 1 x 0 1\r\na=group:BUNDLE 2\r\n";
  const std::string section = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
  CHECK(parsed(text + section + section + section).bundle == Names{"1", "0"});
}

TEST_CASE("a codec has one retransmission format, the first") {
  const std::string lines =
      "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=96\r\n";
  const Session offer = parsed("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\n" + lines);
  CHECK(names(offer.sections[0].codecs) == Names{"VP8/96 rtx 97"});
}

TEST_CASE("simulcast streams come in the order of a=simulcast and only as a=rid defines them") {
  CHECK(parsed_capture("chromium-sim3-vp8").sections[1].send_rids == Names{"q", "h", "f"});
  const auto rids = [](const std::string& lines) { return parsed(description({vp8_section(lines)})).sections[0]; };
  CHECK(rids("a=rid:a send\r\na=rid:b send\r\na=rid:c recv\r\na=simulcast:send ~b,x;a;z recv c\r\n").send_rids ==
        Names{"b", "a"});
  CHECK(rids("a=rid:a send\r\na=rid:c recv\r\na=simulcast:recv c send a\r\n").receive_rids == Names{"c"});
  CHECK(rids("a=rid:a send\r\na=rid:b send\r\n").send_rids == Names{"a"});
}

TEST_CASE("streams are what is neither retransmission nor repair") {
  const Session offer = parsed_capture("firefox-sim3-vp8");
  const auto& streams = offer.sections[1].streams;
  REQUIRE(streams.size() == 3);
  CHECK(streams[0] == SignalledStream{Ssrc{3421547201}, Ssrc{1208093166}, "{215a0e67-ae86-4dec-a2b1-d3668a6b6ff2}"});
  CHECK(streams[2].rtx == Ssrc{747118866});
  const Session repaired =
      parsed(description({vp8_section("a=ssrc-group:FEC-FR 1 2\r\na=ssrc:1 cname:c\r\na=ssrc:2 cname:c\r\n")}));
  CHECK(repaired.sections[0].streams == std::vector<SignalledStream>{{Ssrc{1}, {}, "c", Ssrc{2}}});
}

TEST_CASE("the msid of an old a=ssrc line stands in for a missing a=msid") {
  const Session offer = parsed(description({vp8_section("a=ssrc:1 cname:c\r\na=ssrc:1 msid:stream track\r\n")}));
  CHECK(offer.sections[0].stream_id == "stream");
  CHECK(offer.sections[0].track_id == "track");
}

TEST_CASE("static payload types need no rtpmap") {
  const Session offer = parsed(description({"m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9 77\r\n"}));
  CHECK(names(offer.sections[0].codecs) == Names{"PCMU/0", "PCMA/8", "G722/9"});
}

TEST_CASE("a section without a mid gets one that nobody else has") {
  const std::string section = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
  const Session offer = parsed("v=0\r\n" + section + section + section + "a=mid:1\r\n" + section);
  CHECK(offer.sections[0].mid == "0");
  CHECK(offer.sections[1].mid == "2");
  CHECK(offer.sections[2].mid == "1");
  CHECK(offer.sections[3].mid == "3");
}

TEST_CASE("line ends may be bare, and lines of other letters and attributes that nobody knows are skipped") {
  const Session offer = parsed("v=0\nb=AS:5\na=crazy:1\n\nm=audio 9 RTP/SAVPF 0\nk=clear:x\na=whatever\n");
  CHECK(offer.sections[0].protocol == "RTP/SAVPF");
}

TEST_CASE("feedback and parameters are told apart and repeated ones count once") {
  const std::string lines =
      "a=rtcp-fb:* nack\r\na=rtcp-fb:96  nack   pli\r\na=rtcp-fb:96 nack\r\na=fmtp:96 a=1; B = 2 ;flag;;=x\r\n";
  const Codec vp8 = parsed(description({vp8_section(lines)})).sections[0].codecs[0];
  CHECK(vp8.feedback == Names{"nack pli", "nack"});
  CHECK(vp8.parameters == std::map<std::string, std::string>{{"", "flag"}, {"a", "1"}, {"b", "2"}});
}

TEST_CASE("a refusal names the line and what is wrong with it") {
  const Error error = refused("v=0\r\ns=-\r\nm=audio nine UDP/TLS/RTP/SAVPF 0\r\n");
  CHECK(error.code == "sdp_invalid");
  CHECK(error.message == "Line 3 of the description is refused: the port is not a number from 0 to 65535.");
}

TEST_CASE("malformed lines are refused") {
  const std::string section = GENERATE(as<std::string>{},
                                       "m=audio 9 UDP/TLS/RTP/SAVPF",  // no format
                                       "m=audio 65536 UDP/TLS/RTP/SAVPF 0", "m=audio 9 UDP/TLS/RTP/SAVPF 128",
                                       "m=audio 9 UDP/TLS/RTP/SAVPF x", "m=text 9 UDP/TLS/RTP/SAVPF 0", "a", "ab", "a=x\x01",
                                       "o=- 1 2 IN IP4", "o=- 1 -2 IN IP4 0.0.0.0", "o=- 1 18446744073709551616 IN IP4 0.0.0.0");
  CAPTURE(section);
  CHECK(refused("v=0\r\n" + section + "\r\n").message.starts_with("Line 2 "));
}

TEST_CASE("malformed attributes are refused") {
  const std::string attribute =
      GENERATE(as<std::string>{}, "mid:", "mid:a b", "mid:longer-than-sixteen", "rtpmap:200 VP8/90000", "rtpmap:96 VP8",
               "rtpmap:96 /90000", "rtpmap:96 VP8/0", "rtpmap:96 opus/48000/0", "rtpmap:96 opus/48000/256", "fmtp:x a=b",
               "rtcp-fb:128 nack", "extmap:0 urn:x", "extmap:1", "extmap:1/up urn:x", "extmap:-1 urn:x", "rid:q", "rid:q both",
               "rid:under.score send", "rid:longerthansixteen1 send", "simulcast:send", "simulcast:both a",
               "msid:", "ssrc:4294967296 cname:a", "ssrc:x cname:a", "ssrc-group:FID", "ssrc-group:FID 1 x", "ice-ufrag:abc",
               "ice-pwd:tooshort", "ice-ufrag:ab cd", "setup:holdconn", "fingerprint:sha-256", "fingerprint:sha-256 0",
               "fingerprint:sha-256 01:0g", "fingerprint:sha-256 01:002");
  CAPTURE(attribute);
  CHECK(refused("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=" + attribute + "\r\n").message.starts_with("Line 3 "));
}

TEST_CASE("what does not begin with v=0 is not a description") {
  CHECK(refused("").code == "sdp_invalid");
  CHECK(refused("\r\n\r\n").code == "sdp_invalid");
  CHECK(refused("{\"type\":\"offer\"}").code == "sdp_invalid");
  CHECK(refused("s=-\r\nv=0\r\n").code == "sdp_invalid");
  CHECK(refused("v=1\r\n").code == "sdp_invalid");
}

TEST_CASE("two sections with one mid are refused, and one with two") {
  CHECK(refused("v=0\r\nm=audio 9 RTP/SAVPF 0\r\na=mid:x\r\na=mid:x\r\n").message.ends_with("a section has one mid."));
  const Error error = refused("v=0\r\nm=audio 9 RTP/SAVPF 0\r\na=mid:x\r\nm=audio 9 RTP/SAVPF 0\r\na=mid:x\r\n");
  CHECK(error.message == "Line 5 of the description is refused: two sections have this mid.");
}

TEST_CASE("there is a limit to everything that a description can repeat") {
  const std::string section = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n";
  const auto [line, limit] = GENERATE(table<std::string, std::size_t>({
      {"m=audio 9 RTP/SAVPF 0", maximum_sections - 1},
      {"a=extmap:# urn:x:#", maximum_extensions},
      {"a=rid:r# send", maximum_rids},
      {"a=ssrc:# cname:x", maximum_ssrcs},
      {"a=candidate:# 1 udp 1 192.0.2.1 1 typ host", maximum_candidates},
      {"a=fingerprint:sha-256 00", maximum_fingerprints},
      {"a=rtcp-fb:96 kind#", maximum_feedback},
      {"a=fmtp:96 key#=1", maximum_parameters},
  }));
  CAPTURE(line);
  CHECK(parse(section + repeated(line, limit)));
  CHECK(refused(section + repeated(line, limit + 1)).message.find("more than") != std::string::npos);
}

TEST_CASE("a description above the size limit is refused before it is read") {
  std::string text = "v=0\r\n";
  text.append(maximum_description - text.size(), '\n');
  CHECK(parse(text));
  CHECK(refused(text + "\n").message == "The description is longer than 262144 bytes.");
}
