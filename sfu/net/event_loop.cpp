#include "sfu/net/event_loop.hpp"

#include <algorithm>
#include <utility>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// How often silent TCP connections are looked for.
constexpr Duration sweep_interval = seconds(1);
constexpr const char* port_option = "--media-port";
/// How often the kernel is asked for a port that is free for UDP and for TCP: it chooses for one of the two.
constexpr int port_attempts = 16;

}  // namespace

EventLoop::EventLoop(const Config& config, std::optional<Mailbox> front) : front_(std::move(front)) {
  for (int attempt = 1; !open(config, config.port == 0 && attempt < port_attempts); ++attempt) continue;
  if (front_) poller_.add(front_->descriptor());
  next_sweep_ = clock_.now() + sweep_interval;
}

bool EventLoop::open(const Config& config, bool may_retry) {
  port_ = config.port;
  if (config.transports.udp) {
    udp_.emplace(config.port, port_option);
    port_ = udp_->port();
  }
  if (config.transports.tcp) {
    try {
      tcp_.emplace(port_, config.tcp, port_option, poller_);
    } catch (const SystemError&) {
      if (!may_retry || !udp_) throw;
      return false;
    }
    port_ = tcp_->port();
  }
  if (udp_) poller_.add(udp_->descriptor());
  return true;
}

const Turn& EventLoop::wait(Time until) {
  if (tcp_) {
    tcp_->release();
    until = std::min(until, next_sweep_);
  }
  turn_.datagrams.clear();
  turn_.messages.clear();
  turn_.closed = std::exchange(closed_while_sending_, {});
  const Time before = clock_.now();
  const bool at_once = !turn_.closed.empty() || front_failed_ || until <= before;
  const Duration patience = at_once ? Duration{0} : until == never ? Duration{-1} : until - before;
  const auto ready = poller_.wait(patience);
  turn_.now = clock_.now();
  for (const auto& one : ready) handle(one);
  if (tcp_ && turn_.now >= next_sweep_) {
    tcp_->advance(turn_.now, turn_.closed);
    next_sweep_ = turn_.now + sweep_interval;
  }
  turn_.front_gone = front_failed_;
  return turn_;
}

void EventLoop::handle(const Poller::Readiness& ready) {
  if (udp_ && ready.descriptor == udp_->descriptor()) {
    const auto datagrams = udp_->receive_batch(drops_);
    turn_.datagrams.insert(turn_.datagrams.end(), datagrams.begin(), datagrams.end());
  } else if (front_ && ready.descriptor == front_->descriptor()) {
    if (ready.readable && !front_->receive(turn_.messages)) front_failed_ = true;
    if (ready.writable && !front_->flush()) front_failed_ = true;
    poller_.want_output(front_->descriptor(), front_->wants_output());
  } else if (tcp_) {
    tcp_->handle(turn_.now, ready, poller_, turn_.datagrams, turn_.closed, drops_);
  }
}

void EventLoop::send(const DatagramBatch& batch) {
  if (udp_) udp_->send_batch(batch, drops_);
  for (const auto& entry : batch.entries()) {
    if (entry.path.protocol == Protocol::tcp && tcp_)
      tcp_->push(entry.path, entry.bytes(), drops_);
    else if (entry.path.protocol == Protocol::tcp || !udp_)
      drops_.add(DropReason::send_no_path);
  }
  if (tcp_) tcp_->flush(poller_, closed_while_sending_);
}

void EventLoop::close(const Path& path) {
  if (tcp_) tcp_->close(path);
}

void EventLoop::post(std::string_view message) {
  if (!front_) return;
  if (!front_->send(message)) front_failed_ = true;
  if (front_->wants_output()) poller_.want_output(front_->descriptor(), true);
}

}  // namespace parley::net
