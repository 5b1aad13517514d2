#pragma once
// Which addresses this machine has, as far as a browser could reach it by them.

#include <string>
#include <vector>

#include "sfu/base/address.hpp"

namespace parley::net {

/// An address as getifaddrs lists it.
struct InterfaceAddress {
  Address address;  ///< port 0
  bool up = false;
};

/// All addresses of the machine, in the kernel's order.
std::vector<InterfaceAddress> list_interfaces();

/// Those worth telling a peer: up, neither loopback nor link-local, without repetition, IPv4 first. A machine that has
/// only its loopback gets 127.0.0.1: enough for two pages on that machine.
std::vector<Address> reachable_addresses(const std::vector<InterfaceAddress>& interfaces);

/// The machine's own name, for its certificate.
std::string host_name();

}  // namespace parley::net
