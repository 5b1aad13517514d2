#pragma once
// The data channels of one connection (RFC 8831, RFC 8832) over one SCTP association: which channels there are, how they are
// opened and closed, and their messages. A machine in the terms of sctp.hpp; Transport (or the load tester's Connection) carries
// its packets in DTLS.
//
// A channel is a pair of streams with one number. It is opened by a message on it, which may be sent on at once, and it is closed
// when both streams have been reset, by either side first; only then its number is free.

#include <deque>
#include <map>
#include <optional>

#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/time.hpp"
#include "sfu/transport/data_channel.hpp"
#include "sfu/transport/sctp.hpp"

namespace parley::transport {

class DataChannels {
 public:
  /// Our role in DTLS says which ids we give (RFC 8832 section 6).
  enum class Role : std::uint8_t { client, server };

  DataChannels(Role role, const SctpParameters& parameters) : role_(role), parameters_(parameters) {}

  /// DTLS is up. Another call changes nothing.
  void connect(Time now);
  /// What DTLS has decrypted: an SCTP packet.
  void receive(Time now, Bytes packet, Drops& drops);
  void advance(Time now, Drops& drops);
  Time wakeup() const;
  /// DTLS has ended, and everything here with it.
  void end();

  /// To be encrypted and sent, in order.
  std::optional<Buffer> take_packet() { return sctp_ ? sctp_->take_packet() : std::nullopt; }
  bool has_event() const { return !events_.empty(); }
  std::optional<ChannelEvent> take_event();

  bool ready() const { return ready_; }
  std::optional<ChannelId> open(Time now, const ChannelDescription& description);
  Sent send(Time now, ChannelId id, MessageKind kind, Bytes message);
  void close(Time now, ChannelId id);
  /// Something was refused for now, and ChannelsWritable will come.
  bool blocked() const { return blocked_; }
  std::size_t buffered_amount() const { return sctp_ ? sctp_->buffered_amount() : 0; }
  std::size_t congestion_window() const { return sctp_ ? sctp_->congestion_window() : 0; }
  /// Those that are being closed included.
  std::size_t count() const { return channels_.size(); }

 private:
  struct Channel {
    Reliability reliability;
    /// RFC 8832 section 6: until the peer has acknowledged what it opened, our messages are ordered, so that none overtakes it.
    bool acknowledged = true;
    bool owes_acknowledgement = false;
    bool closing = false;
    bool reset_by_peer = false;
    bool reset_by_us = false;
  };

  /// After each call into the association: what it has to say, and what waited for it.
  void follow(Time now, Drops& drops);
  /// Everything has ended; that is told once.
  void lose();
  void handle(Time now, const SctpMessage& message, Drops& drops);
  void handle(Time now, const SctpMessageTooLarge& message, Drops& drops);
  void handle(Time now, const Sctp::StreamReset& reset, Drops& drops);
  void receive_control(Time now, ChannelId id, Bytes message, Drops& drops);
  void receive_open(Time now, ChannelId id, ChannelDescription description, Drops& drops);
  /// The peer has broken a rule: the reason is counted, and the channel closed.
  void refuse(Time now, ChannelId id, DropReason reason, Drops& drops);
  void begin_closing(Time now, ChannelId id, Channel& channel);
  void acknowledge(Time now);
  bool is_ours(ChannelId id) const { return (id.value % 2 == 0) == (role_ == Role::client); }
  std::optional<ChannelId> free_id() const;

  Role role_;
  SctpParameters parameters_;
  std::optional<Sctp> sctp_;
  bool ready_ = false;
  bool lost_ = false;
  bool blocked_ = false;
  std::map<ChannelId, Channel> channels_;
  std::deque<ChannelEvent> events_;
};

}  // namespace parley::transport
