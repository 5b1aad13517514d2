#include "turn/answer.hpp"

namespace parley::turn {

Bytes Answer::finish() {
  if (!to_.key.bytes().empty()) {
    // RFC 8489 section 9.2.4: an answer has the integrity attribute that the request had.
    if (to_.uses_sha256)
      builder_.integrity_sha256(to_.key.bytes());
    else
      builder_.integrity(to_.key.bytes());
  }
  return to_.has_fingerprint ? builder_.finish() : builder_.finish_plain();
}

std::string_view phrase(int code) {
  switch (code) {
    case 300:
      return "Try Alternate";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 420:
      return "Unknown Attribute";
    case 437:
      return "Allocation Mismatch";
    case 440:
      return "Address Family not Supported";
    case 441:
      return "Wrong Credentials";
    case 442:
      return "Unsupported Transport Protocol";
    case 443:
      return "Peer Address Family Mismatch";
    case 446:
      return "Connection Already Exists";
    case 447:
      return "Connection Timeout or Failure";
    case 486:
      return "Allocation Quota Reached";
    case 508:
      return "Insufficient Capacity";
    default:
      return "";
  }
}

}  // namespace parley::turn
