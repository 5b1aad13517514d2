#pragma once
// How one relay server behaves: where it relays from, for whom it is patient how long, and each of its limits with the reason.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"
#include "turn/peer_policy.hpp"

namespace parley::turn {

/// Both included. The default is IANA's dynamic range, which RFC 8656 section 7.2 asks for.
struct PortRange {
  std::uint16_t first = 49152;
  std::uint16_t last = 65535;
};

/// Where relay sockets are bound, and what clients and peers are told: behind a one-to-one NAT the two differ. Ports are ignored.
struct RelayAddress {
  Address local;
  Address advertised;
};

struct Limits {
  /// RFC 8656 section 7.2: an allocation lives 10 minutes unless the client asks for more, and it gets an hour at most.
  Duration default_lifetime = seconds(600);
  Duration largest_lifetime = seconds(3600);
  /// RFC 8489 section 9.2: long enough that a client rarely has to begin anew, short enough that a recorded one is of little use.
  Duration nonce_lifetime = minutes(10);

  /// For one worker: memory is 4 kB for each, and every allocation has a socket or two.
  std::uint32_t allocations = 16384;
  /// Of one user name, over all workers. A browser makes one for each of its addresses, ICE server URL and peer connection.
  std::uint32_t allocations_of_user = 64;
  /// Of one address (IPv6: one /64), over all workers: an office behind one NAT.
  std::uint32_t allocations_of_address = 1024;
  /// For each allocation; a browser needs one for each candidate of the other side. With all of them it is still below 4 kB.
  std::uint32_t permissions = 40;
  std::uint32_t channels = 24;
  /// TCP connections of one allocation, RFC 6062.
  std::uint32_t connections = 16;

  /// Payload of both directions in bytes a second, for all allocations of one user, or of one address, within one worker. 0:
  /// without a limit. A twentieth of a second's worth may come at once, but no less than `smallest_burst`.
  std::uint64_t bandwidth_of_user = 0;
  std::uint64_t bandwidth_of_address = 0;

  /// What a client that has not proved who it is can make us send to its address, which over UDP may be forged. RFC 8656 can't do
  /// without: the first Allocate of Chromium has 28 bytes, and the 401 that it needs has 92. So an address is sent no more than
  /// it sent itself plus this allowance: 250 new clients of one NAT at once and 50 each second, and for whoever would use us
  /// as an amplifier 4 kB/s, whatever he spends. Over TCP the address is proved and only the number of answers counts.
  std::uint32_t unproved_bytes_per_second = 4000;
  std::uint32_t unproved_bytes_at_once = 16000;
  /// Refusals for one address, however large its requests are: also how fast passwords can be guessed.
  std::uint32_t refusals_per_second = 50;
  std::uint32_t refusals_at_once = 400;
};

struct Config {
  /// At most 127 bytes, and the same as that of the Credentials.
  std::string realm = "parley";
  /// Signs nonces and reservation tokens. The same for all workers, random, new at each start.
  std::array<std::uint8_t, 32> key{};
  /// 0 to 255, other for each worker of one server.
  std::uint8_t worker = 0;
  /// At least one of them. Without the other, requests for its family get 440.
  std::optional<RelayAddress> relay_v4;
  std::optional<RelayAddress> relay_v6;
  /// Of this worker alone: the driver gives each worker its slice.
  PortRange relay_ports;
  PeerPolicy peers;
  Limits limits;
};

}  // namespace parley::turn
