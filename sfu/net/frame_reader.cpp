#include "sfu/net/frame_reader.hpp"

#include <algorithm>

namespace parley::net {
namespace {

constexpr std::size_t header_size = 2;
/// Room for several full frames, so that one read of a busy connection brings more than one.
constexpr std::size_t frames_per_read = 8;

}  // namespace

FrameReader::FrameReader(std::size_t largest) : largest_(largest), buffer_((largest + header_size) * frames_per_read) {}

MutableBytes FrameReader::space() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
            buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  return MutableBytes(buffer_).subspan(end_);
}

std::optional<MutableBytes> FrameReader::next() {
  while (!broken_ && end_ - begin_ >= header_size) {
    const std::size_t size = Reader(Bytes(buffer_).subspan(begin_, header_size)).u16();
    broken_ = size > largest_;
    if (broken_ || end_ - begin_ - header_size < size) return std::nullopt;
    const MutableBytes frame = MutableBytes(buffer_).subspan(begin_ + header_size, size);
    begin_ += header_size + size;
    if (size > 0) return frame;
  }
  return std::nullopt;
}

}  // namespace parley::net
