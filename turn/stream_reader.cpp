#include "turn/stream_reader.hpp"

namespace parley::turn {

namespace {

constexpr std::size_t read_size = 16384;
/// RFC 8489 section 5: the two zero bits, type, length, cookie. Channel data begins with its number.
constexpr std::size_t stun_header = 20;
constexpr std::size_t channel_header = 4;

}  // namespace

MutableBytes StreamReader::space() {
  // What is left of an unfinished message moves to the front, so that there is room for the rest of it.
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
              buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.empty()) buffer_.resize(read_size);
  return MutableBytes(buffer_).subspan(end_);
}

std::optional<Bytes> StreamReader::next() {
  if (broken_ || end_ - begin_ < channel_header) return std::nullopt;
  Reader reader(rest());
  const std::uint16_t first = reader.u16();
  const std::size_t length = reader.u16();
  const bool is_channel_data = first >> 14 == 1;
  const std::size_t size = length + (is_channel_data ? channel_header : stun_header);
  const std::size_t padded = (size + 3) / 4 * 4;
  broken_ = (!is_channel_data && first >> 14 != 0) || padded > largest_message;
  if (broken_ || end_ - begin_ < padded) return std::nullopt;
  const Bytes message = rest().first(size);
  begin_ += padded;
  return message;
}

}  // namespace parley::turn
