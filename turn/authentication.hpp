#pragma once
// The long-term credential mechanism of RFC 8489 section 9.2.4: who sent this request, or why it is not believed.

#include <string>
#include <variant>

#include "sfu/stun/message.hpp"
#include "turn/credentials.hpp"
#include "turn/reason.hpp"

namespace parley::turn {

struct Context;
class Allocation;

/// Who sent a request, and with which key.
struct Proof {
  std::string username;
  Key key;
  PasswordAlgorithm algorithm = PasswordAlgorithm::md5;
  bool uses_sha256 = false;  ///< MESSAGE-INTEGRITY-SHA256
};

/// Why a request is refused: what is counted, and what the sender is told.
struct Refusal {
  Reason reason = Reason::bad_request;
  int code = 400;
};

/// The value of PASSWORD-ALGORITHMS that we send, best first.
Bytes password_algorithms();

/// `allocation` is the one that the request is about, or null. Its user goes on with the key that it began with, even if a
/// time-limited name has expired since: only new allocations need a fresh one.
std::variant<Proof, Refusal> authenticate(Time now, const Context& context, const Address& client, const stun::Message& request,
                                          const Allocation* allocation);

}  // namespace parley::turn
