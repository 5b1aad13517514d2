#include "sfu/net/web_socket_frame.hpp"

#include <utility>

namespace parley::net {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t size_16 = 126;
constexpr std::uint8_t size_64 = 127;

}  // namespace

std::string write_client_frame(WebSocketOpcode opcode, std::string_view payload, Random& random) {
  std::array<std::uint8_t, 14> head;
  Writer writer(head);
  writer.u8(final_bit | static_cast<std::uint8_t>(opcode));
  if (payload.size() < size_16)
    writer.u8(static_cast<std::uint8_t>(mask_bit | payload.size()));
  else if (payload.size() <= 0xFFFF)
    writer.u8(mask_bit | size_16).u16(static_cast<std::uint16_t>(payload.size()));
  else
    writer.u8(mask_bit | size_64).u64(payload.size());
  std::array<std::uint8_t, 4> key;
  random.fill(key);
  writer.bytes(key);
  std::string frame(as_text(writer.written()));
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ key[i % 4]);
  return frame;
}

std::optional<WebSocketReader::Frame> WebSocketReader::take_frame() {
  const Bytes available = as_bytes(input_).subspan(read_);
  Reader reader(available);
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  std::uint64_t size = second & 0x7F;
  if (size == size_16) size = reader.u16();
  if ((second & 0x7F) == size_64) size = reader.u64();
  // Reserved bits belong to extensions; only clients mask.
  if (reader.ok() && ((first & 0x70) != 0 || (second & mask_bit) != 0 || size > limit)) return broken_ = true, std::nullopt;
  if (!reader.ok() || reader.remaining() < size) return std::nullopt;
  Frame frame{(first & final_bit) != 0, static_cast<WebSocketOpcode>(first & 0x0F), std::string(as_text(reader.take(size)))};
  read_ += available.size() - reader.remaining();
  if (read_ == input_.size()) {
    input_.clear();
    read_ = 0;
  }
  return frame;
}

std::optional<WebSocketMessage> WebSocketReader::take() {
  while (!broken_) {
    auto frame = take_frame();
    if (!frame) return std::nullopt;
    const bool control = frame->opcode >= WebSocketOpcode::close;
    if (control) return WebSocketMessage{frame->opcode, std::move(frame->payload)};
    if (partial_.has_value() != (frame->opcode == WebSocketOpcode::continuation)) broken_ = true;
    if (!partial_) partial_ = WebSocketMessage{frame->opcode, {}};
    partial_->payload += frame->payload;
    if (partial_->payload.size() > limit) broken_ = true;
    if (!broken_ && frame->last) return std::exchange(partial_, std::nullopt);
  }
  return std::nullopt;
}

}  // namespace parley::net
