#pragma once
// What the tests of sdp share: real descriptions of both browsers (tests/captures/sdp), and our end of a transport.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sfu/sdp/negotiate.hpp"

namespace parley::sdp {

inline std::string capture(const std::string& name) {
  std::ifstream file(PARLEY_SOURCE_DIR "/tests/captures/sdp/" + name + ".sdp", std::ios::binary);
  INFO("capture " << name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The names of all captures, and of those that are what browsers offer when they publish.
inline std::vector<std::string> captures() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(PARLEY_SOURCE_DIR "/tests/captures/sdp"))
    names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}
inline std::vector<std::string> published_offers() {
  auto names = captures();
  std::erase_if(names, [](const std::string& name) { return name.find("answer") != name.npos || name == "server-offer"; });
  return names;
}

inline Session parsed(const std::string& text) {
  auto session = parse(text);
  INFO((session ? std::string() : session.error().message));
  REQUIRE(session);
  return *session;
}
inline Session parsed_capture(const std::string& name) { return parsed(capture(name)); }

inline Fingerprint fingerprint() { return {"sha-256", std::vector<std::uint8_t>(32, 0xab)}; }

inline LocalTransport local_transport() {
  return {"serverfragment",
          "serverpasswordserverpassword",
          fingerprint(),
          {"candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host",
           "candidate:2 1 tcp 1671430143 192.0.2.1 40000 typ host tcptype passive"}};
}

/// The smallest description around some sections' lines: a transport, a bundle of the mids "0", "1", ...
inline std::string description(const std::vector<std::string>& sections) {
  std::string text = "v=0\r\no=- 7 3 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE";
  for (std::size_t i = 0; i < sections.size(); ++i) text += " " + std::to_string(i);
  text += "\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\n";
  text +=
      "a=fingerprint:sha-256 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20\r\n";
  for (std::size_t i = 0; i < sections.size(); ++i) text += sections[i] + "a=mid:" + std::to_string(i) + "\r\na=rtcp-mux\r\n";
  return text;
}
inline std::string opus_section(const std::string& more = {}) {
  return "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n" + more;
}
inline std::string vp8_section(const std::string& more = {}) {
  return "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" + more;
}

inline Codec codec(const std::string& name, std::uint32_t clock_rate, std::uint8_t type,
                   std::map<std::string, std::string> parameters = {}) {
  Codec result;
  result.name = name;
  result.clock_rate = clock_rate;
  result.channels = name == "opus" || name == "red" ? 2 : 1;
  result.payload_type = PayloadType{type};
  result.parameters = std::move(parameters);
  return result;
}

/// "VP8/96 rtx 97", "opus/111": what a test compares lists of codecs by.
inline std::vector<std::string> names(const std::vector<Codec>& codecs) {
  std::vector<std::string> result;
  for (const Codec& it : codecs)
    result.push_back(it.name + "/" + std::to_string(it.payload_type.value) +
                     (it.rtx ? " rtx " + std::to_string(it.rtx->value) : ""));
  return result;
}

/// The header extension's number, or 0 when it isn't there.
inline int id_of(const std::vector<HeaderExtension>& extensions, const std::string& end_of_uri) {
  for (const auto& it : extensions)
    if (it.uri.ends_with(end_of_uri)) return it.id;
  return 0;
}

using Names = std::vector<std::string>;

}  // namespace parley::sdp
