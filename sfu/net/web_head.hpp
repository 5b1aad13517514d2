#pragma once
// What libwebsockets knows of a request's head, as a value.

#include <libwebsockets.h>

#include <string>
#include <string_view>

#include "sfu/net/web_message.hpp"

namespace parley::net {

/// Bytes of one request's headers: a token of 8 KiB with the headers of a browser around it.
constexpr unsigned web_header_limit = 16 << 10;

/// Empty when the request has none.
std::string read_header(lws* wsi, lws_token_indexes token);

/// `path` is decoded, as libwebsockets hands it out; the request carries it encoded. Without ticket, remote and body.
WebRequest read_head(lws* wsi, std::string_view path);

}  // namespace parley::net
