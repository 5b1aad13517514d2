#pragma once
// DTLS 1.2 (RFC 6347) over OpenSSL: keys for SRTP (RFC 5764), and SCTP's packets as application data (RFC 8261). Datagrams in,
// datagrams out. The peer's certificate is compared with the fingerprints of its SDP before any key is exported. OpenSSL reads
// gettimeofday for its retransmission timer: that is the one clock inside of a machine (tests/sim/virtual_time.hpp stops it).
// Left out: session resumption, renegotiation, HelloVerifyRequest (ICE has proved the address already), DTLS 1.3.

#include <memory>
#include <optional>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/time.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/srtp.hpp"

namespace parley::transport {

class Dtls {
 public:
  /// RFC 5763: `a=setup:active` is the client, `passive` the server.
  enum class Role : std::uint8_t { client, server };
  enum class State : std::uint8_t { handshaking, connected, failed, closed };

  /// `certificate` must outlive this. One of `remote` has to match the peer's certificate.
  /// `only`: the one SRTP profile that is offered or taken; nothing: both, AES-GCM before AES-CM.
  Dtls(const Certificate& certificate, Role role, std::vector<Fingerprint> remote, std::optional<SrtpProfile> only = {});
  Dtls(Dtls&&) noexcept;
  Dtls& operator=(Dtls&&) noexcept;
  ~Dtls();

  /// A client's first flight. `reply_to` is the path on which what this function sends goes out; so in all the others.
  void start(Time now, const Path& reply_to, Outbox& out);
  void receive(Time now, const Path& reply_to, Bytes datagram, Outbox& out);
  void advance(Time now, const Path& reply_to, Outbox& out);
  Time wakeup() const { return wakeup_; }

  /// The application data in the last datagram: mostly one record, or none. Valid until the next call.
  const std::vector<Buffer>& data() const;
  /// One record of application data, of at most 2000 bytes. Only when state() is connected.
  void send(const Path& to, Bytes data, Outbox& out);

  State state() const { return state_; }
  /// The keys for SRTP, once state() is connected.
  const std::optional<SrtpKeys>& keys() const { return keys_; }
  /// Sends close_notify. State closed; nothing is sent any more.
  void close(Time now, const Path& reply_to, Outbox& out);

 private:
  struct Session;
  void step(Time now, const Path& reply_to, Bytes datagram, Outbox& out);
  State handshake();
  State read();
  void become(Time now, State next);

  std::unique_ptr<Session> session_;
  Role role_;
  State state_ = State::handshaking;
  bool answered_ = false;  ///< something has left
  Time wakeup_ = never;
  std::optional<SrtpKeys> keys_;
};

}  // namespace parley::transport
