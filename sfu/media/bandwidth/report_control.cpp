#include "sfu/media/bandwidth/report_control.hpp"

#include <algorithm>
#include <cmath>

namespace parley::media::bandwidth {

double ReportControl::update(Time now, double rate, double sent_rate, double loss, Duration round_trip) {
  const Duration since = std::min<Duration>(now - updated_at_.value_or(now), seconds(1));
  updated_at_ = now;
  loss_ = loss;
  if (loss < low_loss) {
    const double limit = headroom * sent_rate + headroom_constant;
    return std::max(rate, std::min(limit, rate * std::pow(growth, static_cast<double>(since.count()) / 1e9)));
  }
  if (loss <= high_loss || (decreased_at_ && now - *decreased_at_ < decrease_interval + round_trip)) return rate;
  decreased_at_ = now;
  return rate * (1 - loss / 2);
}

}  // namespace parley::media::bandwidth
