#pragma once
// What a server prints when it is ready: the links with which people come in.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"

namespace parley::signaling {

/// Where a page can be opened.
struct Doors {
  std::optional<Address> http;      ///< as bound; nothing: closed
  std::optional<Address> https;     ///< as bound; nothing: closed
  std::vector<Address> interfaces;  ///< what a port of all addresses stands for, port 0
  std::vector<Address> advertised;  ///< of the machine as the world sees it, such as those of a NAT before it
  std::vector<std::string> names;   ///< in the certificate; with one of them no browser warns
  bool own_certificate = false;     ///< the server made it: browsers warn
};

/// Several lines. `invite` is a token (auth.hpp), which each link ends with.
std::string greeting(const Doors& doors, std::string_view invite);

}  // namespace parley::signaling
