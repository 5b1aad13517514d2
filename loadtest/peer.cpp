#include "loadtest/peer.hpp"

#include <algorithm>
#include <map>

namespace parley::loadtest {

Peer::Peer(const transport::Certificate& certificate, transport::Cipher& cipher, PeerSettings settings, Random random)
    : certificate_(&certificate),
      cipher_(&cipher),
      settings_(std::move(settings)),
      random_(std::move(random)),
      ports_{settings_.address, settings_.same_port} {
  if (settings_.data) data_.emplace(*settings_.data);
}

void Peer::start(Time now, PeerOutput& out) {
  if (publishes() || plays()) offer(now, true, out);
}

void Peer::offer(Time now, bool replace, PeerOutput& out) {
  if (plays())
    play(now, out);
  else
    publish(replace, out);
}

void Peer::play(Time now, PeerOutput& out) {
  make_subscriber(now);
  const auto session = subscriber_->make_play_offer(settings_.plays);
  unanswered_ = PublishOffer{.number = ++offers_, .sdp = sdp::write(session), .tracks = {}, .replace = true};
  retry_offer_ = never;
  out.signals.push_back(*unanswered_);
}

void Peer::make_subscriber(Time now) {
  forget_subscriber(now);
  subscriber_ = std::make_unique<Subscriber>(*certificate_, *cipher_, ports_, Random::from_number(random_.next()),
                                             Scrutiny{settings_.verify_one_in, settings_.content});
  subscriber_->connection().insist_on(settings_.profile);
}

void Peer::publish(bool replace, PeerOutput& out) {
  if (replace) {
    publishing_since_ = publishing_since();
    publisher_ = std::make_unique<Publisher>(*certificate_, *cipher_, ports_, settings_.tracks, settings_.data.has_value(),
                                             settings_.cname, Random::from_number(random_.next()));
    publisher_->connection().insist_on(settings_.profile);
  }
  PublishOffer offer{.number = ++offers_, .sdp = sdp::write(publisher_->make_offer()), .tracks = {}, .replace = replace};
  for (const auto& track : publisher_->tracks()) offer.tracks.push_back({track.mid(), track.source().settings().kind});
  retry_offer_ = never;
  unanswered_ = offer;
  out.signals.push_back(std::move(offer));
}

void Peer::receive(Time now, const Path& path, MutableBytes datagram, PeerOutput& out) {
  const transport::Cipher::Turn turn(*cipher_);
  if (publisher_ && publisher_->connection().local() == path.local) {
    publisher_->receive(now, path, datagram, out.outbox);
    if (data_) data_->advance(now, publisher_->connection(), out.outbox);
  } else if (subscriber_ && subscriber_->connection().local() == path.local) {
    subscriber_->receive(now, path, datagram, out.outbox);
  } else {
    out.outbox.drops.add(DropReason::unknown_path);
  }
}

void Peer::receive(Time now, const FromServer& message, PeerOutput& out) {
  const transport::Cipher::Turn turn(*cipher_);
  std::visit([&](const auto& content) { handle(now, content, out); }, message);
}

void Peer::handle(Time now, const PublishAnswer& answer, PeerOutput&) {
  if (!unanswered_ || answer.number != unanswered_->number) return;
  unanswered_.reset();
  const auto session = sdp::parse(answer.sdp);
  const bool accepted = session && (plays() ? subscriber_->accept(now, *session) : publisher_->accept(now, *session));
  if (!accepted) retry_offer_ = now + retry_interval;
}

void Peer::handle(Time now, const PublishRefused& refused, PeerOutput&) {
  if (!unanswered_ || refused.number != unanswered_->number) return;
  unanswered_.reset();
  retry_offer_ = now + retry_interval;
}

void Peer::handle(Time now, const SubscribeOffer& offer, PeerOutput& out) {
  const auto session = sdp::parse(offer.sdp);
  if (!session) return;
  if (!subscriber_ || offer.replace) make_subscriber(now);
  std::map<std::string, TrackId> tracks;
  for (const auto& section : offer.tracks) tracks.emplace(section.mid, section.track);
  const auto answer = subscriber_->answer(now, *session, tracks);
  if (answer) out.signals.push_back(SubscribeAnswer{offer.revision, sdp::write(*answer)});
}

void Peer::handle(Time now, const Moved&, PeerOutput& out) {
  forget_subscriber(now);
  if (publisher_ || plays()) offer(now, true, out);
}

void Peer::handle(Time, const Resumed&, PeerOutput& out) {
  if (unanswered_) out.signals.push_back(*unanswered_);
}

void Peer::advance(Time now, PeerOutput& out) {
  const transport::Cipher::Turn turn(*cipher_);
  if (retry_offer_ <= now) offer(now, true, out);
  if (publisher_) {
    publisher_->advance(now, out.outbox);
    if (data_) data_->advance(now, publisher_->connection(), out.outbox);
    auto replace = unanswered_ ? std::nullopt : needs_repair(now, publisher_->connection(), publisher_repair_);
    if (data_ && !unanswered_ && data_->take_broken()) replace = true;
    if (replace && !*replace) publisher_->connection().renew_credentials();
    if (replace) publish(*replace, out);
  }
  if (subscriber_) {
    subscriber_->advance(now, out.outbox);
    const auto replace = needs_repair(now, subscriber_->connection(), subscriber_repair_);
    if (replace && plays()) play(now, out);
    if (replace && !plays()) out.signals.push_back(AskForOffer{*replace});
  }
}

std::optional<bool> Peer::needs_repair(Time now, const Connection& connection, Repair& repair) const {
  using State = Connection::State;
  const State state = connection.state();
  if (state == State::connected) repair.attempts = 0;
  if (state != State::disconnected && state != State::failed) return std::nullopt;
  if (now < repair.allowed) return std::nullopt;
  repair.allowed = now + repair_interval;
  return ++repair.attempts > restarts_before_replacement || state == State::failed;
}

Time Peer::repair_wakeup(const Connection& connection, const Repair& repair) const {
  using State = Connection::State;
  const State state = connection.state();
  return state == State::disconnected || state == State::failed ? repair.allowed : never;
}

Time Peer::wakeup() const {
  Time wakeup = retry_offer_;
  if (publisher_) {
    wakeup = std::min({wakeup, publisher_->wakeup(), data_ ? data_->wakeup() : never});
    if (!unanswered_) wakeup = std::min(wakeup, repair_wakeup(publisher_->connection(), publisher_repair_));
  }
  if (subscriber_)
    wakeup = std::min({wakeup, subscriber_->wakeup(), repair_wakeup(subscriber_->connection(), subscriber_repair_)});
  return wakeup;
}

void Peer::move(Time now, Address address) {
  ports_.next = address.with_port(ports_.next.port());
  if (publisher_) publisher_->connection().move(now);
  if (subscriber_) subscriber_->connection().move(now);
}

void Peer::restart_ice(PeerOutput& out) {
  if (publisher_ && !unanswered_) {
    publisher_->connection().renew_credentials();
    publish(false, out);
  }
  if (subscriber_ && !plays()) out.signals.push_back(AskForOffer{false});
}

void Peer::leave(Time now, PeerOutput& out) {
  const transport::Cipher::Turn turn(*cipher_);
  if (publisher_) publisher_->connection().close(now, out.outbox);
  if (subscriber_) subscriber_->connection().close(now, out.outbox);
  publishing_since_ = publishing_since();
  publisher_.reset();
  unanswered_.reset();  // an answer that is still on its way answers nothing now
  retry_offer_ = never;
  forget_subscriber(now);
}

void Peer::forget_subscriber(Time now) {
  if (!subscriber_) return;
  receiving_since_ = receiving_since();
  subscriber_->add_quality(now, past_);
  subscriber_.reset();
}

void Peer::add_quality(Time now, Quality& sum) const {
  sum += past_;
  if (subscriber_) subscriber_->add_quality(now, sum);
}

Quality Peer::quality(Time now) const {
  Quality sum;
  add_quality(now, sum);
  return sum;
}

std::size_t Peer::tracks_shown() const {
  if (!subscriber_) return 0;
  const auto shown = [](const auto& entry) { return entry.second.quality().first_frame.has_value(); };
  return static_cast<std::size_t>(std::ranges::count_if(subscriber_->tracks(), shown));
}

std::optional<Time> Peer::publishing_since() const {
  if (publishing_since_ || !publisher_) return publishing_since_;
  return publisher_->connection().connected_at();
}

std::optional<Time> Peer::receiving_since() const {
  if (receiving_since_ || !subscriber_) return receiving_since_;
  return subscriber_->connection().connected_at();
}

}  // namespace parley::loadtest
