#include "turn/program/fast_paths.hpp"

#include <algorithm>
#include <utility>

#include "sfu/net/udp_collector.hpp"

namespace parley::turn {
namespace {

/// How often the server is told and asked: a limit on bandwidth lets a twentieth of a second's worth pass at once.
constexpr Duration interval = milliseconds(20);
/// Longer than a busy worker takes to come by again.
constexpr Duration lease = milliseconds(500);

Carried since(const net::FastPath::Traffic& before, const net::FastPath::Traffic& now) {
  return {now.packets - before.packets, now.bytes - before.bytes};
}

}  // namespace

FastPaths::~FastPaths() {
  close_if([](net::FastPath&, const Entry&) { return true; });
}

void FastPaths::open(Time now, const OpenFastPath& wanted, Relays& relays, Server& server) {
  const Relays::Entry* const relay = relays.find(wanted.relay);
  const auto is_same = [&](const Entry& one) { return one.relay == wanted.relay && one.peer == wanted.peer; };
  if (!path_ || !relay || std::ranges::any_of(open_, is_same)) return;
  path_->use([&](auto& path) {
    const auto id = path->open({wanted.client, wanted.channel.value, relay->local, relays.inside(wanted.peer)});
    counts_.add(id ? FastPathCount::opened : FastPathCount::not_opened);
    if (!id) return;
    net::gather_runs(relay->descriptor(), false);  // or what comes fast together would come as one, here and not there
    if (open_.empty()) next_ = now + interval;
    renew(now, *path, open_.emplace_back(Entry{wanted.relay, wanted.peer, *id, {}}), server);
  });
}

void FastPaths::close(Time now, RelayId relay, Server& server) {
  close_if([&](net::FastPath& path, Entry& one) {
    if (one.relay != relay) return false;
    renew(now, path, one, server);  // the last that it has carried
    return true;
  });
}

void FastPaths::advance(Time now, Server& server) {
  if (now < wakeup()) return;
  next_ = now + interval;
  close_if([&](net::FastPath& path, Entry& one) { return !renew(now, path, one, server); });
}

template <typename Predicate>
void FastPaths::close_if(Predicate predicate) {
  if (open_.empty()) return;
  path_->use([&](auto& path) {
    std::erase_if(open_, [&](Entry& one) {
      const bool ends = predicate(*path, one);
      if (ends) path->close(one.id);
      return ends;
    });
  });
}

bool FastPaths::renew(Time now, net::FastPath& path, Entry& entry, Server& server) {
  const net::FastPath::Totals totals = path.totals(entry.id);
  const net::FastPath::Totals before = std::exchange(entry.told, totals);
  const Carried to_peer = since(before.to_peer, totals.to_peer);
  const Carried to_client = since(before.to_client, totals.to_client);
  counts_.add(FastPathCount::packets, to_peer.packets + to_client.packets);
  counts_.add(FastPathCount::left_to_sockets, totals.passed - before.passed);
  const Time until = server.carried(now, entry.relay, entry.peer, to_peer, to_client);
  if (until > now) path.allow(entry.id, std::min(until - now, lease));
  return until > now;
}

}  // namespace parley::turn
