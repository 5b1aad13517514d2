#pragma once
// One thread of the relay: a Server, which decides, between the sockets of this thread, which only carry. Workers share their
// ports (the kernel gives each client to one of them) and nothing else but quotas; another thread may only call what is marked
// so.

#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "sfu/net/clock.hpp"
#include "sfu/net/gather_sender.hpp"
#include "sfu/net/moderation.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/relay_socket.hpp"
#include "sfu/net/server_tls.hpp"
#include "sfu/net/udp_collector.hpp"
#include "sfu/net/wake_up.hpp"
#include "turn/program/bridges.hpp"
#include "turn/program/fast_paths.hpp"
#include "turn/program/guarded.hpp"
#include "turn/program/relays.hpp"
#include "turn/program/report.hpp"
#include "turn/program/settings.hpp"
#include "turn/program/streams.hpp"
#include "turn/server.hpp"

namespace parley::turn {

/// A stream that one worker hands over to another, and its message that has not been answered yet.
struct Guest {
  ClientStream stream;
  Buffer message;
};

/// Where workers leave what another one is to take.
class Neighbour {
 public:
  virtual ~Neighbour() = default;
  /// From any thread.
  virtual void hand_over(std::uint32_t worker, Guest guest) = 0;
};

class Worker {
 public:
  /// The ways in that could be opened, by all workers alike.
  struct Ways {
    std::vector<Address> udp;
    std::vector<Address> tcp;
    std::vector<Address> tls;
    SharedFastPath* fast_path = nullptr;  ///< past the sockets, where there is one; it outlives the workers
  };

  /// Opens its sockets. `quotas` and `neighbours` outlive it. Throws SystemError.
  Worker(const Settings& settings, const Ways& ways, Config config, Quotas& quotas, Neighbour& neighbours, bool logs);

  /// Until stop().
  void run();

  // ---- from any thread
  void stop();
  void drain();
  void set_peers(PeerPolicy peers);
  void take(Guest guest);
  /// At most a second old.
  Report report() const;
  /// After drain(): nobody relays any more.
  bool drained() const { return drained_; }

 private:
  enum class Kind : std::uint8_t { none, wake, udp, tcp, tls, stream, relay, peer };
  /// What a descriptor is.
  struct Role {
    Kind kind = Kind::none;
    std::uint32_t index = 0;
  };
  struct Orders {
    bool stop = false;
    bool drain = false;
    std::optional<PeerPolicy> peers;
    std::vector<Guest> guests;
  };

  void open(const Settings& settings, const Ways& ways);
  void know(int descriptor, Kind kind, std::uint32_t index = 0);
  void turn(Time now, const net::Poller::Readiness& ready);
  void read_udp(Time now, std::uint32_t index);
  void read_relay(Time now, std::uint32_t index, bool failed);
  /// What has come to a socket, `most` runs at most.
  std::span<const net::Datagram> collect(Time now, int descriptor, std::uint16_t port, std::size_t most);
  void read_errors(Time now, const Relays::Entry& relay);
  void accept_peers(Time now, Relays::Entry& relay);
  void accept_clients(Time now, net::TcpListener& listener, const net::ServerTls* tls);
  void read_stream(Time now, const net::Poller::Readiness& ready);
  void take_messages(Time now, const Path& client);
  void close(Time now, const Path& client);
  void take_orders(Time now);
  void take(Time now, Guest guest);

  /// Carries out what the Server wants, and empties `out_`; what came in may be forgotten then.
  void settle(Time now);
  void obey(Time now, const Command& command);
  void obey(Time now, const OpenRelay& command);
  void obey(Time now, const CloseRelay& command);
  void obey(Time now, const OpenFastPath& command);
  void obey(Time now, const ConnectPeer& command);
  void obey(Time now, const JoinStreams& command);
  void obey(Time now, const CloseConnection& command);
  void obey(Time now, const CloseClient& command);
  void obey(Time now, const HandOver& command);
  void send(const ToClient& message);
  void note(Time now, const Event& event);
  void sweep(Time now);
  void publish();
  Time wakeup() const;

  net::Clock clock_;
  net::Poller poller_;
  net::WakeUp wake_;
  Server server_;
  Output out_;
  Neighbour& neighbours_;
  bool logs_;
  std::optional<Address> alternate_v4_;
  std::optional<Address> alternate_v6_;

  struct Listener {
    net::SharedUdpSocket socket;
    Address address;
    bool serves(const Address& local) const;
  };
  std::vector<Listener> udp_;
  std::vector<net::TcpListener> tcp_;
  std::vector<net::TcpListener> tls_listeners_;
  std::optional<net::ServerTls> tls_;
  std::vector<Role> roles_;  // by descriptor
  Relays relays_;
  Streams streams_;
  Bridges bridges_{poller_};
  FastPaths fast_paths_;
  net::UdpCollector collector_;
  net::GatherSender to_clients_;
  net::GatherSender to_peers_;
  net::Moderation moderation_;
  std::uint64_t runs_ = 0;  ///< sent until this turn
  bool left_some_ = false;  ///< some sockets may have more of them
  Drops drops_;
  Time next_sweep_{};
  bool draining_ = false;
  bool stopped_ = false;

  Guarded<Orders> orders_;
  Guarded<Report> report_;
  std::atomic<bool> drained_ = false;
};

}  // namespace parley::turn
