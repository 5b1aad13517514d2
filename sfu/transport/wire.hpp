#pragma once
// Where a participant's packets go: the only virtual interface of the engine. A browser is a Wire over a Transport; a
// recorder, the mixer or another SFU node can be one too, and the room does not notice.

#include "sfu/base/bytes.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/time.hpp"

namespace parley::transport {

class Wire {
 public:
  virtual ~Wire() = default;
  /// True when media sent now would leave.
  virtual bool ready() const = 0;
  /// send_rtp() will be called soon: what it needs is fetched meanwhile.
  virtual void expect() const {}
  /// One RTP packet in two parts, so that a cached payload is not copied before it is encrypted. The header may have been written
  /// to where it is going to stay: the front of out.datagrams.reserve(). Counted in out.drops when it cannot leave.
  virtual void send_rtp(Time now, Bytes header, Bytes payload, Outbox& out) = 0;
  /// One RTCP packet, compound or reduced-size (RFC 5506).
  virtual void send_rtcp(Time now, Bytes packet, Outbox& out) = 0;
};

}  // namespace parley::transport
