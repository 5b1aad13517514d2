#pragma once
// A controlling ICE agent (RFC 8445) as far as a client of a server needs one: synthetic peers in the load tester and the
// simulator. It checks the server's candidates, nominates the first that answers, keeps consent fresh (RFC 7675), restarts, and
// moves to another local address. Servers with full ICE check back: they are answered, and where they come from is a candidate.
// Left out: gathering, candidates of the own side, the controlled role (whoever else wants control has to give in).

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"
#include "sfu/stun/message.hpp"
#include "sfu/transport/ice_lite.hpp"

namespace parley::transport {

class IceClient {
 public:
  enum class State : std::uint8_t { idle, checking, connected, disconnected, failed };
  struct Candidate {
    Protocol protocol = Protocol::udp;
    Address address;
  };

  IceClient(IceCredentials local, Random random);

  const IceCredentials& local() const { return local_; }
  /// Begins to check `candidates`, the preferred ones first, from `from`. Again later with new credentials: an ICE restart.
  /// What was selected before stays in use until a candidate answers.
  /// Nothing is sent before advance().
  void connect(Time now, Address from, IceCredentials remote, std::vector<Candidate> candidates);
  /// For a restart, before connect().
  void set_local(IceCredentials local) { local_ = std::move(local); }
  /// The own address has changed: nothing is selected until the server has answered a check from the new one.
  void move(Time now, Address from);

  void receive(Time now, const Path& path, Bytes datagram, Outbox& out);
  void advance(Time now, Outbox& out);
  Time wakeup() const;

  State state() const { return state_; }
  /// The nominated path, from our own side (local is ours). Nothing may be sent without it.
  const std::optional<Path>& selected() const { return selected_; }
  /// How the server sees us: XOR-MAPPED-ADDRESS of its last answer.
  const std::optional<Address>& mapped() const { return mapped_; }

 private:
  /// A binding request under way: sent again until it is answered or given up.
  struct Check {
    Path path;
    bool nominates = false;
    std::array<std::uint8_t, 12> transaction{};
    int sent = 0;      ///< how often
    Time due = never;  ///< of the next transmission, or of giving up
  };

  void answer(Time now, const Path& path, const stun::Message& request, Outbox& out);
  void begin_checks(Time now);
  void send(Check& check, Outbox& out);
  void retransmit(Time now, Check& check, Outbox& out);
  void succeed(Time now, Check check, Outbox& out);
  void ask_consent(Time now, Outbox& out);
  Duration consent_delay();

  IceCredentials local_;
  IceCredentials remote_;
  Random random_;
  std::uint64_t tie_breaker_;
  Address from_;
  std::vector<Candidate> candidates_;
  std::vector<Check> checks_;
  std::optional<Check> consent_;  ///< due is when to ask next
  Time consent_expires_ = never;
  std::optional<Path> selected_;
  std::optional<Address> mapped_;
  State state_ = State::idle;
};
static_assert(Machine<IceClient, Outbox>);

}  // namespace parley::transport
