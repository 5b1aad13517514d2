#include "loadtest/link.hpp"

#include <algorithm>

namespace parley::loadtest {

namespace {

Duration transmission_time(std::size_t bytes, std::uint64_t bits_per_second) {
  return Duration(static_cast<std::int64_t>(std::uint64_t{bytes} * 8 * 1'000'000'000 / bits_per_second));
}

}  // namespace

void Link::receive(Time now, const Path& path, Bytes datagram) {
  counters_.add(LinkEvent::taken);
  if (loses()) return;
  const Time sent = leaves_queue(now, datagram.size());
  if (sent == never) return counters_.add(LinkEvent::queue_full);

  put(arrival(sent), path, datagram);
  if (happens(conditions_.duplication)) {
    counters_.add(LinkEvent::duplicated);
    put(arrival(sent), path, datagram);
  }
}

void Link::advance(Time now, DatagramBatch& out) {
  while (wakeup() <= now) {
    const auto first = under_way_.begin();
    out.add(first->second.path, first->second.bytes);
    counters_.add(LinkEvent::delivered);
    under_way_.erase(first);
  }
}

bool Link::loses() {
  if (conditions_.partitioned) {
    counters_.add(LinkEvent::partitioned);
    return true;
  }
  // A burst ends before each datagram with probability 1/length, so that its mean length is `length`.
  if (in_burst_) in_burst_ = !happens(1 / std::max(conditions_.burst_length, 1.0));
  if (!in_burst_) in_burst_ = happens(conditions_.burst_loss);
  if (in_burst_) {
    counters_.add(LinkEvent::lost_in_burst);
    return true;
  }
  if (!happens(conditions_.loss)) return false;
  counters_.add(LinkEvent::lost);
  return true;
}

Time Link::leaves_queue(Time now, std::size_t size) {
  if (under_way_.size() >= maximum_under_way) return never;
  if (conditions_.bits_per_second == 0) return now;
  const Time start = std::max(now, queue_empty_);
  const Duration room = transmission_time(conditions_.queue_bytes, conditions_.bits_per_second);
  const Time end = start + transmission_time(size, conditions_.bits_per_second);
  if (end - now > room) return never;
  queue_empty_ = end;
  return end;
}

Time Link::arrival(Time sent) {
  const auto jitter = Duration(static_cast<std::int64_t>(static_cast<double>(conditions_.jitter.count()) * random_.uniform()));
  const Time arrival = sent + conditions_.delay + jitter;
  if (happens(conditions_.reorder)) return arrival + conditions_.held_back;
  last_arrival_ = std::max(last_arrival_, arrival);
  return last_arrival_;
}

void Link::put(Time arrival, const Path& path, Bytes datagram) {
  under_way_.emplace(std::pair(arrival, order_++), Datagram{path, Buffer(datagram.begin(), datagram.end())});
}

}  // namespace parley::loadtest
