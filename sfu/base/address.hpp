#pragma once
// Network addresses as values, without any system header: the machines compare, hash and print them; net/ converts.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sfu/base/bytes.hpp"

namespace parley {

/// An IPv4 or IPv6 address with a port. An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is always held as IPv4, so
/// that one peer has one spelling.
class Address {
 public:
  Address() = default;
  static Address v4(std::array<std::uint8_t, 4> octets, std::uint16_t port);
  static Address v6(std::array<std::uint8_t, 16> octets, std::uint16_t port);
  /// "192.0.2.1" or "2001:db8::1" (no brackets, no port).
  static std::optional<Address> parse(std::string_view host, std::uint16_t port);
  /// "192.0.2.1:5000" or "[2001:db8::1]:5000".
  static std::optional<Address> parse_with_port(std::string_view text);

  bool is_v4() const { return v4_; }
  /// The 4 or 16 octets of the address, in network order.
  Bytes octets() const { return v4_ ? Bytes(octets_).first(4) : Bytes(octets_); }
  std::uint16_t port() const { return port_; }
  Address with_port(std::uint16_t port) const;
  /// Whose limits this address counts against: an IPv4 address, or the /64 of an IPv6 address, all of which one customer of a
  /// network has. Without port.
  Address customer() const;
  bool is_loopback() const;
  bool is_link_local() const;
  /// 0.0.0.0 or ::
  bool is_unspecified() const;

  std::string host() const;
  /// The form that parse_with_port reads.
  std::string text() const;

  auto operator<=>(const Address&) const = default;
  /// Once for each packet sent: two words and the port, where the default would call a function.
  bool operator==(const Address& other) const {
    return std::memcmp(octets_.data(), other.octets_.data(), octets_.size()) == 0 && port_ == other.port_ && v4_ == other.v4_;
  }

 private:
  std::array<std::uint8_t, 16> octets_{};
  std::uint16_t port_ = 0;
  bool v4_ = true;
};

enum class Protocol : std::uint8_t { udp, tcp };

/// Between which two addresses a datagram travels, seen from the server: what RFC 8445 calls a 5-tuple. Over TCP it
/// names the connection, and a datagram is one RFC 4571 frame of it.
struct Path {
  Protocol protocol = Protocol::udp;
  Address local;
  Address remote;
  auto operator<=>(const Path&) const = default;
};

std::size_t hash_value(const Address& address);
std::size_t hash_value(const Path& path);

}  // namespace parley

template <>
struct std::hash<parley::Address> {
  std::size_t operator()(const parley::Address& address) const { return parley::hash_value(address); }
};
template <>
struct std::hash<parley::Path> {
  std::size_t operator()(const parley::Path& path) const { return parley::hash_value(path); }
};
