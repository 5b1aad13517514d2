#include "sfu/media/allocator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "sfu/base/stack_memory.hpp"

namespace parley::media {
namespace {

constexpr std::uint64_t percent = 100;

/// The best that is offered now and is no more than `quality`.
std::uint64_t rate_of(const Demand& demand, const Quality& quality) {
  std::uint64_t rate = 0;
  for (const auto& offered : useful_qualities(demand))
    if (offered.quality <= quality) rate = offered.bits_per_second;
  return rate;
}

std::optional<Quality> lowest_of(const Demand& demand) {
  const auto useful = useful_qualities(demand);
  return useful.empty() ? std::nullopt : std::optional(useful.front().quality);
}

/// What costs no less than something better is of no use.
OfferedQualities without_needless(std::span<const OfferedQuality> offered) {
  OfferedQualities result;
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (auto it = offered.rbegin(); it != offered.rend(); ++it) {
    if (it->bits_per_second >= least) continue;
    least = it->bits_per_second;
    result.push_back(*it);
  }
  std::ranges::reverse(result);
  return result;
}

}  // namespace

const std::vector<Grant>& Allocator::allocate(Time now, std::uint64_t estimate, std::span<const Demand> measured,
                                              bool beginning) {
  StackMemory<std::size_t{24} << 10> memory;  // for a meeting of 25
  std::pmr::vector<OfferedQualities> smoothed(memory.resource()), useful(memory.resource());
  std::pmr::vector<Demand> demands(measured.begin(), measured.end(), memory.resource());
  std::pmr::vector<Terms> agreed(memory.resource());
  smoothed.reserve(measured.size());
  useful.reserve(measured.size());
  agreed.reserve(measured.size());
  for (const auto& demand : measured) {
    smoothed.push_back(smooth(now, demand));
    // By the smoothed rates: when an encoder has overshot it leaves out pictures, and its best layer seems cheapest for a second.
    useful.push_back(without_needless(smoothed.back()));
  }
  for (std::size_t i = 0; i < demands.size(); ++i) demands[i].offered = useful[i];
  const auto certain = beginning ? Certain::everybody : is_patient(now, estimate, demands) ? Certain::shown : Certain::nobody;
  estimate = std::max(estimate, lowest_rate(demands, certain));
  floor_.add(now, estimate);
  judge_upgrade(now, estimate, fits(estimate, demands));
  terms(now, demands, certain, agreed);
  media::allocate(estimate, demands, agreed, grants_);
  remember(now, estimate, demands, smoothed);
  return grants_;
}

const Allocator::Memory* Allocator::recall(TrackId track) const {
  const auto found = std::ranges::find(memories_, track, &Memory::track);
  return found == memories_.end() ? nullptr : &*found;
}

bool Allocator::is_certain(const Demand& demand, Certain certain) const {
  if (certain != Certain::shown) return certain == Certain::everybody;
  const auto* memory = recall(demand.track);
  return memory && memory->quality;
}

std::uint64_t Allocator::lowest_rate(std::span<const Demand> demands, Certain certain) const {
  std::uint64_t sum = 0;
  for (const auto& demand : demands)
    if (const auto lowest = lowest_of(demand); lowest && is_certain(demand, certain)) sum += rate_of(demand, *lowest);
  return sum;
}

bool Allocator::is_patient(Time now, std::uint64_t estimate, std::span<const Demand> demands) {
  if (lowest_rate(demands, Certain::shown) <= estimate) {
    short_since_.reset();
    return false;
  }
  if (!short_since_) short_since_ = now;
  return now - *short_since_ < settings_.patience;
}

OfferedQualities Allocator::smooth(Time now, const Demand& demand) const {
  OfferedQualities result(demand.offered.begin(), demand.offered.end());
  const auto* memory = recall(demand.track);
  if (!memory) return result;
  for (auto& offered : result) {
    const auto before = std::ranges::find(memory->offered, offered.quality, &OfferedQuality::quality);
    if (before == memory->offered.end()) continue;
    const auto old = static_cast<double>(before->bits_per_second);
    const auto measured = static_cast<double>(offered.bits_per_second);
    const auto passed = std::chrono::duration<double>(now - memory->updated);
    const auto constant = std::chrono::duration<double>(measured > old ? settings_.dearer : settings_.cheaper);
    offered.bits_per_second = static_cast<std::uint64_t>(std::lround(old + (measured - old) * std::min(1.0, passed / constant)));
  }
  return result;
}

bool Allocator::fits(std::uint64_t estimate, std::span<const Demand> demands) const {
  std::uint64_t sum = 0;
  for (const auto& demand : demands) {
    const auto* memory = recall(demand.track);
    if (memory && memory->quality) sum += rate_of(demand, *memory->quality);
  }
  return sum <= estimate;
}

void Allocator::judge_upgrade(Time now, std::uint64_t estimate, bool fits) {
  if (floor_.lowest(now, settings_.steady) * percent >= failed_at_ * settings_.recovered) {
    back_off_ = {};
    held_until_ = Time::min();
  }
  if (!upgrade_) return;
  if (now - upgrade_->at >= settings_.proven_after) {
    upgrade_.reset();
    back_off_ = {};
  } else if (!fits) {
    const bool collapsed = estimate * percent < upgrade_->estimate * settings_.collapse;
    if (!collapsed || now - upgrade_->at < settings_.suspect) {
      back_off_ = std::clamp(2 * back_off_, settings_.shortest_back_off, settings_.longest_back_off);
      held_until_ = now + back_off_;
      failed_at_ = upgrade_->estimate;
    }
    upgrade_.reset();
  }
}

void Allocator::terms(Time now, std::span<const Demand> demands, Certain certain, std::pmr::vector<Terms>& out) const {
  const auto ceiling = [&](Duration window) { return floor_.lowest(now, window) * percent / (percent + settings_.headroom); };
  const auto usual = ceiling(settings_.steady);
  const auto careful = now < held_until_ ? 0 : ceiling(std::max(settings_.steady, back_off_));
  // Whoever sees nothing need not wait for as long as that, once there is plenty.
  const auto ample = floor_.lowest(now, settings_.steady) * percent / (percent + settings_.plenty);
  for (const auto& demand : demands) {
    const auto* memory = recall(demand.track);
    // A new track, or one that is shown larger than before, has failed at nothing yet.
    const bool held_back = memory && memory->limit == Limit::bandwidth;
    auto kept = memory ? memory->quality : std::nullopt;
    // What has only just begun is shown in its lowest quality already: that needs no headroom to go on.
    const bool begins = !memory || memory->offered.empty();
    if (begins || is_certain(demand, certain)) kept = std::max(kept, lowest_of(demand));
    const bool paused = !begins && !memory->quality;
    out.push_back({kept, !held_back ? usual : paused ? std::max(careful, ample) : careful});
  }
}

void Allocator::remember(Time now, std::uint64_t estimate, std::span<const Demand> demands,
                         std::span<const OfferedQualities> smoothed) {
  std::erase_if(memories_,
                [&](const Memory& memory) { return std::ranges::find(demands, memory.track, &Demand::track) == demands.end(); });
  for (std::size_t i = 0; i < grants_.size(); ++i) {
    const auto& grant = grants_[i];
    const auto known = std::ranges::find(memories_, grant.track, &Memory::track);
    auto& memory = known == memories_.end() ? memories_.emplace_back() : *known;
    const auto quality = grant.quality ? std::optional(grant.quality->quality) : std::nullopt;
    if (quality > memory.quality && demands[i].content != Content::audio) upgrade_ = {now, estimate};
    memory = {grant.track, quality, grant.limit, smoothed[i], now};
  }
}

std::uint64_t useful_estimate(std::span<const Grant> grants, const Allocator::Settings& settings) {
  std::uint64_t sum = 0;
  for (const auto& grant : grants) sum += grant.wanted ? grant.wanted->bits_per_second : 0;
  return (sum * (percent + settings.headroom) + percent - 1) / percent;
}

}  // namespace parley::media
