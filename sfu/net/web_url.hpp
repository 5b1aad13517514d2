#pragma once
// Where a web client of ours connects to: http, https, ws and wss (RFC 9110 section 4.2, RFC 6455 section 3). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sfu/base/address.hpp"

namespace parley::net {

struct WebUrl {
  bool secure = false;
  std::string host;  ///< a name or an address, without brackets
  std::uint16_t port = 0;
  std::string path = "/";  ///< with the query
  /// For the Host header: the port is left out when it is the scheme's own.
  std::string authority() const;
  bool operator==(const WebUrl&) const = default;
};

/// Nothing when it is not an absolute URL of one of the four schemes.
std::optional<WebUrl> parse_web_url(std::string_view text);

/// The first address of a name; asks the system's resolver and waits for it, so for start-up only.
std::optional<Address> look_up(const std::string& host, std::uint16_t port);

}  // namespace parley::net
