#pragma once
// The dialect of Janus' videoroom plugin (1.x, multistream) over its WebSocket: for comparisons side by side. Everybody has a
// handle that joins the room, by which they publish and hear who else does; whoever watches has a second one, which receives
// everything over one connection. The room is made by the first who comes.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loadtest/signaling.hpp"

namespace parley::loadtest {

class JanusSignaling : public Signaling {
 public:
  /// Janus forgets a session after 60 s of silence.
  static constexpr Duration keepalive_interval = seconds(25);

  /// `url`: "ws://host:8188/". Janus' rooms have numbers: `room` is one of those, from 1.
  JanusSignaling(std::string url, std::uint32_t room, Visitor visitor)
      : url_(std::move(url)), room_(room), visitor_(std::move(visitor)) {}

  void start(Time now, SignalingOutput& out) override;
  void receive(Time now, const FromWeb& event, SignalingOutput& out) override;
  void receive(Time now, const ToServer& message, SignalingOutput& out) override;
  void leave(Time now, SignalingOutput& out) override;
  void advance(Time now, SignalingOutput& out) override;
  Time wakeup() const override { return keepalive_; }

 private:
  /// What a transaction was about: its name is sent and comes back, with a number behind it for a publish.
  void receive_text(Time now, const std::string& text, SignalingOutput& out);
  void receive_success(Time now, const std::string& transaction, std::uint64_t id, SignalingOutput& out);
  void ask_for_feeds(SignalingOutput& out);

  std::string url_;
  std::uint32_t room_;
  Visitor visitor_;
  std::uint64_t session_ = 0;
  std::uint64_t member_handle_ = 0;    ///< publishes, and hears of others
  std::uint64_t receiver_handle_ = 0;  ///< receives
  std::vector<std::uint64_t> feeds_;   ///< that were not asked for yet
  bool receiver_joined_ = false;       ///< has asked for feeds before
  bool negotiating_ = false;           ///< an offer is under way, or its answer
  std::uint32_t revision_ = 0;
  std::map<std::pair<std::uint64_t, std::string>, TrackId> tracks_;  ///< by feed and its MID
  Time keepalive_ = never;
};

}  // namespace parley::loadtest
