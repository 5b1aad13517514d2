#include "loadtest/member.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parley::loadtest {
namespace {

std::optional<Link> make_link(const std::optional<Conditions>& conditions, Random& random) {
  if (!conditions) return std::nullopt;
  return Link(*conditions, Random::from_number(random.next()));
}

}  // namespace

Member::Member(const transport::Certificate& certificate, transport::Cipher& cipher, Settings settings,
               std::unique_ptr<Signaling> signaling, Random random)
    : signaling_(std::move(signaling)),
      peer_(certificate, cipher, settings.peer, Random::from_number(random.next())),
      publishes_(!settings.peer.tracks.empty() || settings.peer.data),
      up_(make_link(settings.up, random)),
      down_(make_link(settings.down, random)) {}

void Member::start(Time now, MemberOutput& out) {
  started_ = now;
  signaling_->start(now, said_);
  settle(now, out);
}

void Member::receive(Time now, const Path& path, MutableBytes datagram, MemberOutput& out) {
  if (down_)
    down_->receive(now, path, datagram);
  else
    peer_.receive(now, path, datagram, peer_output(out));
  settle(now, out);
}

void Member::receive(Time now, const FromWeb& event, MemberOutput& out) {
  signaling_->receive(now, event, said_);
  settle(now, out);
}

void Member::advance(Time now, MemberOutput& out) {
  signaling_->advance(now, said_);
  peer_.advance(now, peer_output(out));
  settle(now, out);
}

Time Member::wakeup() const {
  Time wakeup = std::min(peer_.wakeup(), signaling_->wakeup());
  if (up_) wakeup = std::min(wakeup, up_->wakeup());
  if (down_) wakeup = std::min(wakeup, down_->wakeup());
  if (state_ == State::joining) wakeup = std::min(wakeup, started_ + join_deadline);
  return wakeup;
}

void Member::leave(Time now, MemberOutput& out) {
  peer_.leave(now, out.peer);
  out.peer.signals.clear();
  signaling_->leave(now, said_);
  std::ranges::move(said_.web, std::back_inserter(out.web));
  said_ = {};
  if (state_ != State::failed) state_ = State::left;
}

void Member::settle(Time now, MemberOutput& out) {
  if (down_) cross_downlink(now, out);
  if (!publishing_ && signaling_->state() == Signaling::State::inside) {
    publishing_ = true;
    peer_.start(now, peer_output(out));
  }
  converse(now, out);
  if (up_) cross_uplink(now, out);
  judge(now);
}

void Member::converse(Time now, MemberOutput& out) {
  PeerOutput& peer = peer_output(out);
  while (!peer.signals.empty() || !said_.peer.empty()) {
    for (const ToServer& signal : std::exchange(peer.signals, {})) signaling_->receive(now, signal, said_);
    for (const FromServer& message : std::exchange(said_.peer, {})) peer_.receive(now, message, peer);
  }
  std::ranges::move(said_.web, std::back_inserter(out.web));
  said_.web.clear();
}

void Member::cross_uplink(Time now, MemberOutput& out) {
  for (const auto& entry : sent_.outbox.datagrams.entries()) up_->receive(now, entry.path, entry.bytes());
  sent_.outbox.datagrams.clear();
  out.peer.outbox.drops += std::exchange(sent_.outbox.drops, {});
  up_->advance(now, out.peer.outbox.datagrams);
}

void Member::cross_downlink(Time now, MemberOutput& out) {
  arrived_.clear();
  down_->advance(now, arrived_);
  for (const auto& entry : arrived_.entries())
    peer_.receive(now, entry.path, MutableBytes(*entry.slot).first(entry.size), peer_output(out));
}

void Member::judge(Time now) {
  if (state_ != State::joining && state_ != State::connected) return;
  if (signaling_->state() == Signaling::State::ended) return fail(signaling_->reason());
  if (state_ == State::connected) return;
  const auto ready = publishes_ ? peer_.publishing_since() : peer_.receiving_since();
  if (ready) {
    state_ = State::connected;
    connected_since_ = now;
  } else if (now - started_ >= join_deadline) {
    fail(what_is_missing());
  }
}

void Member::fail(std::string reason) {
  state_ = State::failed;
  reason_ = std::move(reason);
}

std::string Member::what_is_missing() const {
  if (signaling_->state() == Signaling::State::outside) return "the server has not let it in within 20 s";
  if (publishes_) return "its publishing connection was not ready within 20 s";
  return peer_.subscriber() ? "its receiving connection was not ready within 20 s"
                            : "the server offered nothing to receive within 20 s";
}

}  // namespace parley::loadtest
