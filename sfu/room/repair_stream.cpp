#include "sfu/room/repair_stream.hpp"

#include "sfu/media/rtx.hpp"

namespace parley::room {

RepairStream::RepairStream(Ssrc ssrc, Ssrc protected_stream, Random& random)
    : ssrc_(ssrc), protected_(protected_stream), next_(media::first_outgoing_sequence(random)) {}

void RepairStream::accept(std::optional<PayloadType> type) {
  type_ = type;
  if (!type_) encoder_.reset();
}

void RepairStream::receive(Time now, double loss) {
  if (!type_) return;
  switch_.receive(now, loss);
  const auto protection = switch_.protection();
  if (!protection)
    encoder_.reset();
  else if (encoder_)
    encoder_->set_protection(*protection);
  else
    encoder_ = std::make_unique<media::FlexfecEncoder>(protected_, *protection);
}

void RepairStream::protect(Time now, Bytes header, Bytes payload, const rtp::ExtensionIds& extensions) {
  encoder_->add(now, header, payload, extensions);
}

void RepairStream::send(Time now, std::uint32_t timestamp, const rtp::ExtensionIds& extensions, Downlink& downlink,
                        transport::Wire& wire, Outbox& out) {
  while (const auto repair = encoder_->take()) {
    const rtp::Header header{*type_, false, static_cast<std::uint16_t>(next_++), timestamp, ssrc_};
    std::array<std::uint8_t, rtp::maximum_header> buffer;
    const auto number = rtp::transport_sequence(downlink.sent(now, repair->size()));
    rtp::ElementList elements;
    elements.add(extensions.id(rtp::Extension::transport_cc), number);
    const auto size = rtp::write_header(header, elements, buffer);
    wire.send_rtp(now, Bytes(buffer).first(size), *repair, out);
    ++sent_;
  }
}

}  // namespace parley::room
