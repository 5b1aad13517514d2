#pragma once
// One SCTP association (RFC 9260) inside of DTLS (RFC 8261): packets in, packets out, whole messages and stream resets as events.
// The protocol is usrsctp's; this is the wall around it.
//
// usrsctp keeps its associations, its timers and its clock in globals of the process, so the association machines of a process
// share them too: sctp.cpp has the one table behind them, which is as empty as before when the last of them has gone. They share
// one thread. usrsctp is given numbers, never pointers: what it calls back for
// an association that has gone finds nothing in the table. Its callbacks run inside of our calls into it and only put packets and
// events into the queues here; nothing of ours is called.
//
// Timers: any association's call lets the time pass for all of them, and what another one's timer makes waits in that one's
// queue for its own advance(). So each has its own wakeup(), often after traffic and ever less often in silence. The clock by
// which usrsctp measures round trips is gettimeofday (sfu/net/library_clock.hpp keeps it steady, tests/sim/virtual_time.hpp
// stops it).
// Left out: multihoming, authentication, I-DATA (RFC 8260; usrsctp 0.9.5 does not negotiate it), RFC 9653.

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/drop_reason.hpp"
#include "sfu/base/time.hpp"
#include "sfu/transport/data_channel.hpp"
#include "sfu/transport/sctp_reassembly.hpp"

namespace parley::transport {

class Sctp {
 public:
  /// Each message up to maximum_message fits twice, so that one can be filled in while another one leaves. At 20 ms of round trip
  /// that is 200 Mbit/s. Memory is taken as it is filled.
  static constexpr std::size_t send_buffer = 2 * maximum_message;
  /// What the peer may send beyond a hole that a lost packet has left (a_rwnd). Whole messages are handed on at once and do not
  /// count. At 100 ms of round trip that is 80 Mbit/s.
  static constexpr std::size_t receive_window = 1024 * 1024;
  /// In each direction. Twice maximum_channels are in use when all ids are of one side; the rest is for channels that are opened
  /// while others are being closed. Each costs about 150 bytes.
  static constexpr std::uint16_t streams = 192;
  /// With DTLS around it (37 bytes) 1197 bytes of UDP payload, which pass through every network that browsers' own fit through.
  static constexpr std::size_t maximum_packet = 1160;

  enum class State : std::uint8_t { connecting, connected, closed };

  enum class Direction : std::uint8_t { incoming, outgoing };
  /// Both ends have agreed that this direction of the stream begins anew (RFC 6525).
  struct StreamReset {
    SctpStream stream;
    Direction direction = Direction::incoming;
  };
  using Event = std::variant<SctpMessage, SctpMessageTooLarge, StreamReset>;

  /// Begins to connect. Both ends do so at once: there is no server in this (RFC 8831 section 6.2).
  Sctp(Time now, const SctpParameters& parameters);
  Sctp(Sctp&&) noexcept;
  Sctp& operator=(Sctp&&) noexcept;
  /// Ends the association without a word to the peer: DTLS has told it.
  ~Sctp();

  void receive(Time now, Bytes packet, Drops& drops);
  void advance(Time now);
  Time wakeup() const;

  State state() const;
  /// What to send to the peer, in order. At most maximum_packet bytes each.
  std::optional<Buffer> take_packet();
  std::optional<Event> take_event();

  /// Whole or not at all; `message` has 1 to maximum_message bytes.
  Sent send(Time now, SctpStream stream, Ppid ppid, const Reliability& reliability, Bytes message);
  /// Ends our direction of the stream, after what was sent on it. StreamReset comes when the peer has agreed.
  void reset(Time now, SctpStream stream);
  /// Accepted by send() and not yet acknowledged, in bytes; as of the peer's last acknowledgement.
  std::size_t buffered_amount() const;
  /// How much of that the network is believed to carry at once (RFC 9260 section 7.2), in bytes.
  std::size_t congestion_window() const;
  /// A message of any size would be accepted.
  bool has_room();

  struct Association;

 private:
  std::unique_ptr<Association> association_;
};

}  // namespace parley::transport
