#pragma once
// Every reason why a packet or a request dies in the relay: reading this list is reading what it refuses to do.

#include <cstdint>
#include <string_view>

#include "sfu/base/counters.hpp"

namespace parley::turn {

#define PARLEY_TURN_REASONS(REASON)                                                                 \
  /* before it is known who sends */                                                                \
  REASON(malformed)                 /* neither a STUN message nor channel data */                   \
  REASON(unexpected)                /* a response, an unknown indication or method */               \
  REASON(unknown_attribute)         /* 420 */                                                       \
  REASON(bad_request)               /* 400 */                                                       \
  REASON(challenged)                /* 401: came without credentials, as every first request */     \
  REASON(wrong_credentials)         /* 401 */                                                       \
  REASON(stale_nonce)               /* 438 */                                                       \
  REASON(refusal_limited)           /* not even answered: too many for this address */              \
  /* requests of a known user */                                                                    \
  REASON(draining)                  /* 300 or 508 */                                                \
  REASON(allocation_mismatch)       /* 437 */                                                       \
  REASON(other_user)                /* 441 */                                                       \
  REASON(unsupported_family)        /* 440 */                                                       \
  REASON(unsupported_transport)     /* 442 */                                                       \
  REASON(peer_family_mismatch)      /* 443 */                                                       \
  REASON(peer_refused)              /* 403, in requests and in Send indications */                  \
  REASON(user_quota)                /* 486 */                                                       \
  REASON(address_quota)             /* 486 */                                                       \
  REASON(too_many_allocations)      /* 508 */                                                       \
  REASON(no_relay_port)             /* 508 */                                                       \
  REASON(bad_reservation)           /* 508: expired, used or forged RESERVATION-TOKEN */            \
  REASON(too_many_permissions)      /* 508 */                                                       \
  REASON(too_many_channels)         /* 508 */                                                       \
  REASON(too_many_connections)      /* 508 */                                                       \
  REASON(connection_exists)         /* 446 */                                                       \
  REASON(connection_failed)         /* 447 */                                                       \
  /* data from the client */                                                                        \
  REASON(no_allocation)             /* channel data or Send from a 5-tuple without one */           \
  REASON(no_permission)                                                                             \
  REASON(no_channel)                                                                                \
  REASON(send_malformed)            /* a Send indication without a peer or data */                  \
  /* data from peers */                                                                             \
  REASON(peer_without_permission)                                                                   \
  REASON(peer_too_large)            /* would not fit into 16 bits of length */                      \
  REASON(unknown_relay)             /* its allocation has just gone */                              \
  REASON(icmp_ignored)              /* of a peer without permission */                              \
  /* both directions */                                                                             \
  REASON(over_bandwidth)

enum class Reason : std::uint8_t {
#define PARLEY_REASON(name) name,
  PARLEY_TURN_REASONS(PARLEY_REASON)
#undef PARLEY_REASON
      count_
};

constexpr std::string_view name(Reason reason) {
  constexpr std::string_view names[] = {
#define PARLEY_REASON(name) #name,
      PARLEY_TURN_REASONS(PARLEY_REASON)
#undef PARLEY_REASON
  };
  return names[static_cast<std::size_t>(reason)];
}

using Reasons = Counters<Reason>;

}  // namespace parley::turn
