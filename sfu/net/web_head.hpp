#pragma once
// What libwebsockets knows of a request's head, as values.

#include <string>
#include <string_view>

#include "sfu/net/web_message.hpp"

struct lws;

namespace parley::net {

/// Bytes of one request's headers: a token of 8 KiB with the headers of a browser around it.
constexpr unsigned web_header_limit = 16 << 10;

/// The Host header; empty when there is none.
std::string requested_host(lws* wsi);
/// Of a WebSocket's upgrade request.
std::string requested_path(lws* wsi);
/// `path` is decoded, as libwebsockets hands it out; the request carries it encoded. Without ticket, remote and body.
WebRequest read_head(lws* wsi, std::string_view path);

}  // namespace parley::net
