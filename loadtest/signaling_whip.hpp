#pragma once
// The dialects of broadcasting: WHIP (RFC 9725) to publish, WHEP (its draft for players) to watch. One HTTP request with an
// offer, one answer, and a DELETE in the end. Left out: trickle and ICE restarts by PATCH (a connection that failed is made
// anew), and 307 redirects.

#include <cstdint>
#include <string>

#include "loadtest/signaling.hpp"

namespace parley::loadtest {

class WhipSignaling : public Signaling {
 public:
  /// `url`: where offers are posted to, of WHIP for who publishes, of WHEP for who watches.
  WhipSignaling(std::string url, Visitor visitor) : url_(std::move(url)), visitor_(std::move(visitor)) {}

  void start(Time, SignalingOutput&) override { enter(); }
  void receive(Time now, const FromWeb& event, SignalingOutput& out) override;
  void receive(Time now, const ToServer& message, SignalingOutput& out) override;
  void leave(Time now, SignalingOutput& out) override;
  bool viewer_offers() const override { return true; }

 private:
  void post(const PublishOffer& offer, SignalingOutput& out);
  void remove_session(SignalingOutput& out);
  SendCall call(std::string method, std::string url, std::uint64_t number) const;

  std::string url_;
  Visitor visitor_;
  std::string session_url_;
};

/// What a Location header means, seen from the URL that was posted to: itself, or a path on the same server.
std::string resolve_location(const std::string& base, const std::string& location);

}  // namespace parley::loadtest
