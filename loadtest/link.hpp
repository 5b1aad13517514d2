#pragma once
// One direction of a network link, as a machine: datagrams go in, and come out late, out of order, twice or never, as its
// conditions say. It runs in the simulator under virtual time, and in the programs parley-loadtest and parley-link under the real
// clock: the same code.
//
//   datagram ── partition? lost? ──▶ queue (drop-tail, drained at the link's rate) ──▶ delay + jitter ──▶ out
//
// What it leaves out: ECN, MTU, fragmentation, cross traffic.

#include <cstdint>
#include <map>
#include <utility>

#include "sfu/base/address.hpp"
#include "sfu/base/counters.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/random.hpp"
#include "sfu/base/time.hpp"

namespace parley::loadtest {

/// How a link treats datagrams. The default is a perfect cable. Probabilities are for each datagram, from 0 to 1.
struct Conditions {
  Duration delay{};                       ///< one way
  Duration jitter{};                      ///< up to so much more, uniformly; it never changes the order
  double loss = 0;                        ///< each datagram by itself
  double burst_loss = 0;                  ///< that a datagram begins a burst in which everything is lost
  double burst_length = 5;                ///< mean number of datagrams in a burst (Gilbert's model: geometric)
  double duplication = 0;                 ///< that a second copy arrives
  double reorder = 0;                     ///< that a datagram is held back, so that later ones overtake it
  Duration held_back = milliseconds(20);  ///< for how long
  std::uint64_t bits_per_second = 0;      ///< 0: as fast as you like
  std::size_t queue_bytes = 64 * 1024;    ///< what waits for the rate; a datagram that does not fit is dropped
  bool partitioned = false;               ///< nothing gets in; what is under way still arrives
};

enum class LinkEvent : std::uint8_t { taken, duplicated, delivered, lost, lost_in_burst, queue_full, partitioned, count_ };

class Link {
 public:
  /// Datagrams under way at most, as a guard for the memory: a second of 100 Mb/s in 1200-byte datagrams.
  static constexpr std::size_t maximum_under_way = 10'000;

  Link(const Conditions& conditions, Random random) : conditions_(conditions), random_(std::move(random)) {}

  /// From now on; what is under way keeps the arrival times that it has.
  void set_conditions(const Conditions& conditions) { conditions_ = conditions; }
  const Conditions& conditions() const { return conditions_; }

  void receive(Time now, const Path& path, Bytes datagram);
  /// Appends to `out` whatever has arrived, in the order of arrival.
  void advance(Time now, DatagramBatch& out);
  Time wakeup() const { return under_way_.empty() ? never : under_way_.begin()->first.first; }

  /// taken + duplicated == delivered + all kinds of loss + under_way().
  const Counters<LinkEvent>& counters() const { return counters_; }
  std::size_t under_way() const { return under_way_.size(); }

 private:
  struct Datagram {
    Path path;
    Buffer bytes;
  };

  bool happens(double probability) { return probability > 0 && random_.uniform() < probability; }
  /// Whether the datagram is lost before it reaches the queue; the reason is counted.
  bool loses();
  /// When a datagram that comes now has left the queue, or `never` when it does not fit in.
  Time leaves_queue(Time now, std::size_t size);
  Time arrival(Time sent);
  void put(Time arrival, const Path& path, Bytes datagram);

  Conditions conditions_;
  Random random_;
  bool in_burst_ = false;
  Time queue_empty_{};   ///< when the last queued datagram will have been sent
  Time last_arrival_{};  ///< of those that were not held back: jitter must not make one overtake another
  std::uint64_t order_ = 0;
  std::map<std::pair<Time, std::uint64_t>, Datagram> under_way_;
  Counters<LinkEvent> counters_;
};

}  // namespace parley::loadtest
