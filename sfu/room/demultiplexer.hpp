#pragma once
// Which stream an RTP packet of a publisher belongs to (RFC 9143 section 9.2, RFC 8852): by its SSRC when that is known, else by
// its MID and RID header extensions, else by a=ssrc lines, else by a payload type that only one section has. Browsers stop
// sending MID and RID about a second after the first receiver report, so what was learnt is latched to the SSRC.

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "sfu/base/drop_reason.hpp"
#include "sfu/rtp/extensions.hpp"
#include "sfu/rtp/packet.hpp"
#include "sfu/sdp/negotiate.hpp"

namespace parley::room {

/// One encoding of one section: what a media SSRC carries, or what a retransmission SSRC repairs.
struct Stream {
  std::uint32_t section = 0;   ///< index into the sections given to configure()
  std::uint32_t encoding = 0;  ///< index into the section's rids; 0 when it has none
  bool retransmission = false;
  bool operator==(const Stream&) const = default;
};

class Demultiplexer {
 public:
  struct Found {
    Stream stream;
    bool latched_now = false;  ///< the first packet of this SSRC
  };

  explicit Demultiplexer(std::size_t maximum_ssrcs) : maximum_ssrcs_(maximum_ssrcs) {}

  /// The sections as a description agreed them. Their order is stable over renegotiation; latched SSRCs of sections that are
  /// still active are kept.
  void configure(const std::vector<sdp::ReceiveSection>& sections);

  /// The stream, or the reason to drop the packet.
  std::variant<Found, DropReason> find(const rtp::PacketView& packet);

  const rtp::ExtensionIds& extensions() const { return extensions_; }
  /// The media SSRC of a stream, when it has been heard.
  std::optional<Ssrc> ssrc(const Stream& stream) const;
  /// The streams that are known, by SSRC.
  const std::unordered_map<Ssrc, Stream>& latched() const { return latched_; }

 private:
  std::variant<Stream, DropReason> identify(const rtp::PacketView& packet) const;
  std::variant<Stream, DropReason> by_mid(const rtp::PacketView& packet, std::string_view mid) const;
  std::optional<Stream> by_signalled_ssrc(Ssrc ssrc) const;
  std::optional<Stream> by_payload_type(PayloadType type) const;
  void latch(Ssrc ssrc, const Stream& stream);

  std::size_t maximum_ssrcs_;
  std::vector<sdp::ReceiveSection> sections_;
  rtp::ExtensionIds extensions_;
  std::unordered_map<Ssrc, Stream> latched_;
};

/// The codec that a payload type means in a section, and whether it is that codec's retransmission format. Null: unknown.
struct CodecUse {
  const sdp::Codec* codec = nullptr;
  bool retransmission = false;
};
CodecUse find_payload_type(const sdp::ReceiveSection& section, PayloadType type);

}  // namespace parley::room
