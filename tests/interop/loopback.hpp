#pragma once
// A UDP socket on 127.0.0.1 and the real clock, for the foreign programs and libraries that can't be given virtual ones.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"

namespace parley::test {

inline Time real_time() { return Time(std::chrono::steady_clock::now().time_since_epoch()); }

class LoopbackSocket {
 public:
  LoopbackSocket() : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in name = system_address(Address::v4({127, 0, 0, 1}, 0));
    socklen_t size = sizeof name;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&name), size) != 0 ||
        getsockname(socket_, reinterpret_cast<sockaddr*>(&name), &size) != 0)
      throw std::runtime_error("no loopback socket");
    address_ = Address::v4({127, 0, 0, 1}, ntohs(name.sin_port));
  }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;
  ~LoopbackSocket() { close(socket_); }

  const Address& address() const { return address_; }

  void send(const Address& to, Bytes datagram) {
    const sockaddr_in name = system_address(to);
    sendto(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }

  /// The next datagram and who sent it, waited for at most `patience`.
  std::optional<std::pair<Address, Buffer>> receive(std::chrono::milliseconds patience) {
    pollfd poll_entry{socket_, POLLIN, 0};
    if (poll(&poll_entry, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
    Buffer datagram(2048);
    sockaddr_in name{};
    socklen_t name_size = sizeof name;
    const ssize_t size = recvfrom(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&name), &name_size);
    if (size < 0) return std::nullopt;
    datagram.resize(static_cast<std::size_t>(size));
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &name.sin_addr, octets.size());
    return std::pair(Address::v4(octets, ntohs(name.sin_port)), std::move(datagram));
  }

 private:
  static sockaddr_in system_address(const Address& address) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(address.port());
    std::memcpy(&name.sin_addr, address.octets().data(), 4);
    return name;
  }

  int socket_;
  Address address_;
};

}  // namespace parley::test
