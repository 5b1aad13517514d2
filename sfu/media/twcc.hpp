#pragma once
// Transport-wide congestion control feedback to a publisher: remembers when each packet of one transport arrived and reports it,
// so that the publisher's bandwidth estimation works. A machine.

#include <optional>
#include <span>
#include <vector>

#include "sfu/base/ids.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/rtp/rtcp/transport_feedback.hpp"

namespace parley::media {

class TransportFeedbackGenerator {
 public:
  /// Browsers as receivers report every 50 to 62 ms; 100 ms keeps the estimate just as good at half the packets.
  static constexpr Duration interval = milliseconds(100);
  /// Or sooner, when this many packets wait to be reported.
  static constexpr std::size_t early_report = 20;
  /// Packets that one message covers, the missing ones included; a larger gap begins a new message. 400 lost and received
  /// packets, alternating, take 460 bytes.
  static constexpr std::int64_t maximum_span = 400;
  /// A sequence number farther from the newest than this: the sender has begun anew, and so does the reporting. Bounds the
  /// memory.
  static constexpr std::int64_t maximum_jump = 8192;

  explicit TransportFeedbackGenerator(Ssrc sender) : sender_(sender) {}

  /// Every RTP packet that carries a transport-wide sequence number, dropped ones too. `media`: any SSRC of the transport, for
  /// the header.
  void receive(Time now, std::uint16_t transport_sequence, Ssrc media);
  /// Adds the messages that are due.
  void advance(Time now, std::vector<rtp::TransportFeedback>& out);
  Time wakeup() const { return wakeup_; }

 private:
  struct Arrival {
    Sequence sequence = 0;
    Time time;
  };
  void restart();
  /// One message from the front of `left`, which loses what it covers.
  rtp::TransportFeedback take_message(std::span<const Arrival>& left);

  Ssrc sender_;
  Ssrc media_;
  Unwrapper<std::uint16_t> sequences_;
  std::optional<Sequence> newest_;
  std::vector<Arrival> waiting_;  ///< ascending
  std::optional<Sequence> next_;  ///< the first sequence that no message has covered
  std::uint8_t feedback_count_ = 0;
  Time wakeup_ = never;
};

}  // namespace parley::media
