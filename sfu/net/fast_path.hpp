#pragma once
// A relay's way past the sockets: datagrams of channels that come by a network interface and leave by it are carried by a small
// program inside of Linux (fast_path.bpf.c, which says what it leaves to the sockets). Nothing of it is needed for relaying.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"

namespace parley::net {

class FastPath {
 public:
  /// Loads the program and puts it before the sockets of this Ethernet interface, which needs a Linux of these years
  /// (tested: 6.18), its BTF, and the capabilities BPF, PERFMON and NET_ADMIN. A second one on the same interface takes its
  /// place. Throws SystemError, whose sentence says what is missing.
  explicit FastPath(const std::string& interface);
  ~FastPath();

  /// What is relayed: between a client at `client.remote`, who has us at `client.local`, and a peer, who has us at `relayed`.
  /// All of one family, and the addresses that datagrams here have.
  struct Channel {
    Path client;
    std::uint16_t number = 0;
    Address relayed;
    Address peer;
  };
  using Id = std::uint32_t;
  /// Nothing: not both of them are reached by the interface, or there are 16384 already. It carries nothing before allow().
  std::optional<Id> open(const Channel& channel);
  void close(Id id);
  /// It may carry for so long from now on.
  void allow(Id id, Duration lease);

  /// Since open(). Bytes are payload.
  struct Traffic {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
  };
  struct Totals {
    Traffic to_peer;
    Traffic to_client;
    std::uint64_t passed = 0;  ///< datagrams that were left to the sockets
  };
  Totals totals(Id id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parley::net
