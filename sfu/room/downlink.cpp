#include "sfu/room/downlink.hpp"

#include <algorithm>

namespace parley::room {

std::uint16_t Downlink::sent(Time now, std::size_t payload) {
  const std::size_t bytes = payload + packet_overhead;
  if (!probe_) return estimator_.sent(now, bytes);
  const auto number = estimator_.sent(now, bytes, probe_->probe.id);
  probe_->sent += bytes;
  ++probe_->packets;
  const Duration planned = duration_of(probe_->probe.bytes);
  probe_->next = std::max(probe_->started + std::min(duration_of(probe_->sent), planned), now + probe_step);
  const bool enough = probe_->sent >= probe_->probe.bytes && probe_->packets >= media::bandwidth::Probe::packets;
  // A frame that leaves within one instant has no rate: something must follow it.
  if (enough && now - probe_->started >= planned / 2) probe_.reset();
  return number;
}

Duration Downlink::duration_of(std::size_t bytes) const {
  const double bits = 8.0 * static_cast<double>(bytes);
  const std::chrono::duration<double> duration(bits / static_cast<double>(probe_->probe.bits_per_second));
  return std::chrono::duration_cast<Duration>(duration);
}

void Downlink::receive(Time now, const rtp::TransportFeedback& feedback) {
  heard_ = true;
  estimator_.receive(now, feedback);
}

void Downlink::receive(Time now, const rtp::Remb& remb) {
  heard_ = true;
  estimator_.receive_remb(now, remb.bitrate);
}

void Downlink::receive_report(Time now, double loss, std::optional<Duration> round_trip) {
  heard_ = true;
  estimator_.receive_report(now, loss, round_trip);
}

void Downlink::advance(Time now) {
  estimator_.advance(now);
  if (probe_) return;
  if (const auto probe = estimator_.take_probe(now)) probe_ = RunningProbe{*probe, now, 0, 0, now};
}

std::uint64_t Downlink::pacing_rate(bool beginning) const {
  return beginning ? std::max(estimator_.pacing_rate(), first_pacing_rate) : estimator_.pacing_rate();
}

bool Downlink::probe_due(Time now) const { return probe_ && now >= probe_->next; }

// While a probe runs, nothing else is asked of the estimator.
Time Downlink::wakeup() const { return probe_ ? probe_->next : estimator_.wakeup(); }

}  // namespace parley::room
