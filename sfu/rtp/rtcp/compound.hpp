#pragma once
// The messages of an RTCP packet one after the other. Reduced-size packets (RFC 5506), which browsers send for all feedback,
// are read like compound ones: nothing is asked of the first message.

#include <optional>
#include <variant>

#include "sfu/rtp/rtcp/bye.hpp"
#include "sfu/rtp/rtcp/fir.hpp"
#include "sfu/rtp/rtcp/header.hpp"
#include "sfu/rtp/rtcp/nack.hpp"
#include "sfu/rtp/rtcp/pli.hpp"
#include "sfu/rtp/rtcp/receiver_report.hpp"
#include "sfu/rtp/rtcp/remb.hpp"
#include "sfu/rtp/rtcp/sdes.hpp"
#include "sfu/rtp/rtcp/sender_report.hpp"
#include "sfu/rtp/rtcp/transport_feedback.hpp"

namespace parley::rtp {

/// Well-formed framing around something that Parley does not use: APP, XR, other feedback.
struct UnknownRtcp {
  std::uint8_t type = 0;
  std::uint8_t count = 0;
  bool operator==(const UnknownRtcp&) const = default;
};

using RtcpMessage = std::variant<UnknownRtcp, SenderReport, ReceiverReport, Sdes, Bye, Nack, Pli, Fir, Remb, TransportFeedback>;

/// `Compound messages(packet); while (auto message = messages.next()) ...; if (!messages.ok()) count rtcp_malformed`.
/// A message whose own content is wrong is left out and the next one is read; wrong framing ends the packet.
class Compound {
 public:
  explicit Compound(Bytes packet) : reader_(packet) {}
  std::optional<RtcpMessage> next();
  /// False once anything was malformed. An empty packet has no messages and is not malformed.
  bool ok() const { return ok_; }

 private:
  Reader reader_;
  bool ok_ = true;
};

}  // namespace parley::rtp
