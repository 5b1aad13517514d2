#pragma once
// The text of HTTP/1.1 (RFC 9112) as far as the web server writes it itself. Pure.

#include <string>
#include <string_view>

#include "sfu/net/web_message.hpp"

namespace parley::net {

/// Percent-encodes everything but letters, digits and the characters of `plain`.
std::string percent_encoded(std::string_view text, std::string_view plain);

/// "name=a b" as "name=a%20b": one parameter of a query that was decoded.
std::string encoded_parameter(std::string_view decoded);

/// Status line and headers with the empty line behind them. Line breaks within a value are left out: nobody injects a header.
std::string response_head(const WebResponse& response, bool close);

}  // namespace parley::net
