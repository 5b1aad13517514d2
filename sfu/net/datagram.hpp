#pragma once
// What has arrived: one UDP datagram, or one RFC 4571 frame of a TCP connection.

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"

namespace parley::net {

struct Datagram {
  Path path;
  /// The receiver may change it in place (decrypt). It belongs to the socket.
  MutableBytes bytes;
};

}  // namespace parley::net
