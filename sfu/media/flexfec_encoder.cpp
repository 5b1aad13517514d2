#include "sfu/media/flexfec_encoder.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "sfu/rtp/packet.hpp"

namespace parley::media {
namespace {

constexpr std::size_t fixed_header = 12;
constexpr std::uint8_t without_version = 0x3F;
constexpr std::uint8_t marker_bit = 0x80;
/// Of one report. Browsers send one a second: of a stream of ten packets a second, most say that nothing was lost, and one that a
/// tenth was.
constexpr double smoothing = 0.2;

void exclusive_or(Bytes source, std::uint8_t* target) {
  for (std::size_t i = 0; i < source.size(); ++i) target[i] ^= source[i];
}

/// Sets what is filled in on the way to zero.
void clear_mutable(const rtp::ExtensionIds& extensions, MutableBytes header) {
  const auto packet = rtp::parse_header(header);
  if (!packet) return;
  for (const auto extension : {rtp::Extension::transport_cc, rtp::Extension::abs_send_time})
    if (const auto value = rtp::find(*packet, extensions.id(extension)))
      std::fill_n(header.data() + (value->data() - header.data()), value->size(), std::uint8_t{0});
}

bool is_set(const std::array<std::uint64_t, 2>& mask, std::size_t bit) { return mask[bit / 64] >> (63 - bit % 64) & 1; }

/// Bits [first, first + count) as the low bits of a number.
std::uint64_t part(const std::array<std::uint64_t, 2>& mask, std::size_t first, std::size_t count) {
  std::uint64_t bits = 0;
  for (std::size_t i = first; i < first + count; ++i) bits = bits << 1 | static_cast<std::uint64_t>(is_set(mask, i));
  return bits;
}

}  // namespace

FlexfecEncoder::FlexfecEncoder(Ssrc protected_stream, const FlexfecProtection& protection) : protected_(protected_stream) {
  rows_.resize(most_rows);
  set_protection(protection);
}

void FlexfecEncoder::set_protection(const FlexfecProtection& protection) {
  protection_.packets = std::clamp<std::size_t>(protection.packets, 1, longest_row);
  protection_.interleave = std::clamp<std::size_t>(protection.interleave, 1, most_rows);
}

void FlexfecEncoder::add(Time now, Bytes header, Bytes payload, const rtp::ExtensionIds& extensions) {
  std::array<std::uint8_t, rtp::maximum_header> copy;
  if (header.size() < fixed_header || header.size() > copy.size()) return;
  if (header.size() - fixed_header + payload.size() > largest_protected) return;
  std::ranges::copy(header, copy.begin());
  const MutableBytes cleared = MutableBytes(copy).first(header.size());
  clear_mutable(extensions, cleared);

  Reader reader(cleared);
  const std::uint16_t sequence = (reader.skip(2), reader.u16());
  if (newest_ && static_cast<std::int16_t>(sequence - *newest_) <= 0) return;
  newest_ = sequence;
  if (next_ >= protection_.interleave) next_ = 0;
  Row& row = rows_[next_++];
  // take() has emptied what was finished; but a jump may lie beyond what the mask can say.
  if (row.finished || (row.count > 0 && static_cast<std::uint16_t>(sequence - row.base) >= longest_mask)) row = Row{};
  protect(now, cleared, payload, row);
  if (cleared[1] & marker_bit) finish_old(now);
}

void FlexfecEncoder::protect(Time now, Bytes header, Bytes payload, Row& row) {
  Reader reader(header);
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  const std::uint16_t sequence = reader.u16();
  if (row.count == 0) {
    row.began = now;
    row.base = sequence;
  }
  const std::size_t bit = static_cast<std::uint16_t>(sequence - row.base);
  const Bytes rest = header.subspan(fixed_header);
  const std::size_t size = rest.size() + payload.size();
  row.mask[bit / 64] |= std::uint64_t{1} << (63 - bit % 64);
  row.newest = sequence;
  row.flags[0] ^= first & without_version;
  row.flags[1] ^= second;
  row.length ^= static_cast<std::uint16_t>(size);
  row.timestamp ^= reader.u32();
  row.longest = std::max(row.longest, size);
  exclusive_or(rest, row.bytes.data());
  exclusive_or(payload, row.bytes.data() + rest.size());
  row.finished = ++row.count >= protection_.packets;
}

void FlexfecEncoder::finish_old(Time now) {
  for (Row& row : rows_) row.finished |= row.count > 0 && 2 * row.count >= protection_.packets && now - row.began >= oldest_row;
}

std::optional<Bytes> FlexfecEncoder::take() {
  const auto row = std::ranges::find(rows_, true, &Row::finished);
  if (row == rows_.end()) return {};
  const std::size_t header = write_header(*row, protected_, repair_);
  std::ranges::copy_n(row->bytes.begin(), static_cast<std::ptrdiff_t>(row->longest),
                      repair_.begin() + static_cast<std::ptrdiff_t>(header));
  const Bytes repair = Bytes(repair_).first(header + row->longest);
  *row = Row{};
  return repair;
}

std::size_t FlexfecEncoder::write_header(const Row& row, Ssrc protected_stream, MutableBytes out) {
  Writer writer(out);
  writer.bytes(row.flags).u16(row.length).u32(row.timestamp).u8(1).u24(0).u32(protected_stream.value).u16(row.base);
  const std::size_t span = static_cast<std::uint16_t>(row.newest - row.base) + std::size_t{1};
  const bool second = span > 15;
  const bool third = span > 46;
  writer.u16(static_cast<std::uint16_t>((second ? 0 : 0x8000) | part(row.mask, 0, 15)));
  if (second) writer.u32(static_cast<std::uint32_t>((third ? 0 : 0x80000000) | part(row.mask, 15, 31)));
  if (third) writer.u64(std::uint64_t{1} << 63 | part(row.mask, 46, 63));
  return writer.size();
}

void FlexfecSwitch::receive(Time now, double loss) {
  loss_ += (loss - loss_) * smoothing;
  const bool beyond = on_ ? loss_ < off_below : loss_ > on_above;
  if (!beyond) {
    since_.reset();
  } else if (!since_) {
    since_ = now;
  } else if (now - *since_ >= (on_ ? off_after : on_after)) {
    on_ = !on_;
    since_.reset();
  }
}

/// As much again as is lost, two and a half times over: then most rows lose one packet at most.
std::optional<FlexfecProtection> FlexfecSwitch::protection() const {
  if (!on_) return {};
  constexpr double overhead = 2.5;
  constexpr double most_packets = 12;
  constexpr double fewest_packets = 2;
  constexpr double often_in_a_row = 0.05;
  const double packets = std::clamp(std::round(1 / (overhead * std::max(loss_, off_below))), fewest_packets, most_packets);
  return FlexfecProtection{static_cast<std::size_t>(packets), loss_ > often_in_a_row ? std::size_t{2} : std::size_t{1}};
}

}  // namespace parley::media
