#pragma once
// One peer connection's transport: ICE (RFC 8445, lite side), DTLS (RFC 6347), SRTP (RFC 3711, RFC 5764) and data channels (SCTP
// over DTLS, RFC 8261, RFC 8831) composed, over any number of validated 5-tuples. A machine.

#include <optional>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/cipher.hpp"
#include "sfu/transport/data_channel.hpp"
#include "sfu/transport/data_channels.hpp"
#include "sfu/transport/dtls.hpp"
#include "sfu/transport/ice_lite.hpp"
#include "sfu/transport/srtp.hpp"
#include "sfu/transport/wire.hpp"

namespace parley::transport {

/// What became of a datagram: at most one thing for the caller, and at most one change of the 5-tuples it must route here.
struct Received {
  /// data: take_channel_event() has something.
  enum class Kind : std::uint8_t { nothing, rtp, rtcp, data };
  Kind kind = Kind::nothing;
  MutableBytes packet;            ///< for rtp and rtcp: decrypted, inside of the datagram that was given
  std::optional<Path> added;      ///< an authenticated check came from this new 5-tuple
  std::optional<Path> forgotten;  ///< and pushed out this one, the longest silent
};

enum class State : std::uint8_t { connecting, connected, disconnected, failed, closed };

class Transport final : public Wire {
 public:
  /// `certificate` and `cipher` must outlive the transport. What was sent is complete after cipher.flush().
  Transport(const Certificate& certificate, Cipher& cipher, IceCredentials local);

  const IceCredentials& local_credentials() const { return ice_.local(); }
  /// From the client's description. Before it is known, checks are answered but DTLS is not accepted. Given again, after
  /// restart_ice(local), it completes the restart; the fingerprints of the first time stay.
  void set_remote(IceCredentials remote, std::vector<Fingerprint> fingerprints);
  /// ICE restart (RFC 8445 section 9): checks with the old and the new credentials are both accepted until a pair is nominated
  /// with the new ones. DTLS and SRTP go on untouched.
  void restart_ice(IceCredentials local, IceCredentials remote);
  /// For a restart that we began: the remote half arrives with the answer, by set_remote().
  void restart_ice(IceCredentials local);

  /// `datagram` is decrypted in place.
  Received receive(Time now, const Path& path, MutableBytes datagram, Outbox& out);
  /// The TCP connection behind this path has closed.
  void path_closed(const Path& path);
  void advance(Time now, Outbox& out);
  Time wakeup() const;

  State state() const { return state_; }
  bool ready() const override { return state_ == State::connected; }
  void expect() const override {
    if (srtp_) srtp_->expect();
  }
  void send_rtp(Time now, Bytes header, Bytes payload, Outbox& out) override;
  void send_rtcp(Time now, Bytes packet, Outbox& out) override;
  /// DTLS close_notify, after which nothing is sent or accepted.
  void close(Time now, Outbox& out);

  // --- data channels. Whoever enables them calls take_channel_event(), until there is none, after receive() and advance().

  /// The descriptions have agreed on them; before that nothing of SCTP is accepted. Another call changes nothing.
  void enable_channels(const SctpParameters& parameters);
  /// Between the event ChannelsReady and ChannelsLost.
  bool channels_ready() const { return channels_ && channels_->ready(); }
  std::optional<ChannelEvent> take_channel_event() { return channels_ ? channels_->take_event() : std::nullopt; }
  /// A channel of ours, which can be sent on at once. Nothing: not ready, there are maximum_channels already, or
  /// channels_blocked(). Label and protocol together have at most 1000 bytes (asserted).
  std::optional<ChannelId> open_channel(Time now, const ChannelDescription& description, Outbox& out);
  /// Too much waits already for what was to be opened or sent last. ChannelsWritable will come.
  bool channels_blocked() const { return channels_ && channels_->blocked(); }
  /// All of the message or nothing. It leaves as the peer's and the network's capacity allow.
  Sent send_message(Time now, ChannelId channel, MessageKind kind, Bytes message, Outbox& out);
  /// What has been accepted for it still arrives (unless its reliability gives it up), then both directions end.
  void close_channel(Time now, ChannelId channel, Outbox& out);
  /// Bytes accepted for all channels and not yet acknowledged by the peer. Sent::later begins at about send_buffer.
  std::size_t buffered_amount() const { return channels_ ? channels_->buffered_amount() : 0; }
  /// How much of that is under way at once as long as the network takes it, in bytes: the rest only waits.
  std::size_t congestion_window() const { return channels_ ? channels_->congestion_window() : 0; }

  /// An outgoing SSRC has ended, or an incoming one: its SRTP state is freed. Our own must not be sent with again.
  void forget_stream(Ssrc ssrc);

  /// Every 5-tuple that the caller routes here, for when it forgets this transport.
  std::vector<Path> paths() const { return ice_.paths(); }

 private:
  Received receive_media(Time now, Received::Kind kind, const Path& path, MutableBytes datagram, Outbox& out);
  void receive_dtls(Time now, const Path& path, Bytes datagram, Outbox& out);
  std::optional<Path> dtls_path() const;
  /// What DTLS has brought for the data channels, or its end.
  void follow_dtls(Time now, Outbox& out);
  /// What the association wants to send leaves.
  void flush_channels(Outbox& out);
  /// Where media goes; or null, and the reason counted.
  Flow* media_flow(Outbox& out);
  /// After whatever may have changed one of the parts: the state, and where media goes.
  void update_state();

  // What each packet needs comes first, in one or two lines of the processor's cache.
  State state_ = State::connecting;
  Flow flow_;                 ///< to what ICE has selected
  std::optional<Srtp> srtp_;  ///< once DTLS has finished
  const Certificate* certificate_;
  Cipher* cipher_;
  IceLite ice_;
  std::optional<Dtls> dtls_;  ///< once the fingerprints are known
  std::optional<DataChannels> channels_;
  std::optional<Path> dtls_from_;
};
static_assert(Machine<Transport, Outbox>);

}  // namespace parley::transport
