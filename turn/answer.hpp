#pragma once
// Answers to requests: addressed, made, protected with the key that the request was made with, and put into the output.

#include <string_view>

#include "sfu/base/address.hpp"
#include "sfu/stun/builder.hpp"
#include "sfu/stun/message.hpp"
#include "turn/credentials.hpp"
#include "turn/output.hpp"

namespace parley::turn {

/// To whom an answer goes, to what, and how it is protected. Kept where the answer has to wait.
struct Envelope {
  Path client;
  stun::Method method = stun::Method::binding;
  stun::TransactionId transaction{};
  Key key;  ///< empty: the sender is not known, and the answer is not protected
  bool uses_sha256 = false;
  /// Only who sent FINGERPRINT gets one.
  bool has_fingerprint = false;
};

class Answer {
 public:
  Answer(const Envelope& to, stun::Class type, Output& out)
      : to_(to), out_(out), builder_(out.reserve(), type, to.method, to.transaction) {}

  stun::Builder* operator->() { return &builder_; }
  /// The finished message, which lies in the output but is not sent yet.
  Bytes finish();
  void send() { out_.send_reserved(to_.client, finish().size()); }

 private:
  const Envelope& to_;
  Output& out_;
  stun::Builder builder_;
};

/// The phrase of RFC 8489 and RFC 8656 for an error code.
std::string_view phrase(int code);

}  // namespace parley::turn
