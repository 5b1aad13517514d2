#pragma once
// The forward error correction beside one outgoing stream: an SSRC of its own, on which repair packets are sent while the
// receiver loses packets.

#include <memory>
#include <optional>
#include <utility>

#include "sfu/base/random.hpp"
#include "sfu/base/unwrap.hpp"
#include "sfu/media/flexfec_encoder.hpp"
#include "sfu/room/downlink.hpp"
#include "sfu/transport/wire.hpp"

namespace parley::room {

class RepairStream {
 public:
  RepairStream(Ssrc ssrc, Ssrc protected_stream, Random& random);

  Ssrc ssrc() const { return ssrc_; }
  /// The receiver's payload type. Nothing: it takes none, and none are sent.
  void accept(std::optional<PayloadType> type);
  /// From the receiver's report about the protected stream: the share that was lost since the one before.
  void receive(Time now, double loss);
  bool active() const { return encoder_ != nullptr; }

  /// A packet of the protected stream, before it is encrypted.
  void protect(Time now, Bytes header, Bytes payload, const rtp::ExtensionIds& extensions);
  /// Sends the repair packets that are due. `timestamp` is that of the last packet that was protected.
  void send(Time now, std::uint32_t timestamp, const rtp::ExtensionIds& extensions, Downlink& downlink, transport::Wire& wire,
            Outbox& out);
  /// How many were sent since the last call.
  std::size_t take_sent() { return std::exchange(sent_, 0); }

 private:
  Ssrc ssrc_;
  Ssrc protected_;
  Sequence next_;
  std::size_t sent_ = 0;
  std::optional<PayloadType> type_;
  media::FlexfecSwitch switch_;
  std::unique_ptr<media::FlexfecEncoder> encoder_;  ///< while it is switched on
};

}  // namespace parley::room
