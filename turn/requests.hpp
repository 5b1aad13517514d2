#pragma once
// The handlers of RFC 8656's requests, each with the steps of its section.

#include "sfu/stun/message.hpp"
#include "turn/authentication.hpp"
#include "turn/context.hpp"

namespace parley::turn {

/// A request whose sender is known.
struct Request {
  Time now;
  const Path& client;
  const stun::Message& message;
  Proof proof;
  /// Of the client's 5-tuple; null: none, or its relay sockets are not open yet.
  Allocation* allocation = nullptr;
  Envelope envelope;
};

/// RFC 8489 section 6.3.1 and RFC 8656 section 7.2: STUN's own request, which needs no credentials.
void handle_binding(Time now, Context& context, const Path& client, const stun::Message& message, std::size_t size, Output& out);
void handle_allocate(Context& context, const Request& request, Output& out);
void handle_refresh(Context& context, const Request& request, Output& out);
void handle_create_permission(Context& context, const Request& request, Output& out);
void handle_channel_bind(Context& context, const Request& request, Output& out);

/// What becomes of OpenRelay.
void relay_opened(Time now, Context& context, RelayId relay, Output& out);
void relay_failed(Time now, Context& context, RelayId relay, Output& out);

/// Counts the reason and answers with the code.
void refuse(Context& context, const Envelope& to, Refusal refusal, Output& out);
/// RFC 8489 section 6.3.1.1: which attributes that must be understood are not, and whether the request was refused because of
/// one.
bool refuse_unknown(Context& context, const Envelope& to, const stun::Message& message, Output& out);
/// Whether it has no attribute that must be understood and is not: an indication that has one is ignored.
bool understands(const stun::Message& message);
/// The integer in LIFETIME, within the limits (RFC 8656 sections 7.2 and 8.2).
Duration read_lifetime(const Context& context, const stun::Message& message);

}  // namespace parley::turn
