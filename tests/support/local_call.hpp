#pragma once
// A whole call in one process and without a network: an Engine and synthetic clients, whose datagrams are handed over directly.
// For measurements and for tests of the packet path. Media that the Engine sends is counted and, unless asked for, not delivered,
// so that a run costs what the server costs.

#include <memory>
#include <vector>

#include "loadtest/peer.hpp"
#include "sfu/room/engine.hpp"

namespace parley::test {

struct CallShape {
  std::vector<loadtest::SourceSettings> tracks;  ///< of each publisher
  std::size_t publishers = 1;
  std::size_t viewers = 0;  ///< subscribe to everybody and publish nothing
  bool meeting = false;     ///< publishers subscribe to each other
  bool deliver_media = false;
  std::optional<transport::SrtpProfile> profile{};  ///< the one that clients take
  room::Limits limits{};
  std::optional<loadtest::DataSettings> data{};  ///< of publishers
};

/// What is done around the Engine's work.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void begin() {}
  /// The Engine is done for this turn; `batch` is what it wants sent. Still inside of what begin() began.
  virtual void leave(const DatagramBatch& /*batch*/) {}
  virtual void end() {}
};

class LocalCall {
 public:
  /// Every client has addresses of its own, all with this port: n.64.0.0 and up, eight for each, where n.*.*.* is the server.
  static constexpr std::uint16_t client_port = 30000;
  static Address address_of(std::size_t peer, const Address& server);

  /// Connects everybody; throws when that does not work. `server` is where the worker pretends to be.
  LocalCall(const CallShape& shape, const Address& server);

  /// One more viewer, who has just subscribed to everybody; its index.
  std::size_t add_viewer();
  void run(Duration length, Meter& meter);
  void run(Duration length) {
    Meter nothing;
    run(length, nothing);
  }

  std::uint64_t forwarded() const { return engine_.statistics()[room::Metric::rtp_forwarded]; }
  std::uint64_t octets() const { return octets_; }
  const Drops& drops() const { return out_.outbox.drops; }
  /// Everything that the Engine has said since the last call.
  std::vector<control::EventMessage> take_events() { return std::exchange(events_, {}); }
  TrackId track(std::size_t publisher, std::size_t number) const { return TrackId{publisher * 100 + number + 1}; }
  Time now() const { return now_; }
  room::Engine& engine() { return engine_; }
  loadtest::Peer& peer(std::size_t index) { return *peers_[index]; }
  /// What clients send, for a test that makes one of them say something.
  Outbox& uplink() { return from_peer_.outbox; }
  void tell(control::Command command);

 private:
  void join(std::size_t index);
  void subscribe(std::size_t index);
  void step(Meter& meter);
  void collect(std::size_t index);
  void flush_engine(Meter& meter);
  void deliver();
  void handle(std::size_t index, const loadtest::ToServer& signal);
  void handle(const control::Event& event);

  CallShape shape_;
  transport::Certificate certificate_;
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();  ///< of the clients
  Address server_;
  room::Engine engine_;
  room::Output out_;
  loadtest::PeerOutput from_peer_;
  std::vector<std::unique_ptr<loadtest::Peer>> peers_;
  std::vector<std::uint32_t> offers_;  ///< the number of each peer's last one
  DatagramBatch to_engine_;
  DatagramBatch to_peers_;
  std::vector<control::EventMessage> events_;  ///< that nobody has taken
  Time now_ = Time{} + seconds(1000);
  std::uint64_t octets_ = 0;
};

}  // namespace parley::test
