#include "sfu/media/bandwidth/probe_results.hpp"

#include <algorithm>

namespace parley::media::bandwidth {

std::optional<double> ProbeResults::add(const PacketResult& result) {
  if (!probe_ || result.probe != probe_->id || result.fate != PacketResult::Fate::received) return {};
  if (packets_ == 0 || result.arrival < first_arrival_) {
    first_arrival_ = result.arrival;
    first_bytes_ = result.bytes;
  }
  if (packets_ == 0 || result.sent >= last_sent_) {
    last_sent_ = result.sent;
    last_bytes_ = result.bytes;
  }
  first_sent_ = packets_ == 0 ? result.sent : std::min(first_sent_, result.sent);
  last_arrival_ = packets_ == 0 ? result.arrival : std::max(last_arrival_, result.arrival);
  ++packets_;
  bytes_ += result.bytes;
  const bool enough = static_cast<double>(packets_) >= required * Probe::packets &&
                      static_cast<double>(bytes_) >= required * static_cast<double>(probe_->bytes);
  return enough ? rate() : std::nullopt;
}

std::optional<double> ProbeResults::rate() const {
  const double sent = static_cast<double>((last_sent_ - first_sent_).count()) / 1e9;
  const double arrived = static_cast<double>((last_arrival_ - first_arrival_).count()) / 1e9;
  if (sent <= 0 || arrived <= 0) return {};
  const double send_rate = static_cast<double>(bytes_ - last_bytes_) * 8 / sent;
  const double arrival_rate = static_cast<double>(bytes_ - first_bytes_) * 8 / arrived;
  if (arrival_rate > implausible * send_rate) return {};
  return arrival_rate < slowed_down * send_rate ? saturated * arrival_rate : std::min(arrival_rate, send_rate);
}

}  // namespace parley::media::bandwidth
