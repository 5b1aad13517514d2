#include "sfu/media/receive_stats.hpp"

#include <algorithm>

#include "sfu/media/clock_math.hpp"

namespace parley::media {
namespace {

std::size_t slot(Sequence sequence) { return static_cast<std::size_t>(sequence % ReceiveStats::window); }

}  // namespace

ReceiveStats::Arrival ReceiveStats::classify(const rtp::PacketView& packet) {
  const Sequence sequence = sequences_.unwrap(packet.sequence);
  Arrival arrival{.sequence = sequence, .timestamp = timestamps_.unwrap(packet.timestamp), .drop = {}, .newest = false};
  if (!first_) {
    first_ = sequence;
    newest_ = sequence;
    arrival.newest = true;
  } else if (sequence > newest_) {
    if (sequence - newest_ >= window)
      seen_.reset();
    else
      for (Sequence skipped = newest_ + 1; skipped < sequence; ++skipped) seen_.reset(slot(skipped));
    newest_ = sequence;
    arrival.newest = true;
  } else if (newest_ - sequence >= window) {
    arrival.drop = DropReason::rtp_too_old;
  } else if (seen_.test(slot(sequence))) {
    arrival.drop = DropReason::rtp_duplicate;
  }
  if (arrival.drop) return arrival;
  seen_.set(slot(sequence));
  first_ = std::min(*first_, sequence);
  return arrival;
}

ReceiveStats::Arrival ReceiveStats::receive(Time now, const rtp::PacketView& packet) {
  const Arrival arrival = classify(packet);
  if (arrival.drop == DropReason::rtp_too_old) return arrival;
  // A duplicate counts, as RFC 3550 appendix A.3 has it: its first copy may have been a retransmission, which does not.
  ++received_;
  octets_ += packet.payload.size();
  if (!arrival.drop && !packet.padding_only()) measure_jitter(now, arrival.timestamp);
  return arrival;
}

ReceiveStats::Arrival ReceiveStats::receive_repaired(const rtp::PacketView& packet) { return classify(packet); }

void ReceiveStats::measure_jitter(Time now, Timestamp timestamp) {
  // RFC 3550 appendix A.8, in time; the report turns it into timestamp units.
  const Duration transit = now.time_since_epoch() - to_duration(timestamp, clock_rate_);
  if (transit_) {
    const Duration difference = std::chrono::abs(transit - *transit_);
    jitter_ += (difference - jitter_) / 16;
  }
  transit_ = transit;
}

void ReceiveStats::receive(Time now, const rtp::SenderReport& report) {
  clock_ = SenderClock{.ntp = report.ntp, .timestamp = timestamps_.peek(report.timestamp), .arrival = now};
}

std::int64_t ReceiveStats::lost() const {
  if (!first_) return 0;
  return newest_ - *first_ + 1 - static_cast<std::int64_t>(received_);
}

std::optional<rtp::ReportBlock> ReceiveStats::report(Time now) {
  if (!first_) return {};
  rtp::ReportBlock block;
  block.source = ssrc_;
  // RFC 3550 appendix A.3.
  const std::int64_t expected = newest_ - *first_ + 1;
  const auto received = static_cast<std::int64_t>(received_);
  const std::int64_t expected_interval = expected - expected_at_report_;
  const std::int64_t lost_interval = expected_interval - (received - received_at_report_);
  expected_at_report_ = expected;
  received_at_report_ = received;
  if (expected_interval > 0 && lost_interval > 0)
    block.fraction_lost = static_cast<std::uint8_t>(std::min<std::int64_t>(255, (lost_interval << 8) / expected_interval));
  block.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
  // The unwrapper starts one range above zero; on the wire the cycles are counted from zero.
  block.highest_sequence = static_cast<std::uint32_t>(newest_ - (Sequence{1} << 16));
  block.jitter = static_cast<std::uint32_t>(std::clamp<std::int64_t>(to_units(jitter_, clock_rate_), 0, 0xFFFFFFFF));
  if (clock_) {
    block.last_sender_report = static_cast<std::uint32_t>(clock_->ntp >> 16);
    const std::int64_t delay = to_units(now - clock_->arrival, 65536);
    block.delay_since_report = static_cast<std::uint32_t>(std::clamp<std::int64_t>(delay, 0, 0xFFFFFFFF));
  }
  return block;
}

}  // namespace parley::media
