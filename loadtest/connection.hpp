#pragma once
// The client's end of one peer connection: a controlling ICE agent, DTLS as the client, SRTP, data channels. What Transport is
// for the server. A machine.

#include <optional>
#include <string>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"
#include "sfu/sdp/negotiate.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/cipher.hpp"
#include "sfu/transport/data_channel.hpp"
#include "sfu/transport/data_channels.hpp"
#include "sfu/transport/dtls.hpp"
#include "sfu/transport/ice_client.hpp"
#include "sfu/transport/srtp.hpp"

namespace parley::loadtest {

/// What the server's description says about its end.
struct RemoteEnd {
  sdp::RemoteTransport transport;
  std::vector<transport::IceClient::Candidate> candidates;
};

/// Hands out local addresses, a new one each time: the next port, as an operating system does; or the next IPv4 address with the
/// same port, where one socket serves them all.
struct Ports {
  Address next;
  bool same_port = false;
  Address take() {
    const Address taken = next;
    next = same_port ? next_host(next) : next.with_port(static_cast<std::uint16_t>(next.port() + 1));
    return taken;
  }
  static Address next_host(const Address& address);
};

class Connection {
 public:
  /// An answer to a consent check comes every 6 s at the latest, and media or reports far more often. Chromium says
  /// `disconnected` after 6 s of silence.
  static constexpr Duration longest_silence = seconds(8);

  enum class State : std::uint8_t { idle, connecting, connected, disconnected, failed };
  struct Received {
    enum class Kind : std::uint8_t { nothing, rtp, rtcp, data };
    Kind kind = Kind::nothing;
    MutableBytes packet;  ///< decrypted, inside of the datagram that was given
  };

  /// `certificate`, `cipher` and `ports` must outlive the connection. What was sent is complete after cipher.flush().
  Connection(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports, Random random);

  const transport::IceCredentials& credentials() const { return ice_.local(); }
  /// Where its datagrams come from; nothing before connect().
  const std::optional<Address>& local() const { return local_; }
  /// Before connect(): no other SRTP profile than this one will do.
  void insist_on(std::optional<transport::SrtpProfile> profile) { only_ = profile; }
  /// New credentials for the next description: the first half of an ICE restart.
  void renew_credentials();
  /// Whether connect() would begin or restart ICE with this description.
  bool is_news(const RemoteEnd& remote) const;
  /// The server's description has come: begins ICE, or ends an ICE restart, from a new port. Changes nothing when it is no news.
  void connect(Time now, const RemoteEnd& remote);
  /// The client has a new address and knows it: goes on from the next port.
  void move(Time now);

  Received receive(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  /// A media datagram came that nobody needs decrypted. False as long as there are no keys: then it is to be dropped.
  bool heard(Time now);
  /// When media could flow for the first time.
  std::optional<Time> connected_at() const { return connected_at_; }
  void advance(Time now, Outbox& out);
  Time wakeup() const;
  State state() const;

  /// Nothing leaves, and nothing is counted, unless state() is connected.
  void send_rtp(Bytes header, Bytes payload, Outbox& out);
  void send_rtcp(Bytes packet, Outbox& out);
  /// Data channels, as Transport has them: take_channel_event() after receive() and advance(). When the server at the other end
  /// is another one, ChannelsReady comes once more, and the channels of before are gone.
  void enable_channels(const transport::SctpParameters& parameters);
  bool channels_ready() const { return channels_ && channels_->ready(); }
  std::optional<transport::ChannelEvent> take_channel_event() { return channels_ ? channels_->take_event() : std::nullopt; }
  std::optional<transport::ChannelId> open_channel(Time now, const transport::ChannelDescription& description, Outbox& out);
  transport::Sent send_message(Time now, transport::ChannelId channel, transport::MessageKind kind, Bytes message, Outbox& out);
  void close_channel(Time now, transport::ChannelId channel, Outbox& out);
  std::size_t buffered_amount() const { return channels_ ? channels_->buffered_amount() : 0; }
  /// Tells the server that this is the end.
  void close(Time now, Outbox& out);

 private:
  void drive_dtls(Time now, Outbox& out);
  void use_keys(Time now);
  void follow_dtls(Time now, Outbox& out);
  void flush_channels(Outbox& out);
  bool can_send() const { return srtp_ && ice_.selected(); }
  /// To the selected path; only when can_send().
  Flow& flow();

  const transport::Certificate* certificate_;
  transport::Cipher* cipher_;
  Ports* ports_;
  std::optional<Address> local_;
  Random random_;
  transport::IceClient ice_;
  Flow flow_;
  std::optional<sdp::RemoteTransport> remote_;
  std::optional<transport::Dtls> dtls_;
  bool dtls_started_ = false;
  std::optional<transport::SrtpProfile> only_;
  std::optional<transport::Srtp> srtp_;
  std::optional<transport::SctpParameters> sctp_;
  std::optional<transport::DataChannels> channels_;
  std::optional<Time> connected_at_;
  Time last_heard_{};
  bool silent_ = false;
  bool restarting_ = false;
};

/// Reads `a=candidate` lines of host candidates (RFC 8839 section 5.1); those of another kind are left out.
std::vector<transport::IceClient::Candidate> parse_candidates(const std::vector<std::string>& lines);

}  // namespace parley::loadtest
