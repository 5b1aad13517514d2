#pragma once
// A STUN or TURN server, as clients are told of it.

#include <string>

namespace parley::signaling {

struct IceServer {
  std::string url;  ///< "stun:stun.example.org" or "turn:turn.example.org:3478?transport=udp"
  std::string username;
  std::string credential;
  bool operator==(const IceServer&) const = default;
};

}  // namespace parley::signaling
