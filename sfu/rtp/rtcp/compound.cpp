#include "sfu/rtp/rtcp/compound.hpp"

namespace parley::rtp {
namespace {

constexpr std::uint8_t nack_format = 1;
constexpr std::uint8_t feedback_format = 15;
constexpr std::uint8_t pli_format = 1;
constexpr std::uint8_t fir_format = 4;
constexpr std::uint8_t application_format = 15;

template <typename Message>
std::optional<RtcpMessage> as_message(std::optional<Message> message) {
  if (!message) return {};
  return RtcpMessage(std::move(*message));
}

std::optional<RtcpMessage> parse_transport_layer(std::uint8_t format, Bytes body) {
  switch (format) {
    case nack_format:
      return as_message(parse_nack(body));
    case feedback_format:
      return as_message(parse_transport_feedback(body));
    default:
      return UnknownRtcp{static_cast<std::uint8_t>(RtcpType::transport_feedback), format};
  }
}

std::optional<RtcpMessage> parse_payload_specific(std::uint8_t format, Bytes body) {
  switch (format) {
    case pli_format:
      return as_message(parse_pli(body));
    case fir_format:
      return as_message(parse_fir(body));
    case application_format:
      if (auto remb = parse_remb(body)) return RtcpMessage(std::move(*remb));
      [[fallthrough]];
    default:
      return UnknownRtcp{static_cast<std::uint8_t>(RtcpType::payload_feedback), format};
  }
}

std::optional<RtcpMessage> parse_message(std::uint8_t type, std::uint8_t count, Bytes body) {
  switch (static_cast<RtcpType>(type)) {
    case RtcpType::sender_report:
      return as_message(parse_sender_report(count, body));
    case RtcpType::receiver_report:
      return as_message(parse_receiver_report(count, body));
    case RtcpType::source_description:
      return as_message(parse_sdes(count, body));
    case RtcpType::goodbye:
      return as_message(parse_bye(count, body));
    case RtcpType::transport_feedback:
      return parse_transport_layer(count, body);
    case RtcpType::payload_feedback:
      return parse_payload_specific(count, body);
    default:
      return UnknownRtcp{type, count};
  }
}

/// The body without its padding; nothing when the padding does not fit.
std::optional<Bytes> without_padding(Bytes body) {
  if (body.empty() || body.back() == 0 || body.back() > body.size()) return {};
  return body.first(body.size() - body.back());
}

}  // namespace

std::optional<RtcpMessage> Compound::next() {
  while (reader_.remaining() > 0) {
    const std::uint8_t flags = reader_.u8();
    const std::uint8_t type = reader_.u8();
    std::optional<Bytes> body = reader_.take(reader_.u16() * std::size_t{4});
    if (!reader_.ok() || flags >> 6 != 2) {
      reader_ = Reader({});
      ok_ = false;
      return {};
    }
    if (flags & 0x20) body = without_padding(*body);
    if (body)
      if (auto message = parse_message(type, flags & 0x1F, *body)) return message;
    ok_ = false;
  }
  return {};
}

}  // namespace parley::rtp
