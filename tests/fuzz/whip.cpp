// HTTP requests to WHIP, WHEP and the API: a method and a path on the first line, headers, an empty line, a body. "SESSION" and
// "ETAG" stand for those of a session that is there. Every request is answered once and by a status that exists; nothing stays.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "tests/unit/signaling/front_harness.hpp"

namespace {

using namespace parley::signaling;
using parley::signaling::testing::FrontHarness;
using parley::signaling::testing::token_for;

const std::string offer =
    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n";

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::string filled(std::string_view text, const HttpResponse& session) {
  std::string result(text);
  for (const auto& [word, value] : {std::pair("SESSION", session.header("Location")), std::pair("ETAG", session.header("ETag"))})
    if (const auto at = result.find(word); at != std::string::npos) result.replace(at, std::string_view(word).size(), value);
  return result;
}

HttpRequest read_request(std::string_view text, const HttpResponse& session) {
  HttpRequest request;
  const std::string first = filled(take_line(text), session);
  request.method = first.substr(0, first.find(' '));
  request.path = first.find(' ') == std::string::npos ? "" : first.substr(first.find(' ') + 1);
  if (const auto question = request.path.find('?'); question != std::string::npos) {
    request.query = request.path.substr(question + 1);
    request.path.resize(question);
  }
  for (std::string line; !(line = filled(take_line(text), session)).empty();)
    if (const auto colon = line.find(": "); colon != std::string::npos)
      request.headers[line.substr(0, colon)] = line.substr(colon + 2);
  request.body = std::string(text);
  return request;
}

HttpRequest publish() {
  return {.method = "POST",
          .path = "/whip/tea",
          .query = {},
          .headers = {{"authorization", "Bearer " + token_for("tea", "ada")}, {"content-type", "application/sdp"}},
          .body = offer,
          .peer = {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FrontHarness front;
  const HttpResponse session = front.ask(publish());
  HttpRequest request = read_request(parley::as_text({data, size}), session);
  if (!Front::handles(request.path)) return 0;
  const int status = front.ask(std::move(request)).status;
  if (status < 200 || status > 599) std::abort();
  front.pass(parley::minutes(2));  // nobody ever connects
  if (front
          .ask({.method = "GET",
                .path = std::string(session.header("Location")),
                .query = {},
                .headers = {},
                .body = {},
                .peer = {}})
          .status != 404)
    std::abort();
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  const std::string token = token_for("tea", "bob");
  const std::string texts[] = {
      "POST /whip/tea\nauthorization: Bearer " + token +
          "\ncontent-type: application/sdp\naccept: application/sdp, */*;q=0.1\n\n" + offer,
      "POST /whep/tea?participant=a%20b\nauthorization: Bearer " + token + "\ncontent-type: application/sdp; charset=utf-8\n\n" +
          offer,
      "PATCH SESSION\nif-match: ETAG\ncontent-type: application/trickle-ice-sdpfrag\n\na=ice-ufrag:EsAw\na=candidate:1 1 udp 1 "
      "192.0.2.1 5 typ host\n",
      "PATCH SESSION\nif-match: *\ncontent-type: "
      "application/trickle-ice-sdpfrag\n\na=ice-ufrag:ysXw\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\n",
      "DELETE SESSION\n\n",
      "OPTIONS /whip/%74ea/x\n\n",
      "POST /api/token\nauthorization: Bearer " + token + "\n\n{\"room\":\"tea\",\"name\":\"Ada\"}",
  };
  std::vector<std::vector<std::uint8_t>> all;
  for (const std::string& text : texts) all.emplace_back(text.begin(), text.end());
  return all;
}
