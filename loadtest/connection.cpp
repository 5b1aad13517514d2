#include "loadtest/connection.hpp"

#include <sstream>

#include "sfu/transport/classify.hpp"

namespace parley::loadtest {

using transport::Dtls;
using transport::IceClient;
using transport::IceCredentials;
using transport::PacketKind;

namespace {

/// As Chromium has them: RFC 8839 section 5.4 asks for 4 and 22 at least.
IceCredentials make_credentials(Random& random) { return {random.ice_characters(4), random.ice_characters(24)}; }

std::vector<transport::Fingerprint> convert(const std::vector<sdp::Fingerprint>& fingerprints) {
  std::vector<transport::Fingerprint> result;
  for (const auto& fingerprint : fingerprints) result.push_back({fingerprint.algorithm, fingerprint.digest});
  return result;
}

}  // namespace

Address Ports::next_host(const Address& address) {
  Reader reader(address.octets());
  std::array<std::uint8_t, 4> octets;
  Writer(octets).u32(reader.u32() + 1);
  return Address::v4(octets, address.port());
}

Connection::Connection(const transport::Certificate& certificate, transport::Cipher& cipher, Ports& ports, Random random)
    : certificate_(&certificate),
      cipher_(&cipher),
      ports_(&ports),
      random_(std::move(random)),
      ice_(make_credentials(random_), Random::from_number(random_.next())) {}

void Connection::renew_credentials() {
  ice_.set_local(make_credentials(random_));
  restarting_ = true;
}

bool Connection::is_news(const RemoteEnd& remote) const {
  return restarting_ || !remote_ || remote_->ice_ufrag != remote.transport.ice_ufrag ||
         remote_->ice_password != remote.transport.ice_password;
}

void Connection::connect(Time now, const RemoteEnd& remote) {
  if (!is_news(remote)) return;
  // Another fingerprint means another process at the other end: DTLS begins anew, as in Chromium.
  if (remote_ && remote_->fingerprints != remote.transport.fingerprints) {
    dtls_.reset();
    srtp_.reset();
    dtls_started_ = false;
    channels_.reset();
    if (sctp_) enable_channels(*sctp_);
  }
  remote_ = remote.transport;
  restarting_ = false;
  last_heard_ = now;
  local_ = ports_->take();
  ice_.connect(now, *local_, {remote.transport.ice_ufrag, remote.transport.ice_password}, remote.candidates);
  if (!dtls_) dtls_.emplace(*certificate_, Dtls::Role::client, convert(remote.transport.fingerprints), only_);
}

void Connection::move(Time now) {
  if (!local_) return;
  local_ = ports_->take();
  ice_.move(now, *local_);
}

Connection::Received Connection::receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  using Kind = Received::Kind;
  last_heard_ = now;
  silent_ = false;
  switch (transport::classify(datagram)) {
    case PacketKind::stun:
      ice_.receive(now, path, datagram, out);
      drive_dtls(now, out);
      return {};
    case PacketKind::dtls:
      if (!dtls_ || !ice_.selected()) return out.drops.add(DropReason::dtls_before_ice), Received{};
      dtls_->receive(now, *ice_.selected(), datagram, out);
      use_keys(now);
      follow_dtls(now, out);
      return {channels_ && channels_->has_event() ? Kind::data : Kind::nothing, {}};
    case PacketKind::rtp:
    case PacketKind::rtcp: {
      if (!srtp_) return out.drops.add(DropReason::srtp_before_keys), Received{};
      const bool rtcp = transport::classify(datagram) == PacketKind::rtcp;
      const MutableBytes packet = rtcp ? srtp_->unprotect_rtcp(datagram, out.drops) : srtp_->unprotect_rtp(datagram, out.drops);
      if (packet.empty()) return {};
      return {rtcp ? Kind::rtcp : Kind::rtp, packet};
    }
    default:
      out.drops.add(DropReason::unknown_protocol);
      return {};
  }
}

bool Connection::heard(Time now) {
  if (!srtp_) return false;
  last_heard_ = now;
  silent_ = false;
  return true;
}

void Connection::advance(Time now, Outbox& out) {
  ice_.advance(now, out);
  drive_dtls(now, out);
  silent_ = remote_ && now - last_heard_ >= longest_silence;
  if (!channels_) return;
  channels_->advance(now, out.drops);
  flush_channels(out);
}

Time Connection::wakeup() const {
  return std::min({ice_.wakeup(), dtls_ && ice_.selected() ? dtls_->wakeup() : never, channels_ ? channels_->wakeup() : never});
}

void Connection::drive_dtls(Time now, Outbox& out) {
  if (!dtls_ || !ice_.selected()) return;
  if (!dtls_started_) {
    dtls_started_ = true;
    dtls_->start(now, *ice_.selected(), out);
  } else if (dtls_->wakeup() <= now) {
    dtls_->advance(now, *ice_.selected(), out);
  }
  use_keys(now);
}

void Connection::use_keys(Time now) {
  if (srtp_ || !dtls_->keys()) return;
  srtp_.emplace(*cipher_, *dtls_->keys());
  if (!connected_at_) connected_at_ = now;
}

Connection::State Connection::state() const {
  using Ice = IceClient::State;
  if (dtls_ && (dtls_->state() == Dtls::State::failed || dtls_->state() == Dtls::State::closed)) return State::failed;
  switch (ice_.state()) {
    case Ice::idle:
      return State::idle;
    case Ice::checking:
      return State::connecting;
    case Ice::connected:
      if (silent_) return State::disconnected;
      return srtp_ ? State::connected : State::connecting;
    case Ice::disconnected:
      return State::disconnected;
    case Ice::failed:
      return State::failed;
  }
  return State::failed;
}

Flow& Connection::flow() {
  if (flow_.path() != *ice_.selected()) flow_ = Flow(*ice_.selected());
  return flow_;
}

void Connection::send_rtp(Bytes header, Bytes payload, Outbox& out) {
  if (!can_send()) return;
  const auto size = srtp_->protect_rtp(header, payload, out.datagrams.reserve());
  if (size) out.datagrams.commit(flow(), *size);
}

void Connection::send_rtcp(Bytes packet, Outbox& out) {
  if (!can_send()) return;
  const auto size = srtp_->protect_rtcp(packet, out.datagrams.reserve());
  if (size) out.datagrams.commit(flow(), *size);
}

void Connection::enable_channels(const transport::SctpParameters& parameters) {
  sctp_ = parameters;
  if (!channels_) channels_.emplace(transport::DataChannels::Role::client, parameters);
}

void Connection::follow_dtls(Time now, Outbox& out) {
  if (!channels_) return;
  const Dtls::State state = dtls_->state();
  if (state == Dtls::State::connected) channels_->connect(now);
  for (const Buffer& packet : dtls_->data()) channels_->receive(now, packet, out.drops);
  if (state == Dtls::State::failed || state == Dtls::State::closed) channels_->end();
  flush_channels(out);
}

void Connection::flush_channels(Outbox& out) {
  while (const auto packet = channels_->take_packet())
    if (dtls_ && ice_.selected()) dtls_->send(*ice_.selected(), *packet, out);
}

std::optional<transport::ChannelId> Connection::open_channel(Time now, const transport::ChannelDescription& description,
                                                             Outbox& out) {
  if (!channels_) return std::nullopt;
  const auto id = channels_->open(now, description);
  flush_channels(out);
  return id;
}

transport::Sent Connection::send_message(Time now, transport::ChannelId channel, transport::MessageKind kind, Bytes message,
                                         Outbox& out) {
  if (!channels_) return transport::Sent::refused;
  const auto sent = channels_->send(now, channel, kind, message);
  flush_channels(out);
  return sent;
}

void Connection::close_channel(Time now, transport::ChannelId channel, Outbox& out) {
  if (!channels_) return;
  channels_->close(now, channel);
  flush_channels(out);
}

void Connection::close(Time now, Outbox& out) {
  if (dtls_ && dtls_started_ && ice_.selected()) dtls_->close(now, *ice_.selected(), out);
}

std::vector<IceClient::Candidate> parse_candidates(const std::vector<std::string>& lines) {
  std::vector<IceClient::Candidate> candidates;
  for (const auto& line : lines) {
    std::istringstream words(line);
    std::string foundation, component, protocol, priority, host, type_keyword, type;
    std::uint16_t port = 0;
    words >> foundation >> component >> protocol >> priority >> host >> port >> type_keyword >> type;
    const auto address = Address::parse(host, port);
    if (!words || !address || type != "host" || (protocol != "udp" && protocol != "tcp")) continue;
    candidates.push_back({protocol == "udp" ? Protocol::udp : Protocol::tcp, *address});
  }
  return candidates;
}

}  // namespace parley::loadtest
