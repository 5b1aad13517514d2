#include "sfu/media/allocation.hpp"

#include <algorithm>
#include <cassert>
#include <queue>
#include <tuple>

#include "sfu/base/stack_memory.hpp"

namespace parley::media {
namespace {

/// Of a view whose size nobody has told.
constexpr std::uint64_t usual_pixels = 640 * 360;
/// Whoever has a layer keeps it against others that are as important, unless they are worse served by more than this half.
constexpr std::uint64_t advantage_of_having = 3;
constexpr std::uint64_t without_advantage = 2;

bool within(const Quality& quality, const Quality& maximum) {
  return quality.encoding <= maximum.encoding && quality.spatial <= maximum.spatial && quality.temporal <= maximum.temporal;
}

bool same_size(const OfferedQuality& a, const OfferedQuality& b) { return a.width == b.width && a.height == b.height; }

/// A demand while it is being served.
struct Claim {
  const Demand* demand;
  const Terms* terms;
  OfferedQualities useful;
  std::size_t granted = 0;  ///< of `useful`

  bool wants_more() const { return granted < useful.size(); }
  std::uint64_t now() const { return granted == 0 ? 0 : useful[granted - 1].bits_per_second; }
  const OfferedQuality& next() const { return useful[granted]; }
  bool has_next() const { return terms->kept && next().quality <= *terms->kept; }
  std::uint64_t pixels() const {
    const auto& view = demand->view;
    return view.width == 0 || view.height == 0 ? usual_pixels : std::uint64_t{view.width} * view.height;
  }
};

/// Who is served first: the largest.
struct Turn {
  bool screen = false;  ///< counts only for the lowest layers
  std::uint8_t priority = 0;
  double need = 0;    ///< shown pixels for each bit/s that it has
  std::size_t claim;  ///< the earlier one first

  bool operator<(const Turn& other) const {
    return std::tuple(screen, priority, need, other.claim) < std::tuple(other.screen, other.priority, other.need, claim);
  }
};

class Sharing {
 public:
  Sharing(std::uint64_t estimate, std::span<const Demand> demands, std::span<const Terms> terms) : estimate_(estimate) {
    assert(demands.size() == terms.size());
    claims_.reserve(demands.size());
    for (std::size_t i = 0; i < demands.size(); ++i) claims_.push_back({&demands[i], &terms[i], useful_qualities(demands[i])});
  }

  void run(std::vector<Grant>& grants) {
    for (auto& claim : claims_)
      if (claim.demand->content == Content::audio && claim.wants_more()) take(claim);
    serve_lowest();
    serve_upwards();
    grants.clear();
    for (const auto& claim : claims_) grants.push_back(grant(claim));
  }

 private:
  Turn turn(std::size_t index, bool lowest) const {
    const Claim& claim = claims_[index];
    const auto weight = claim.has_next() ? advantage_of_having : without_advantage;
    const auto need = static_cast<double>(claim.pixels() * weight) / static_cast<double>(std::max<std::uint64_t>(claim.now(), 1));
    return {lowest && claim.demand->content == Content::screen, claim.demand->view.priority, need, index};
  }

  void serve_lowest() {
    std::pmr::vector<Turn> turns(memory_.resource());
    turns.reserve(claims_.size());
    for (std::size_t i = 0; i < claims_.size(); ++i)
      if (claims_[i].demand->content != Content::audio && claims_[i].wants_more()) turns.push_back(turn(i, true));
    std::ranges::sort(turns, [](const Turn& a, const Turn& b) { return b < a; });
    for (const Turn& one : turns)
      if (fits(claims_[one.claim])) take(claims_[one.claim]);
  }

  void serve_upwards() {
    std::pmr::vector<Turn> places(memory_.resource());
    places.reserve(claims_.size());
    std::priority_queue turns(std::less<Turn>(), std::move(places));
    const auto add = [&](std::size_t index) {
      if (claims_[index].granted > 0 && claims_[index].wants_more()) turns.push(turn(index, false));
    };
    for (std::size_t i = 0; i < claims_.size(); ++i) add(i);
    while (!turns.empty()) {
      const auto index = turns.top().claim;
      turns.pop();
      if (!fits(claims_[index])) continue;  // smaller steps of others may still fit
      take(claims_[index]);
      add(index);
    }
  }

  bool fits(const Claim& claim) const {
    const auto limit = claim.has_next() ? estimate_ : std::min(claim.terms->ceiling, estimate_);
    return sum_ - claim.now() + claim.next().bits_per_second <= limit;
  }

  void take(Claim& claim) {
    sum_ = sum_ - claim.now() + claim.next().bits_per_second;
    ++claim.granted;
  }

  static Grant grant(const Claim& claim) {
    const Demand& demand = *claim.demand;
    Grant grant{.track = demand.track, .quality = {}, .wanted = {}};
    if (claim.granted > 0) grant.quality = claim.useful[claim.granted - 1];
    if (!claim.useful.empty()) grant.wanted = claim.useful.back();
    if (!demand.permitted)
      grant.limit = Limit::policy;
    else if (demand.content != Content::audio && !demand.view.visible)
      grant.limit = Limit::viewport;
    else if (demand.offered.empty())
      grant.limit = demand.content == Content::audio ? Limit::none : Limit::publisher;
    else if (claim.wants_more())
      grant.limit = Limit::bandwidth;
    else
      grant.limit = claim.useful.size() < demand.offered.size() ? Limit::viewport : demand.missing;
    return grant;
  }

  std::uint64_t estimate_;
  std::uint64_t sum_ = 0;
  StackMemory<std::size_t{16} << 10> memory_;  // for a meeting of 25
  std::pmr::vector<Claim> claims_{memory_.resource()};
};

}  // namespace

bool covers(std::uint16_t width, std::uint16_t height, const View& view) {
  // A picture is shown whole, so that one side decides.
  if (view.width == 0 || view.height == 0 || width == 0) return false;
  return width >= view.width || height >= view.height;
}

OfferedQualities useful_qualities(const Demand& demand) {
  OfferedQualities useful;
  if (!demand.permitted) return useful;
  if (demand.content == Content::audio) return {demand.offered.begin(), demand.offered.end()};
  if (!demand.view.visible) return useful;
  for (const auto& offered : demand.offered) {
    if (demand.view.maximum && !within(offered.quality, *demand.view.maximum)) continue;
    if (!useful.empty() && covers(useful.back().width, useful.back().height, demand.view) && !same_size(useful.back(), offered))
      break;
    useful.push_back(offered);
  }
  return useful;
}

void allocate(std::uint64_t estimate, std::span<const Demand> demands, std::span<const Terms> terms, std::vector<Grant>& grants) {
  Sharing(estimate, demands, terms).run(grants);
}

}  // namespace parley::media
