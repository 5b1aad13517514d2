#pragma once
// One participant of a load test from the first word to the last: a dialect that gets it in, a Peer for the media, and, where the
// scenario says so, a bad network between them and the server. A machine.

#include <memory>
#include <optional>
#include <string>

#include "loadtest/link.hpp"
#include "loadtest/peer.hpp"
#include "loadtest/signaling.hpp"

namespace parley::loadtest {

struct MemberOutput {
  PeerOutput peer;  ///< its signals never outlast a call
  std::vector<ToWeb> web;
};

class Member {
 public:
  /// Signaling, ICE and DTLS take well under a second. Whoever is not in after this will not come.
  static constexpr Duration join_deadline = seconds(20);

  enum class State : std::uint8_t {
    joining,
    connected,  ///< media can flow: what it publishes, or, for a viewer, what it receives
    failed,     ///< see reason()
    left
  };

  struct Settings {
    PeerSettings peer;
    std::optional<Conditions> up;  ///< from the peer to the server; nothing: as it is
    std::optional<Conditions> down;
  };

  /// `certificate` and `cipher` must outlive the member.
  Member(const transport::Certificate& certificate, transport::Cipher& cipher, Settings settings,
         std::unique_ptr<Signaling> signaling, Random random);

  void start(Time now, MemberOutput& out);
  void receive(Time now, const Path& path, MutableBytes datagram, MemberOutput& out);
  void receive(Time now, const FromWeb& event, MemberOutput& out);
  void advance(Time now, MemberOutput& out);
  Time wakeup() const;
  void leave(Time now, MemberOutput& out);

  State state() const { return state_; }
  const std::string& reason() const { return reason_; }
  Time started() const { return started_; }
  /// When it became connected; nothing before.
  const std::optional<Time>& connected_since() const { return connected_since_; }
  const Peer& peer() const { return peer_; }

 private:
  void fail(std::string reason);
  std::string what_is_missing() const;
  /// Where the peer writes to: straight out, or to where the uplink takes it from.
  PeerOutput& peer_output(MemberOutput& out) { return up_ ? sent_ : out.peer; }
  /// After every call: carries words between the peer and the dialect until both are silent, brings datagrams over the links, and
  /// looks at what has become of the member.
  void settle(Time now, MemberOutput& out);
  void converse(Time now, MemberOutput& out);
  void cross_uplink(Time now, MemberOutput& out);
  void cross_downlink(Time now, MemberOutput& out);
  void judge(Time now);

  std::unique_ptr<Signaling> signaling_;
  Peer peer_;
  bool publishes_;
  std::optional<Link> up_;
  std::optional<Link> down_;
  State state_ = State::joining;
  std::string reason_;
  bool publishing_ = false;  ///< the peer was told to start
  Time started_{};
  std::optional<Time> connected_since_;
  SignalingOutput said_;   ///< by the dialect, within a call
  PeerOutput sent_;        ///< by the peer, on the way to the uplink
  DatagramBatch arrived_;  ///< from the downlink, within a call
};

}  // namespace parley::loadtest
