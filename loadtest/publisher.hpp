#pragma once
// The sending half of a Peer: the publishing connection with its tracks, and the RTCP that belongs to them. A machine.

#include <string>
#include <vector>

#include "loadtest/connection.hpp"
#include "loadtest/negotiation.hpp"
#include "loadtest/sent_track.hpp"
#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::loadtest {

class Publisher {
 public:
  /// RFC 3550 asks for about one report in 5 s; browsers send one a second.
  static constexpr Duration report_interval = seconds(1);

  /// Section i carries tracks[i], under the MID "i". `data`: and another one has data channels, which the connection's owner
  /// uses.
  Publisher(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports,
            const std::vector<SourceSettings>& tracks, bool data, std::string cname, Random random);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// What we send, as the tracks and the ICE credentials are now; each offer has a higher version.
  sdp::Session make_offer();
  Result<RemoteEnd> accept(Time now, const sdp::Session& answer);

  void receive(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  void advance(Time now, Outbox& out);
  Time wakeup() const;

  Connection& connection() { return connection_; }
  const Connection& connection() const { return connection_; }
  std::vector<SentTrack>& tracks() { return tracks_; }
  const std::vector<SentTrack>& tracks() const { return tracks_; }
  const Counters<SendCount>& counters() const { return context_.counters; }

 private:
  void handle(Time now, const rtp::Nack& nack, Outbox& out);
  void handle(Time now, const rtp::Pli& pli, Outbox& out);
  void handle(Time now, const rtp::Fir& fir, Outbox& out);
  void handle(Time now, const rtp::ReceiverReport& report, Outbox& out);
  void handle(Time now, const rtp::SenderReport& report, Outbox& out);
  void handle(Time now, const rtp::TransportFeedback& feedback, Outbox& out);
  template <typename Other>
  void handle(Time, const Other&, Outbox&) {}

  void acknowledge(std::span<const rtp::ReportBlock> blocks);
  void request_keyframe(Ssrc media);
  void send_reports(Time now, Outbox& out);

  const transport::Certificate* certificate_;
  bool data_;
  std::string cname_;
  Connection connection_;
  SendContext context_;
  std::vector<SentTrack> tracks_;
  std::uint64_t version_ = 0;
  Time next_report_ = never;
};

}  // namespace parley::loadtest
