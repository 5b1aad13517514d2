#include "sfu/base/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace parley {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
  return hash * 0xff51afd7ed558ccdULL;
}

}  // namespace

Address Address::v4(std::array<std::uint8_t, 4> octets, std::uint16_t port) {
  Address address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  address.port_ = port;
  return address;
}

Address Address::v6(std::array<std::uint8_t, 16> octets, std::uint16_t port) {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin()))
    return v4({octets[12], octets[13], octets[14], octets[15]}, port);
  Address address;
  address.octets_ = octets;
  address.port_ = port;
  address.v4_ = false;
  return address;
}

std::optional<Address> Address::parse(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return v4(four, port);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) == 1) return v6(sixteen, port);
  return std::nullopt;
}

std::optional<Address> Address::parse_with_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return parse(host, port);
}

Address Address::with_port(std::uint16_t port) const {
  Address address = *this;
  address.port_ = port;
  return address;
}

Address Address::customer() const {
  Address address = with_port(0);
  if (!v4_) std::fill(address.octets_.begin() + 8, address.octets_.end(), std::uint8_t{0});
  return address;
}

bool Address::is_loopback() const {
  if (v4_) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; }) && octets_[15] == 1;
}

bool Address::is_link_local() const {
  if (v4_) return octets_[0] == 169 && octets_[1] == 254;
  return octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
}

bool Address::is_unspecified() const {
  return std::all_of(octets_.begin(), octets_.end(), [](auto octet) { return octet == 0; });
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), text, sizeof text);
  return text;
}

std::string Address::text() const {
  const std::string port = std::to_string(port_);
  return v4_ ? host() + ":" + port : "[" + host() + "]:" + port;
}

std::size_t hash_value(const Address& address) {
  std::uint64_t hash = address.port();
  Reader reader(address.octets());
  while (reader.remaining() >= 4) hash = mix(hash, reader.u32());
  return hash;
}

std::size_t hash_value(const Path& path) {
  return mix(mix(hash_value(path.remote), hash_value(path.local)), static_cast<std::uint64_t>(path.protocol));
}

}  // namespace parley
