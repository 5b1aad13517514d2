#include "tests/support/local_call.hpp"

#include <stdexcept>

#include "sfu/transport/classify.hpp"

namespace parley::test {
namespace {

constexpr std::size_t addresses_of_peer = 8;

std::size_t peer_of(const Address& address) {
  const auto octets = address.octets();
  const std::size_t host = std::size_t{octets[1] - 64u} << 16 | std::size_t{octets[2]} << 8 | octets[3];
  return host / addresses_of_peer;
}

bool is_media(Bytes datagram) { return transport::classify(datagram) == transport::PacketKind::rtp; }

}  // namespace

Address LocalCall::address_of(std::size_t peer, const Address& server) {
  const std::size_t host = addresses_of_peer * peer + 1;
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(host >> shift); };
  return Address::v4({server.octets()[0], static_cast<std::uint8_t>(64 + (host >> 16)), octet(8), octet(0)}, client_port);
}

LocalCall::LocalCall(const CallShape& shape, const Address& server)
    : shape_(shape),
      certificate_(transport::Certificate::make()),
      server_(server),
      engine_({{"candidate:1 1 udp 1 " + server.host() + " " + std::to_string(server.port()) + " typ host"}, shape.limits},
              Random::from_number(1)) {
  const std::size_t everybody = shape.publishers + shape.viewers;
  for (std::size_t i = 0; i < everybody; ++i) join(i);
  run(seconds(2));
  for (std::size_t i = shape.meeting ? 0 : shape.publishers; i < everybody; ++i) subscribe(i);
  run(seconds(3));
  if (forwarded() == 0) throw std::runtime_error("the call did not come up");
}

void LocalCall::join(std::size_t index) {
  loadtest::PeerSettings settings;
  settings.address = address_of(index, server_);
  settings.same_port = true;
  settings.profile = shape_.profile;
  settings.verify_one_in = 1;
  if (index < shape_.publishers) settings.tracks = shape_.tracks;
  if (index < shape_.publishers) settings.data = shape_.data;
  if (settings.data) settings.data->publisher = index + 1;
  for (auto& source : settings.tracks) source.publisher = index + 1;
  for (std::size_t i = 0; i < settings.tracks.size(); ++i) settings.tracks[i].track = static_cast<std::uint32_t>(i);
  peers_.push_back(std::make_unique<loadtest::Peer>(certificate_, *cipher_, settings, Random::from_number(index + 2)));
  offers_.push_back(0);
  tell(control::AddParticipant{RoomId{1}, ParticipantId{index + 1}, "cname-" + std::to_string(index)});
  if (index < shape_.publishers) peers_[index]->start(now_, from_peer_);
  collect(index);
}

std::size_t LocalCall::add_viewer() {
  const std::size_t index = peers_.size();
  join(index);
  subscribe(index);
  return index;
}

void LocalCall::subscribe(std::size_t index) {
  for (std::size_t publisher = 0; publisher < shape_.publishers; ++publisher) {
    if (publisher == index) continue;
    for (std::size_t number = 0; number < shape_.tracks.size(); ++number)
      tell(control::Subscribe{ParticipantId{index + 1}, track(publisher, number)});
  }
}

void LocalCall::run(Duration length, Meter& meter) {
  for (const Time end = now_ + length; now_ < end; now_ += milliseconds(1)) step(meter);
}

/// One turn of a worker's loop: everything that has arrived, then everything that is due.
void LocalCall::step(Meter& meter) {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i]->wakeup() > now_) continue;
    peers_[i]->advance(now_, from_peer_);
    collect(i);
  }
  meter.begin();
  for (const auto& entry : to_engine_.entries())
    engine_.receive(now_, entry.path, MutableBytes(*entry.slot).first(entry.size), out_);
  meter.end();
  to_engine_.clear();
  flush_engine(meter);
  deliver();
}

void LocalCall::flush_engine(Meter& meter) {
  do {
    meter.begin();
    if (engine_.wakeup() <= now_) engine_.advance(now_, out_);
    meter.leave(out_.outbox.datagrams);
    meter.end();
    for (const auto& entry : out_.outbox.datagrams.entries()) {
      const bool media = is_media(entry.bytes());
      if (media) octets_ += entry.size;
      if (!media || shape_.deliver_media) to_peers_.add(entry.path, entry.bytes());
    }
    out_.outbox.datagrams.clear();
  } while (engine_.wakeup() <= now_);
}

void LocalCall::deliver() {
  for (const auto& entry : to_peers_.entries()) {
    const auto index = peer_of(entry.path.remote);
    const Path path{Protocol::udp, entry.path.remote, server_};
    peers_[index]->receive(now_, path, MutableBytes(*entry.slot).first(entry.size), from_peer_);
    collect(index);
  }
  to_peers_.clear();
  for (const auto& message : std::exchange(out_.events, {})) {
    handle(message.event);
    events_.push_back(message);
  }
}

/// What the peer has sent reaches the Engine in the next step.
void LocalCall::collect(std::size_t index) {
  for (const auto& entry : from_peer_.outbox.datagrams.entries())
    to_engine_.add({Protocol::udp, server_, entry.path.local}, entry.bytes());
  from_peer_.outbox.datagrams.clear();
  for (const auto& signal : std::exchange(from_peer_.signals, {})) handle(index, signal);
}

void LocalCall::tell(control::Command command) { engine_.receive(now_, control::CommandMessage{{}, std::move(command)}, out_); }

void LocalCall::handle(std::size_t index, const loadtest::ToServer& signal) {
  const ParticipantId participant{index + 1};
  if (const auto* offer = std::get_if<loadtest::PublishOffer>(&signal)) {
    offers_[index] = offer->number;
    control::Publish publish{participant, offer->sdp, {}, {}, offer->replace};
    for (std::size_t number = 0; number < offer->tracks.size(); ++number)
      publish.tracks.push_back({offer->tracks[number].mid, track(index, number)});
    tell(std::move(publish));
  } else if (const auto* answer = std::get_if<loadtest::SubscribeAnswer>(&signal)) {
    tell(control::AcceptAnswer{participant, answer->revision, answer->sdp});
  }
}

void LocalCall::handle(const control::Event& event) {
  if (const auto* published = std::get_if<control::Published>(&event)) {
    const auto index = published->participant.value - 1;
    peers_[index]->receive(now_, loadtest::PublishAnswer{offers_[index], published->answer}, from_peer_);
    collect(index);
  } else if (const auto* offered = std::get_if<control::Offered>(&event)) {
    loadtest::SubscribeOffer offer{.revision = offered->revision, .sdp = offered->offer, .tracks = {}, .replace = false};
    for (const auto& section : offered->tracks) offer.tracks.push_back({section.mid, section.track});
    const auto index = offered->participant.value - 1;
    peers_[index]->receive(now_, offer, from_peer_);
    collect(index);
  }
}

}  // namespace parley::test
