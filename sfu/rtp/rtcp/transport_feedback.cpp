#include "sfu/rtp/rtcp/transport_feedback.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "sfu/rtp/rtcp/header.hpp"

namespace parley::rtp {
namespace {

constexpr std::uint8_t format = 15;
constexpr std::size_t maximum_run = 0x1FFF;
constexpr std::size_t symbols_per_vector = 7;  // of two bits
constexpr std::size_t flags_per_vector = 14;   // of one bit
constexpr std::int64_t reference_modulus = 1 << 24;
constexpr std::int64_t ticks_per_reference = feedback_reference_tick / feedback_tick;

enum class Symbol : std::uint8_t { lost = 0, small_delta = 1, large_delta = 2, reserved = 3 };
using Symbols = InlineVector<Symbol, 256>;

/// The symbols of one chunk, cut off where the message has no more packets.
void parse_chunk(std::uint16_t chunk, std::size_t total, Symbols& out) {
  const auto add = [&](std::size_t times, unsigned symbol) {
    for (times = std::min(times, total - out.size()); times > 0; --times) out.push_back(static_cast<Symbol>(symbol));
  };
  if ((chunk & 0x8000) == 0) {
    add(chunk & maximum_run, chunk >> 13 & 3);
  } else if ((chunk & 0x4000) == 0) {
    for (unsigned i = 0; i < flags_per_vector; ++i) add(1, chunk >> (13 - i) & 1);
  } else {
    for (unsigned i = 0; i < symbols_per_vector; ++i) add(1, chunk >> (12 - 2 * i) & 3);
  }
}

std::optional<Symbols> parse_symbols(std::size_t total, Reader& reader) {
  Symbols symbols;
  while (symbols.size() < total && reader.ok()) {
    const std::size_t before = symbols.size();
    parse_chunk(reader.u16(), total, symbols);
    if (symbols.size() == before) return {};  // a run of length zero says nothing
  }
  if (!reader.ok() || std::ranges::find(symbols, Symbol::reserved) != symbols.end()) return {};
  return symbols;
}

struct Quantized {
  std::int64_t reference = 0;  // units of 64 ms
  Symbols symbols;
  InlineVector<std::int64_t, 64> deltas;  // ticks, one for each symbol that is not lost
};

/// Arrival times as deltas. Each delta is taken between rounded times, so that rounding errors do not add up.
Quantized quantize(const TransportFeedback& feedback) {
  Quantized result;
  const auto first = std::ranges::find_if(feedback.arrivals, [](const auto& arrival) { return arrival.has_value(); });
  if (first != feedback.arrivals.end()) result.reference = **first / feedback_reference_tick;
  std::int64_t previous = result.reference * ticks_per_reference;
  for (const auto& arrival : feedback.arrivals) {
    const std::int64_t ticks = arrival ? *arrival / feedback_tick : 0;
    const std::int64_t delta = ticks - previous;
    const bool fits = delta >= std::numeric_limits<std::int16_t>::min() && delta <= std::numeric_limits<std::int16_t>::max();
    if (!arrival || !fits) {
      result.symbols.push_back(Symbol::lost);
      continue;
    }
    result.symbols.push_back(delta >= 0 && delta <= 0xFF ? Symbol::small_delta : Symbol::large_delta);
    result.deltas.push_back(delta);
    previous = ticks;
  }
  return result;
}

std::size_t run_length(std::span<const Symbol> symbols) {
  const auto end = std::ranges::find_if(symbols, [&](Symbol symbol) { return symbol != symbols.front(); });
  return std::min(static_cast<std::size_t>(end - symbols.begin()), maximum_run);
}

/// Writes one chunk from the front of `symbols`, the form that covers most, and returns how many it covers.
std::size_t write_chunk(std::span<const Symbol> symbols, Writer& out) {
  const std::size_t run = run_length(symbols);
  const auto flags = symbols.first(std::min(symbols.size(), flags_per_vector));
  const bool no_large = std::ranges::find(flags, Symbol::large_delta) == flags.end();
  const std::size_t vector_size = no_large ? flags_per_vector : symbols_per_vector;
  if (run >= std::min(vector_size, symbols.size())) {
    out.u16(static_cast<std::uint16_t>(static_cast<unsigned>(symbols.front()) << 13 | run));
    return run;
  }
  const std::size_t covered = std::min(vector_size, symbols.size());
  unsigned chunk = no_large ? 0x8000 : 0xC000;
  for (std::size_t i = 0; i < covered; ++i) {
    const auto symbol = static_cast<unsigned>(symbols[i]);
    chunk |= no_large ? symbol << (13 - i) : symbol << (12 - 2 * i);
  }
  out.u16(static_cast<std::uint16_t>(chunk));
  return covered;
}

void write_deltas(const Quantized& quantized, Writer& out) {
  for (const std::int64_t delta : quantized.deltas) {
    if (delta >= 0 && delta <= 0xFF)
      out.u8(static_cast<std::uint8_t>(delta));
    else
      out.u16(static_cast<std::uint16_t>(delta));
  }
}

}  // namespace

std::optional<TransportFeedback> parse_transport_feedback(Bytes body) {
  Reader reader(body);
  TransportFeedback feedback;
  feedback.sender = {reader.u32()};
  feedback.media = {reader.u32()};
  feedback.base_sequence = reader.u16();
  const std::size_t count = reader.u16();
  Duration time = static_cast<std::int64_t>(reader.u24()) * feedback_reference_tick;
  feedback.feedback_count = reader.u8();
  if (!reader.ok() || count == 0 || count > maximum_feedback_packets) return {};
  const auto symbols = parse_symbols(count, reader);
  if (!symbols) return {};
  for (const Symbol symbol : *symbols) {
    if (symbol == Symbol::lost) {
      feedback.arrivals.push_back({});
      continue;
    }
    const std::int64_t delta = symbol == Symbol::small_delta ? reader.u8() : static_cast<std::int16_t>(reader.u16());
    time += delta * feedback_tick;
    feedback.arrivals.push_back(time);
  }
  if (!reader.ok()) return {};
  return feedback;
}

void write(const TransportFeedback& feedback, Writer& out) {
  const Quantized quantized = quantize(feedback);
  const std::size_t begin = begin_rtcp(RtcpType::transport_feedback, format, out);
  out.u32(feedback.sender.value).u32(feedback.media.value);
  out.u16(feedback.base_sequence).u16(static_cast<std::uint16_t>(feedback.arrivals.size()));
  out.u24(static_cast<std::uint32_t>(quantized.reference % reference_modulus)).u8(feedback.feedback_count);
  for (std::span<const Symbol> left(quantized.symbols); !left.empty();) left = left.subspan(write_chunk(left, out));
  write_deltas(quantized, out);
  pad_rtcp(begin, out);
  finish_rtcp(begin, out);
}

}  // namespace parley::rtp
