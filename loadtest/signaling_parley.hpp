#pragma once
// Parley's own dialect: JSON over one WebSocket, signaling/PROTOCOL.md. Left out: chat, muting, coming back to a lost session (a
// WebSocket that breaks under load is a failure that is to be seen).

#include "loadtest/signaling.hpp"

namespace parley::loadtest {

class ParleySignaling : public Signaling {
 public:
  /// `url`: "ws://host:port/signal" or wss.
  ParleySignaling(std::string url, Visitor visitor) : url_(std::move(url)), visitor_(std::move(visitor)) {}

  void start(Time now, SignalingOutput& out) override;
  void receive(Time now, const FromWeb& event, SignalingOutput& out) override;
  void receive(Time now, const ToServer& message, SignalingOutput& out) override;
  void leave(Time now, SignalingOutput& out) override;

 private:
  void receive_text(const std::string& text, SignalingOutput& out);

  std::string url_;
  Visitor visitor_;
};

}  // namespace parley::loadtest
