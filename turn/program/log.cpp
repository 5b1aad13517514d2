#include "turn/program/log.hpp"

#include <spdlog/spdlog.h>

namespace parley::turn {
namespace {

const char* transport(const Path& client) { return client.protocol == Protocol::udp ? "UDP" : "TCP"; }

const char* reason(AllocationClosed::Why why) {
  switch (why) {
    case AllocationClosed::Why::deleted:
      return "given back";
    case AllocationClosed::Why::expired:
      return "expired";
    case AllocationClosed::Why::client_gone:
      return "the client has gone";
    case AllocationClosed::Why::relay_failed:
      break;
  }
  return "no port could be had";
}

void log_opened(const AllocationOpened& event) {
  std::string relayed;
  for (const Address& address : event.relayed) relayed += (relayed.empty() ? "" : " and ") + address.text();
  spdlog::info("{} ({}) relays for {} from {}.", relayed, transport(event.client), event.user, event.client.remote.text());
}

void log_closed(const AllocationClosed& event) {
  const auto lived = std::chrono::duration_cast<seconds>(event.lived).count();
  spdlog::info("Relaying ends for {} from {} ({}) after {} s: {}. {} kB to peers, {} kB to the client.", event.user,
               event.client.remote.text(), transport(event.client), lived, reason(event.why), event.bytes_to_peers / 1000,
               event.bytes_to_client / 1000);
}

}  // namespace

void log(const Event& event) {
  if (const auto* opened = std::get_if<AllocationOpened>(&event)) log_opened(*opened);
  if (const auto* closed = std::get_if<AllocationClosed>(&event)) log_closed(*closed);
}

void log(net::ServerTls::Change change) {
  if (change == net::ServerTls::Change::read) spdlog::info("The certificate has changed and is used from now on.");
  if (change == net::ServerTls::Change::unreadable)
    spdlog::warn("The certificate has changed, and cannot be read or does not fit its key: the one before it is used on.");
}

void log_end(std::uint64_t allocations) {
  if (allocations > 0) spdlog::info("Stopped: {} that still relayed were broken off.", allocations);
}

}  // namespace parley::turn
