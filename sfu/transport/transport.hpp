#pragma once
// One peer connection's transport: ICE (RFC 8445, lite side), DTLS (RFC 6347) and SRTP (RFC 3711, RFC 5764) composed, over any
// number of validated 5-tuples. A machine.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/dtls.hpp"
#include "sfu/transport/ice_lite.hpp"
#include "sfu/transport/srtp.hpp"
#include "sfu/transport/wire.hpp"

namespace parley::transport {

/// What became of a datagram: at most one thing for the caller, and at most one change of the 5-tuples it must route here.
struct Received {
  enum class Kind : std::uint8_t { nothing, rtp, rtcp };
  Kind kind = Kind::nothing;
  MutableBytes packet;            ///< for rtp and rtcp: decrypted, inside of the datagram that was given
  std::optional<Path> added;      ///< an authenticated check came from this new 5-tuple
  std::optional<Path> forgotten;  ///< and pushed out this one, the longest silent
};

enum class State : std::uint8_t { connecting, connected, disconnected, failed, closed };

class Transport final : public Wire {
 public:
  /// `certificate` must outlive the transport.
  Transport(const Certificate& certificate, IceCredentials local, Random& random);

  const IceCredentials& local_credentials() const;
  /// From the client's description. Before it is known, checks are answered but DTLS is not accepted.
  void set_remote(IceCredentials remote, std::vector<Fingerprint> fingerprints);
  /// ICE restart (RFC 8445 section 9): checks with the old and the new credentials are both accepted until a pair is nominated
  /// with the new ones. DTLS and SRTP go on untouched.
  void restart_ice(IceCredentials local, IceCredentials remote);
  /// For a restart that we began: the remote half arrives with the answer.
  void restart_ice(IceCredentials local);

  /// `datagram` is decrypted in place.
  Received receive(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  /// The TCP connection behind this path has closed.
  void path_closed(const Path& path);
  void advance(Time now, Outbox& out);
  Time wakeup() const;

  State state() const;
  bool ready() const override { return state() == State::connected; }
  void send_rtp(Time now, Bytes header, Bytes payload, Outbox& out) override;
  void send_rtcp(Time now, Bytes packet, Outbox& out) override;
  /// DTLS close_notify, after which nothing is sent or accepted.
  void close(Time now, Outbox& out);

  /// Every 5-tuple that the caller routes here, for when it forgets this transport.
  std::vector<Path> paths() const;
};

}  // namespace parley::transport
