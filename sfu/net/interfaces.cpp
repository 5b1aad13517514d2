#include "sfu/net/interfaces.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sfu/net/socket_address.hpp"

namespace parley::net {

std::vector<InterfaceAddress> list_interfaces() {
  std::vector<InterfaceAddress> result;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return result;
  for (const ifaddrs* entry = first; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || (entry->ifa_addr->sa_family != AF_INET && entry->ifa_addr->sa_family != AF_INET6)) continue;
    result.push_back({from_sockaddr(entry->ifa_addr).with_port(0), (entry->ifa_flags & IFF_UP) != 0});
  }
  ::freeifaddrs(first);
  return result;
}

std::vector<Address> reachable_addresses(const std::vector<InterfaceAddress>& interfaces) {
  std::vector<Address> result;
  for (const auto& [address, up] : interfaces) {
    if (!up || address.is_loopback() || address.is_link_local() || address.is_unspecified()) continue;
    if (std::find(result.begin(), result.end(), address) == result.end()) result.push_back(address);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Address& left, const Address& right) { return left.is_v4() > right.is_v4(); });
  if (result.empty()) result.push_back(Address::v4({127, 0, 0, 1}, 0));
  return result;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace parley::net
