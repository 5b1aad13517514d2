#include "sfu/media/sender_stats.hpp"

#include <algorithm>

#include "sfu/media/clock_math.hpp"

namespace parley::media {

void SenderStats::sent(std::size_t payload_octets) {
  ++packets_;
  octets_ += payload_octets;
}

rtp::SenderReport SenderStats::report(Time now, const SenderClock& outgoing, std::uint32_t clock_rate) {
  const Duration since = now - outgoing.arrival;
  rtp::SenderReport report;
  report.sender = ssrc_;
  report.ntp = ntp_add(outgoing.ntp, since);
  report.timestamp = static_cast<std::uint32_t>(outgoing.timestamp + to_units(since, clock_rate));
  report.packets = static_cast<std::uint32_t>(packets_);
  report.octets = static_cast<std::uint32_t>(octets_);
  reports_[report_count_++ % reports_.size()] = {static_cast<std::uint32_t>(report.ntp >> 16), now};
  return report;
}

std::optional<Duration> SenderStats::round_trip(Time now, const rtp::ReportBlock& block) const {
  if (block.source != ssrc_ || block.last_sender_report == 0) return {};
  const auto known = std::span(reports_).first(std::min(report_count_, reports_.size()));
  const auto answered = std::ranges::find(known, block.last_sender_report, &Sent::middle_ntp);
  if (answered == known.end()) return {};
  const Duration held = to_duration(block.delay_since_report, 65536);
  return std::max(now - answered->time - held, Duration::zero());
}

}  // namespace parley::media
