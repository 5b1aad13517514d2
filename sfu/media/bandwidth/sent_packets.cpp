#include "sfu/media/bandwidth/sent_packets.hpp"

#include <algorithm>
#include <limits>

namespace parley::media::bandwidth {

namespace {

constexpr std::size_t smallest_ring = 64;
/// The reference time of a feedback message has 24 bits.
constexpr Duration arrival_period = rtp::feedback_reference_tick * (1 << 24);

}  // namespace

std::uint16_t SentPackets::add(Time now, std::size_t bytes, ProbeId probe) {
  if (next_ - first_ >= static_cast<Sequence>(ring_.size())) {
    forget(now);
    if (next_ - first_ >= static_cast<Sequence>(ring_.size())) grow();
  }
  const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(bytes, std::numeric_limits<std::uint16_t>::max()));
  at(next_) = {.sent = now, .probe = probe.value, .bytes = size};
  return static_cast<std::uint16_t>(next_++);
}

std::span<const PacketResult> SentPackets::match(Time now, const rtp::TransportFeedback& feedback) {
  results_.clear();
  const std::optional<Sequence> base = find(feedback.base_sequence);
  if (!base) return results_;
  const Sequence end = std::min<Sequence>(*base + static_cast<Sequence>(feedback.arrivals.size()), next_);
  for (Sequence skipped = std::max(reported_, first_); skipped < std::min(*base, next_); ++skipped)
    if (!at(skipped).reported) report(skipped, PacketResult::Fate::unknown, {});
  for (Sequence sequence = std::max(*base, first_); sequence < end; ++sequence) {
    const auto& arrival = feedback.arrivals[static_cast<std::size_t>(sequence - *base)];
    const Packet& packet = at(sequence);
    if (arrival && !packet.received) {
      report(sequence, PacketResult::Fate::received, unwrap_arrival(*arrival));
    } else if (!arrival && !packet.reported) {
      report(sequence, PacketResult::Fate::lost, {});
    }
  }
  reported_ = std::max(reported_, end);
  forget(now);
  return results_;
}

Time SentPackets::unreported_since() const {
  const Sequence oldest = std::max(reported_, first_);
  return oldest < next_ ? at(oldest).sent : never;
}

void SentPackets::report(Sequence sequence, PacketResult::Fate fate, Duration arrival) {
  Packet& packet = at(sequence);
  packet.reported = true;
  packet.received = fate == PacketResult::Fate::received;
  results_.push_back({.fate = fate, .probe = {packet.probe}, .bytes = packet.bytes, .sent = packet.sent, .arrival = arrival});
}

std::optional<Sequence> SentPackets::find(std::uint16_t sequence) const {
  // A message may begin behind what is remembered and end within it, never beyond what was sent.
  const auto age = static_cast<std::uint16_t>(static_cast<std::uint16_t>(next_ - 1) - sequence);
  const Sequence found = next_ - 1 - age;
  if (next_ == 0 || found + static_cast<Sequence>(rtp::maximum_feedback_packets) < first_) return {};
  return found;
}

Duration SentPackets::unwrap_arrival(Duration arrival) {
  if (!newest_arrival_) newest_arrival_ = Arrival{arrival, arrival_period};
  Duration ahead = (arrival - newest_arrival_->wrapped) % arrival_period;
  if (ahead > arrival_period / 2) ahead -= arrival_period;
  if (ahead < -arrival_period / 2) ahead += arrival_period;
  // Whatever a receiver claims, its clock moves on by no more than what is remembered, and so never overflows.
  const Duration unwrapped = newest_arrival_->unwrapped + std::clamp(ahead, -history, history);
  if (ahead > Duration(0) || ahead < -history)
    newest_arrival_ = Arrival{arrival, std::max(unwrapped, newest_arrival_->unwrapped)};
  return unwrapped;
}

void SentPackets::forget(Time now) {
  for (; first_ < next_; ++first_) {
    const Packet& oldest = at(first_);
    const bool full = next_ - first_ >= static_cast<Sequence>(capacity);
    if (now - oldest.sent <= (oldest.reported ? afterwards : history) && !full) return;
  }
}

void SentPackets::grow() {
  std::vector<Packet> larger(std::max(smallest_ring, 2 * ring_.size()));
  for (Sequence i = first_; i < next_; ++i) larger[static_cast<std::size_t>(i) & (larger.size() - 1)] = at(i);
  ring_ = std::move(larger);
}

}  // namespace parley::media::bandwidth
