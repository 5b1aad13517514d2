#include "signaling/answering.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace parley::signaling {
namespace {

/// A worker that was started again is up within a second or two; everybody at once should not come back at the first.
constexpr std::string_view retry_after_seconds = "5";

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// The elements of a comma-separated header, trimmed.
std::vector<std::string_view> elements(std::string_view header) {
  std::vector<std::string_view> list;
  while (!header.empty()) {
    const std::string_view element = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), element.size() + 1));
    list.push_back(trim(element));
  }
  return list;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return lowered;
}

std::string media_type(std::string_view header) { return lower(trim(header.substr(0, header.find(';')))); }

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

HttpResponse cors_response(int status) {
  HttpResponse response{.status = status, .headers = {}, .body = {}};
  response.add("Access-Control-Allow-Origin", "*");
  response.add("Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, WWW-Authenticate");
  response.add("Cache-Control", "no-store");
  return response;
}

HttpResponse error_response(int status, const Error& error) {
  HttpResponse response = cors_response(status);
  if (status == 401) {
    // RFC 6750 section 3.1: no error code when there was no token at all.
    const bool missing = error.code == "token_missing";
    response.add("WWW-Authenticate", missing ? "Bearer realm=\"parley\"" : "Bearer realm=\"parley\", error=\"invalid_token\"");
  }
  if (status == 503) response.add("Retry-After", std::string(retry_after_seconds));
  response.add("Content-Type", "application/problem+json");
  const nlohmann::ordered_json body = {{"status", status}, {"code", error.code}, {"detail", error.message}};
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

int status_of(const Error& error) {
  const std::string_view code = error.code;
  if (is_one_of(code, {"token_wrong_room", "token_no_join", "not_allowed"})) return 403;
  if (code.starts_with("token_")) return 401;
  if (is_one_of(code, {"message_invalid", "sdp_invalid"})) return 400;
  if (is_one_of(code, {"server_busy", "room_full", "too_many_rooms", "too_many_connections", "too_many_messages"})) return 503;
  return 422;  // well-formed, and cannot be used (RFC 9725 section 4.2)
}

HttpResponse options_response(bool session) {
  HttpResponse response = cors_response(204);
  const std::string methods = session ? "PATCH, DELETE, GET, HEAD, OPTIONS" : "POST, GET, HEAD, OPTIONS";
  response.add("Allow", methods);
  response.add("Access-Control-Allow-Methods", methods);
  response.add("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Accept");
  response.add("Access-Control-Max-Age", "86400");
  if (session)
    response.add("Accept-Patch", std::string(fragment_type));
  else
    response.add("Accept-Post", std::string(sdp_type));
  return response;
}

std::string link_of(const IceServer& server) {
  std::string link = "<" + server.url + ">; rel=\"ice-server\"";
  if (server.username.empty()) return link;
  return link + "; username=\"" + server.username + "\"; credential=\"" + server.credential + "\"; credential-type=\"password\"";
}

bool is_media_type(std::string_view header, std::string_view type) { return media_type(header) == type; }

bool accepts(std::string_view header, std::string_view type) {
  if (trim(header).empty()) return true;
  const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
  return std::ranges::any_of(elements(header), [&](std::string_view element) {
    const std::string offered = media_type(element);
    const bool refused = lower(element).find(";q=0") != std::string::npos && lower(element).find(";q=0.") == std::string::npos;
    return !refused && (offered == type || offered == family || offered == "*/*");
  });
}

bool if_match_allows(std::string_view header, std::string_view etag) {
  return std::ranges::any_of(elements(header),
                             [&](std::string_view element) { return element == "*" || element == "\"*\"" || element == etag; });
}

}  // namespace parley::signaling
