#include "sfu/net/web_head.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sfu/net/http_text.hpp"

namespace parley::net {
namespace {

constexpr std::pair<lws_token_indexes, const char*> known_headers[] = {
    {WSI_TOKEN_HOST, "host"},
    {WSI_TOKEN_ORIGIN, "origin"},
    {WSI_TOKEN_HTTP_ACCEPT, "accept"},
    {WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
    {WSI_TOKEN_HTTP_CONTENT_LENGTH, "content-length"},
    {WSI_TOKEN_HTTP_CONTENT_TYPE, "content-type"},
    {WSI_TOKEN_HTTP_IF_MATCH, "if-match"},
    {WSI_TOKEN_HTTP_IF_NONE_MATCH, "if-none-match"},
    {WSI_TOKEN_HTTP_TRANSFER_ENCODING, "transfer-encoding"},
    {WSI_TOKEN_HTTP_USER_AGENT, "user-agent"},
    {WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, "access-control-request-headers"},
    {WSI_TOKEN_HTTP_VIA, "via"},
    {WSI_TOKEN_HTTP_X_REAL_IP, "x-real-ip"},
    {WSI_TOKEN_X_FORWARDED_FOR, "x-forwarded-for"},
};
/// Those that libwebsockets has no token for. Version 4.1 swallows the header behind one whose name is the beginning of a known
/// name ("X-A"), so that whoever sends such a one hides the first that a proxy adds: the others are read, too.
constexpr const char* unknown_headers[] = {"forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server"};
constexpr const char* method_names[] = {"GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "HEAD"};

std::string read_header(lws* wsi, lws_token_indexes token) {
  std::string value(static_cast<std::size_t>(lws_hdr_total_length(wsi, token)) + 1, '\0');
  const int size = lws_hdr_copy(wsi, value.data(), static_cast<int>(value.size()), token);
  value.resize(static_cast<std::size_t>(std::max(size, 0)));
  return value;
}

/// One of `unknown_headers`. Of several the first, which may be empty: a proxy adds its own behind.
std::optional<std::string> read_unknown_header(lws* wsi, const std::string& name) {
  const std::string key = name + ":";
  const int size = lws_hdr_custom_length(wsi, key.data(), static_cast<int>(key.size()));
  if (size < 0) return std::nullopt;
  std::string value(static_cast<std::size_t>(size) + 1, '\0');
  lws_hdr_custom_copy(wsi, value.data(), static_cast<int>(value.size()), key.data(), static_cast<int>(key.size()));
  value.pop_back();
  return value;
}

std::string query_of(lws* wsi) {
  std::string query;
  std::array<char, web_header_limit> parameter;
  for (int i = 0;; ++i) {
    const int size = lws_hdr_copy_fragment(wsi, parameter.data(), parameter.size(), WSI_TOKEN_HTTP_URI_ARGS, i);
    if (size < 0) return query;
    query += (i > 0 ? "&" : "") + encoded_parameter({parameter.data(), static_cast<std::size_t>(size)});
  }
}

}  // namespace

std::string requested_host(lws* wsi) { return read_header(wsi, WSI_TOKEN_HOST); }
std::string requested_path(lws* wsi) { return read_header(wsi, WSI_TOKEN_GET_URI); }

WebRequest read_head(lws* wsi, std::string_view path) {
  WebRequest request;
  char* unused = nullptr;
  int unused_size = 0;
  const int method = lws_http_get_uri_and_method(wsi, &unused, &unused_size);
  if (method >= 0 && static_cast<std::size_t>(method) < std::size(method_names)) request.method = method_names[method];
  request.path = percent_encoded(path, "/-._~!$&'()*+,;=:@");
  request.query = query_of(wsi);
  for (const auto& [token, name] : known_headers) {
    if (lws_hdr_total_length(wsi, token) > 0) request.headers[name] = read_header(wsi, token);
  }
  for (const char* name : unknown_headers) {
    if (auto value = read_unknown_header(wsi, name)) request.headers[name] = std::move(*value);
  }
  return request;
}

}  // namespace parley::net
