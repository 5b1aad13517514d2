#pragma once
// What drives a worker: its UDP port, its TCP port, and the pipe to the front, waited for together. It hands over values;
// the caller feeds them to the Engine and gives back what the Engine wants sent (see sfu/main.cpp). No callbacks.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/net/candidates.hpp"
#include "sfu/net/clock.hpp"
#include "sfu/net/mailbox.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/tcp_port.hpp"
#include "sfu/net/udp_socket.hpp"

namespace parley::net {

/// Everything that one wait has brought. Valid until the next one.
struct Turn {
  Time now;                           ///< the one clock reading of this turn
  std::vector<Datagram> datagrams;    ///< in the order of arrival on each path
  std::vector<Path> closed;           ///< TCP connections that ended, after their last datagram
  std::vector<std::string> messages;  ///< from the front
  bool front_gone = false;            ///< the pipe has ended: time to stop
};

class EventLoop {
 public:
  struct Config {
    std::uint16_t port = 0;  ///< for UDP and TCP; 0 lets the kernel choose (for UDP, and TCP takes the same)
    Transports transports;
    TcpPort::Limits tcp;
  };

  /// Opens the ports. Throws SystemError.
  EventLoop(const Config& config, std::optional<Mailbox> front);

  /// Waits until something has arrived, or until `until`, which may be `never`.
  const Turn& wait(Time until);
  /// Sends every datagram of the batch on its path, over UDP or TCP. It may be called several times within a turn.
  void send(const DatagramBatch& batch);
  /// Closes a TCP connection; it does not appear in Turn::closed.
  void close(const Path& path);
  /// A message to the front.
  void post(std::string_view message);

  std::uint16_t port() const { return port_; }
  /// What died on the way between the network and the Engine, since the start.
  const Drops& drops() const { return drops_; }

 private:
  /// False: the port that the kernel chose for UDP is taken for TCP, and another one may be tried.
  bool open(const Config& config, bool may_retry);
  void handle(const Poller::Readiness& ready);

  Clock clock_;
  Poller poller_;
  std::uint16_t port_ = 0;
  std::optional<UdpSocket> udp_;
  std::optional<TcpPort> tcp_;
  std::optional<Mailbox> front_;
  Time next_sweep_;
  Turn turn_;
  std::vector<Path> closed_while_sending_;
  bool front_failed_ = false;
  Drops drops_;
};

}  // namespace parley::net
