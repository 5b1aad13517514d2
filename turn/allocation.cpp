#include "turn/allocation.hpp"

#include <algorithm>

namespace parley::turn {

namespace {

bool same_host(const Address& left, const Address& right) {
  return left.is_v4() == right.is_v4() && std::ranges::equal(left.octets(), right.octets());
}

/// Room for one more, if need be in the place of what has expired.
template <typename Entry>
Entry* add(Time now, std::vector<Entry>& entries, std::size_t limit) {
  if (entries.size() >= limit) std::erase_if(entries, [now](const Entry& entry) { return entry.expires <= now; });
  return entries.size() < limit ? &entries.emplace_back() : nullptr;
}

}  // namespace

const Permission* Allocation::permission(Time now, const Address& host) const {
  for (const Permission& permission : permissions_)
    if (same_host(permission.host, host)) return now < permission.expires ? &permission : nullptr;
  return nullptr;
}

const Channel* Allocation::channel(Time now, ChannelNumber number) const {
  for (const Channel& channel : channels_)
    if (channel.number == number && now < channel.expires) return &channel;
  return nullptr;
}

const Channel* Allocation::channel(Time now, const Address& peer) const {
  for (const Channel& channel : channels_)
    if (channel.peer == peer && now < channel.expires) return &channel;
  return nullptr;
}

bool Allocation::permit(Time now, const Address& host, bool all_ports, std::size_t limit) {
  const auto known = std::ranges::find_if(permissions_, [&](const Permission& entry) { return same_host(entry.host, host); });
  Permission* const entry = known != permissions_.end() ? &*known : add(now, permissions_, limit);
  if (!entry) return false;
  *entry = {host.with_port(0), all_ports, now + permission_lifetime};
  return true;
}

std::size_t Allocation::count_new(Time now, const std::vector<Address>& hosts) const {
  return static_cast<std::size_t>(std::ranges::count_if(hosts, [&](const Address& host) { return !permission(now, host); }));
}

std::size_t Allocation::count_permissions(Time now) const {
  return static_cast<std::size_t>(std::ranges::count_if(permissions_, [now](const Permission& p) { return now < p.expires; }));
}

bool Allocation::bind(Time now, ChannelNumber number, const Address& peer, std::size_t limit) {
  const auto known = std::ranges::find(channels_, number, &Channel::number);
  Channel* const entry = known != channels_.end() ? &*known : add(now, channels_, limit);
  if (!entry) return false;
  *entry = {number, peer, now + channel_lifetime};
  return true;
}

}  // namespace parley::turn
