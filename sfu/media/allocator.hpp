#pragma once
// Shares one receiver's estimate out again and again without flapping. Down at once; up only with headroom, and only to what the
// estimate has borne for a while. When an upgrade has failed, "a while" becomes 5 s, then 10, 20, 40 and 60. What a layer costs
// is smoothed, because a key frame makes it dear for a second. A machine whose only state is that memory.

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "sfu/media/allocation.hpp"
#include "sfu/media/estimate_floor.hpp"

namespace parley::media {

class Allocator {
 public:
  struct Settings {
    /// For an upgrade the estimate has to be above what is needed by so much (percent), and for so long.
    std::uint64_t headroom = 15;
    Duration steady = seconds(1);
    /// A paused video comes back at once, whatever has failed before, when the estimate is above what is needed by so much.
    std::uint64_t plenty = 50;
    /// After a failed upgrade, for so long, and twice as long after the next one.
    Duration shortest_back_off = seconds(5);
    Duration longest_back_off = EstimateFloor::longest;
    /// An upgrade has failed when it did not fit for this long. But an estimate that falls below this share (percent) of what it
    /// was at the upgrade has been cut by the network, whatever we did, unless that follows the upgrade closely.
    Duration proven_after = seconds(60);
    std::uint64_t collapse = 50;
    Duration suspect = seconds(5);
    /// And one that has been above this share (percent) of it, for as long as `steady`, belongs to a network of which that
    /// failure says nothing.
    std::uint64_t recovered = 200;
    /// An estimate undershoots when the network gets worse, until the queue is gone. What is shown and does not fit in its lowest
    /// quality is paused only after this.
    Duration patience = seconds(3);
    /// Time constants of what a layer costs. A burst is mostly over before it is believed; the excess of a first key frame is
    /// soon forgotten.
    Duration dearer = seconds(3);
    Duration cheaper = seconds(1);
  };

  Allocator() = default;
  explicit Allocator(const Settings& settings) : settings_(settings) {}

  /// To be called when the estimate, a view or an offer has changed, and some times a second. `estimate` in bits/s; the grants
  /// have the smoothed rates, and are valid until the next call.
  /// `beginning`: nobody knows yet what the network carries, and everything gets its lowest quality whatever that costs.
  const std::vector<Grant>& allocate(Time now, std::uint64_t estimate, std::span<const Demand> demands, bool beginning = false);

  /// Zero when the last upgrade was no failure.
  Duration back_off() const { return back_off_; }

 private:
  struct Memory {
    TrackId track;
    std::optional<Quality> quality;
    Limit limit = Limit::none;
    OfferedQualities offered{};  ///< with smoothed rates
    Time updated{};
  };
  struct Upgrade {
    Time at;
    std::uint64_t estimate = 0;
  };
  /// Who gets the lowest quality whatever the estimate says.
  enum class Certain : std::uint8_t { nobody, shown, everybody };

  const Memory* recall(TrackId track) const;
  bool is_certain(const Demand& demand, Certain certain) const;
  std::uint64_t lowest_rate(std::span<const Demand> demands, Certain certain) const;
  /// The lowest qualities of what is shown do not fit, but perhaps only for a moment.
  bool is_patient(Time now, std::uint64_t estimate, std::span<const Demand> demands);
  OfferedQualities smooth(Time now, const Demand& demand) const;
  /// Whether what was granted before would still fit.
  bool fits(std::uint64_t estimate, std::span<const Demand> demands) const;
  void judge_upgrade(Time now, std::uint64_t estimate, bool fits);
  /// Adds to `out`, in the order of the demands.
  void terms(Time now, std::span<const Demand> demands, Certain certain, std::pmr::vector<Terms>& out) const;
  void remember(Time now, std::uint64_t estimate, std::span<const Demand> demands, std::span<const OfferedQualities> smoothed);

  Settings settings_;
  EstimateFloor floor_;
  std::vector<Memory> memories_;
  std::vector<Grant> grants_;
  std::optional<Upgrade> upgrade_;  ///< the last one, while it may still fail
  std::optional<Time> short_since_;
  Duration back_off_{};
  Time held_until_ = Time::min();  ///< after a failed upgrade
  std::uint64_t failed_at_ = 0;    ///< the estimate that made it seem possible
};

/// What an estimate has to reach so that everything wanted can be granted: more is of no use, and need not be probed for.
std::uint64_t useful_estimate(std::span<const Grant> grants, const Allocator::Settings& settings = {});

}  // namespace parley::media
