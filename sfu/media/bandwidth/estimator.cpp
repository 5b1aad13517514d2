#include "sfu/media/bandwidth/estimator.hpp"

#include <algorithm>
#include <utility>

namespace parley::media::bandwidth {

namespace {

/// Until the first feedback has come.
constexpr Duration presumed_round_trip = milliseconds(200);

}  // namespace

Estimator::Estimator(const Settings& settings)
    : settings_(settings),
      estimate_(static_cast<double>(settings.start)),
      rate_(estimate_, static_cast<double>(settings.minimum), static_cast<double>(settings.maximum)) {}

std::uint16_t Estimator::sent(Time now, std::size_t bytes, std::optional<ProbeId> probe) {
  application_.sent(now, bytes);
  if (silence_at_ == never) silence_at_ = now + silence;
  return packets_.add(now, bytes, probe.value_or(ProbeId{}));
}

void Estimator::receive(Time now, const rtp::TransportFeedback& feedback) {
  const auto results = packets_.match(now, feedback);
  if (results.empty()) return;
  if (feedback_at_ && now - *feedback_at_ > stream_timeout) {
    groups_.reset();
    trendline_.reset();
    standing_queue_.reset();
    detector_.reset();
  }
  feedback_at_ = now;
  std::optional<Time> newest;
  for (const PacketResult& result : results) {
    take(result);
    if (result.fate == PacketResult::Fate::received) newest = std::max(newest.value_or(result.sent), result.sent);
  }
  if (newest) {
    const Duration measured = now - *newest;
    round_trip_ = round_trip_ ? *round_trip_ + (measured - *round_trip_) / 8 : measured;
  }
  silence_at_ = packets_.unreported_since() == never ? never : now + silence;
  application_.update(now, estimate_);
  update_rate(now);
}

void Estimator::take(const PacketResult& result) {
  acknowledged_.add(result);
  if (result.fate == PacketResult::Fate::received) add_delay(result);
  if (result.fate != PacketResult::Fate::unknown) loss_.add(result.sent, result.bytes, result.fate == PacketResult::Fate::lost);
  lost_ |= result.fate == PacketResult::Fate::lost;
  if (const auto probed = probe_results_.add(result)) probed_ = probed;
}

void Estimator::add_delay(const PacketResult& result) {
  const auto delta = groups_.add(result.sent, result.arrival);
  if (!delta) return;
  trendline_.add(*delta);
  standing_queue_.add(trendline_.delay(), delta->arrival);
  if (trendline_.deltas() < 2) return;
  detector_.add(trendline_.modified_trend(), delta->sent, delta->arrival, standing_queue_.present());
}

void Estimator::update_rate(Time now) {
  const Usage usage = significant_usage();
  const std::optional<double> throughput = arriving(usage);
  if (probed_ && prober_.outstanding()) {
    prober_.receive_result(now, *prober_.outstanding(), *probed_, path_view());
    if (usage != Usage::overusing && *probed_ > rate_.rate()) {
      rate_.set_probed(now, *probed_);
      loss_.set_probed(*probed_);
    }
    probe_results_ = {};
  }
  probed_.reset();
  rate_.set_filled(!application_.limited());
  rate_.update(now, usage, throughput, round_trip_.value_or(presumed_round_trip));
  if (std::exchange(lost_, false) && standing_queue_.present()) rate_.give_way(now, round_trip_.value_or(presumed_round_trip));
  loss_.update(now, rate_.rate());
  combine(now);
}

Usage Estimator::significant_usage() const {
  const bool burst = application_.limited() && standing_queue_.length() < burst_tolerance;
  return detector_.usage() == Usage::overusing && burst ? Usage::underusing : detector_.usage();
}

std::optional<double> Estimator::arriving(Usage usage) const {
  const auto measured = usage != Usage::overusing ? acknowledged_.rate()
                        : application_.limited()  ? acknowledged_.burst_rate()
                                                  : acknowledged_.latest_rate();
  return measured ? std::optional(static_cast<double>(*measured)) : std::nullopt;
}

void Estimator::combine(Time) {
  if (loss_.limit()) rate_.limit(*loss_.limit());
  const double limit = std::min(remb_.value_or(static_cast<double>(settings_.maximum)), rate_.rate());
  estimate_ = std::clamp(limit, static_cast<double>(settings_.minimum), static_cast<double>(settings_.maximum));
}

void Estimator::receive_remb(Time now, std::uint64_t bits_per_second) {
  remb_ = static_cast<double>(bits_per_second);
  silence_at_ = never;
  // The receiver measures by itself, and nobody else does.
  if (!feedback_at_) rate_.set_probed(now, *remb_);
  combine(now);
}

void Estimator::receive_report(Time now, double loss, std::optional<Duration> round_trip) {
  if (feedback_at_) return;  // it has told the same, and earlier
  if (round_trip) round_trip_ = round_trip;
  const double sent_rate = static_cast<double>(application_.sent_rate(now));
  const double rate = reports_.update(now, rate_.rate(), sent_rate, loss, round_trip_.value_or(presumed_round_trip));
  rate_.set_probed(now, rate);
  silence_at_ = never;
  combine(now);
}

void Estimator::set_wanted(std::uint64_t bits_per_second) {
  wanted_ = static_cast<double>(bits_per_second);
  rate_.set_useful(Prober::enough * wanted_);
}

std::optional<Probe> Estimator::take_probe(Time now) {
  // Without feedback nobody would measure it.
  if (!short_of_wanted() || (!feedback_at_ && prober_.started())) return {};
  const auto probe = prober_.take(now, path_view());
  if (probe) probe_results_.expect(*probe);
  return probe;
}

void Estimator::advance(Time now) {
  application_.update(now, estimate_);
  if (now < silence_at_) return;
  silence_at_ = now + silence_step;
  rate_.limit(silence_backoff * estimate_);
  combine(now);
}

Time Estimator::wakeup() const {
  const bool may_probe = short_of_wanted() && (feedback_at_ || !prober_.started());
  return std::min(silence_at_, may_probe ? prober_.wakeup() : never);
}

PathView Estimator::path_view() const {
  return {.estimate = estimate_,
          .wanted = wanted_,
          .application_limited = application_.limited(),
          .congested = significant_usage() == Usage::overusing,
          .loses = loss_.limit().has_value(),
          .before_drop = rate_.rate_before_decrease(),
          .dropped_at = rate_.decreased_at()};
}

}  // namespace parley::media::bandwidth
