#include "sfu/net/web_url.hpp"

#include <netdb.h>

#include <charconv>

#include "sfu/net/socket_address.hpp"

namespace parley::net {
namespace {

constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

bool take_scheme(std::string_view& text, WebUrl& url) {
  for (const auto& [scheme, secure] : {std::pair("http://", false), {"ws://", false}, {"https://", true}, {"wss://", true}}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(std::string_view(scheme).size());
    url.secure = secure;
    return true;
  }
  return false;
}

}  // namespace

std::string WebUrl::authority() const {
  const std::string name = host.find(':') == host.npos ? host : '[' + host + ']';
  return port == (secure ? secure_port : plain_port) ? name : name + ':' + std::to_string(port);
}

std::optional<WebUrl> parse_web_url(std::string_view text) {
  WebUrl url;
  if (text.find_first_of(" \r\n\t") != text.npos || !take_scheme(text, url)) return std::nullopt;
  const auto slash = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, slash);
  const std::string_view path = text.substr(slash);
  url.path = path.starts_with('/') ? std::string(path) : '/' + std::string(path);
  url.port = url.secure ? secure_port : plain_port;

  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == authority.npos) return std::nullopt;
  url.host = authority.substr(bracketed, host_end - bracketed);
  authority.remove_prefix(host_end + bracketed);
  if (url.host.empty()) return std::nullopt;
  if (authority.empty()) return url;
  const char* end = authority.data() + authority.size();
  const auto [parsed, error] = std::from_chars(authority.data() + 1, end, url.port);
  if (authority.front() != ':' || error != std::errc() || parsed != end || url.port == 0) return std::nullopt;
  return url;
}

std::optional<Address> look_up(const std::string& host, std::uint16_t port) {
  if (const auto address = Address::parse(host, port)) return address;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return std::nullopt;
  const Address address = from_sockaddr(found->ai_addr).with_port(port);
  ::freeaddrinfo(found);
  return address;
}

}  // namespace parley::net
