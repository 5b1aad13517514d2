#include "sfu/transport/transport.hpp"

#include <algorithm>
#include <utility>

#include "sfu/transport/classify.hpp"

namespace parley::transport {

Transport::Transport(const Certificate& certificate, Cipher& cipher, IceCredentials local)
    : certificate_(&certificate), cipher_(&cipher), ice_(std::move(local)) {}

void Transport::set_remote(IceCredentials remote, std::vector<Fingerprint> fingerprints) {
  // A lite agent sends no checks, so it never needs the remote password.
  ice_.set_remote_ufrag(std::move(remote.ufrag));
  if (!dtls_) dtls_.emplace(*certificate_, Dtls::Role::server, std::move(fingerprints));
}

void Transport::restart_ice(IceCredentials local) { ice_.restart(std::move(local)); }

void Transport::restart_ice(IceCredentials local, IceCredentials remote) {
  ice_.restart(std::move(local));
  ice_.set_remote_ufrag(std::move(remote.ufrag));
}

Received Transport::receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
  Received received;
  if (state_ == State::closed) {
    // RFC 7675 section 5.2: no answer to a check revokes consent at once.
    out.drops.add(DropReason::unknown_path);
    return received;
  }
  switch (classify(datagram)) {
    case PacketKind::stun: {
      auto [added, forgotten] = ice_.receive(now, path, datagram, out);
      received.added = std::move(added);
      received.forgotten = std::move(forgotten);
      break;
    }
    case PacketKind::dtls:
      receive_dtls(now, path, datagram, out);
      if (channels_ && channels_->has_event()) received.kind = Received::Kind::data;
      break;
    case PacketKind::rtp:
      return receive_media(now, Received::Kind::rtp, path, datagram, out);
    case PacketKind::rtcp:
      return receive_media(now, Received::Kind::rtcp, path, datagram, out);
    case PacketKind::turn_channel:
    case PacketKind::unknown:
      out.drops.add(DropReason::unknown_protocol);
      return received;
  }
  update_state();
  return received;
}

void Transport::receive_dtls(Time now, const Path& path, Bytes datagram, Outbox& out) {
  if (!dtls_ || !ice_.knows(path)) return out.drops.add(DropReason::dtls_before_ice);
  dtls_from_ = path;
  dtls_->receive(now, path, datagram, out);
  // Only the peer can have encrypted it: behind a NAT that has given it another port it may have nothing but data to say so.
  if (!dtls_->data().empty()) ice_.heard(now, path);
  if (!srtp_ && dtls_->keys()) srtp_.emplace(*cipher_, *dtls_->keys());
  follow_dtls(now, out);
}

void Transport::follow_dtls(Time now, Outbox& out) {
  const Dtls::State state = dtls_->state();
  if (!channels_) {
    if (!dtls_->data().empty()) out.drops.add(DropReason::sctp_not_negotiated);
    return;
  }
  if (state == Dtls::State::connected) channels_->connect(now);
  for (const Buffer& packet : dtls_->data()) channels_->receive(now, packet, out.drops);
  if (state == Dtls::State::failed || state == Dtls::State::closed) channels_->end();
  flush_channels(out);
}

void Transport::flush_channels(Outbox& out) {
  while (const auto packet = channels_->take_packet()) {
    // SCTP says it again when there is a way.
    if (const auto path = dtls_path(); path && !ice_.consent_expired())
      dtls_->send(*path, *packet, out);
    else
      out.drops.add(path ? DropReason::send_consent_expired : DropReason::send_no_path);
  }
}

Received Transport::receive_media(Time now, Received::Kind kind, const Path& path, MutableBytes datagram, Outbox& out) {
  if (!ice_.knows(path)) {
    out.drops.add(DropReason::unknown_path);
    return {};
  }
  if (!srtp_) {
    out.drops.add(DropReason::srtp_before_keys);
    return {};
  }
  Received received;
  received.packet =
      kind == Received::Kind::rtp ? srtp_->unprotect_rtp(datagram, out.drops) : srtp_->unprotect_rtcp(datagram, out.drops);
  if (received.packet.empty()) return received;
  received.kind = kind;
  if (ice_.heard(now, path)) update_state();
  return received;
}

void Transport::path_closed(const Path& path) {
  ice_.remove(path);
  update_state();
}

void Transport::advance(Time now, Outbox& out) {
  if (state_ == State::closed) return;
  ice_.advance(now);
  if (const auto path = dtls_path(); path && dtls_) dtls_->advance(now, *path, out);
  if (channels_) {
    channels_->advance(now, out.drops);
    flush_channels(out);
  }
  update_state();
}

Time Transport::wakeup() const {
  if (state_ == State::closed) return never;
  return std::min({ice_.wakeup(), dtls_ ? dtls_->wakeup() : never, channels_ ? channels_->wakeup() : never});
}

void Transport::enable_channels(const SctpParameters& parameters) {
  if (!channels_) channels_.emplace(DataChannels::Role::server, parameters);
}

std::optional<ChannelId> Transport::open_channel(Time now, const ChannelDescription& description, Outbox& out) {
  if (!channels_) return std::nullopt;
  const auto id = channels_->open(now, description);
  flush_channels(out);
  return id;
}

Sent Transport::send_message(Time now, ChannelId channel, MessageKind kind, Bytes message, Outbox& out) {
  if (!channels_) return Sent::refused;
  const Sent sent = channels_->send(now, channel, kind, message);
  flush_channels(out);
  return sent;
}

void Transport::close_channel(Time now, ChannelId channel, Outbox& out) {
  if (!channels_) return;
  channels_->close(now, channel);
  flush_channels(out);
}

void Transport::send_rtp(Time, Bytes header, Bytes payload, Outbox& out) {
  Flow* const flow = media_flow(out);
  if (!flow) return;
  const auto size = srtp_->protect_rtp(header, payload, out.datagrams.reserve());
  if (!size) return out.drops.add(DropReason::srtp_failed);
  out.datagrams.commit(*flow, *size);
}

void Transport::send_rtcp(Time, Bytes packet, Outbox& out) {
  Flow* const flow = media_flow(out);
  if (!flow) return;
  const auto size = srtp_->protect_rtcp(packet, out.datagrams.reserve());
  if (!size) return out.drops.add(DropReason::srtp_failed);
  out.datagrams.commit(*flow, *size);
}

void Transport::close(Time now, Outbox& out) {
  if (const auto path = dtls_path(); path && dtls_) dtls_->close(now, *path, out);
  if (channels_) channels_->end();
  state_ = State::closed;
}

void Transport::forget_stream(Ssrc ssrc) {
  if (srtp_) srtp_->remove_stream(ssrc);
}

std::optional<Path> Transport::dtls_path() const { return ice_.selected() ? ice_.selected() : dtls_from_; }

Flow* Transport::media_flow(Outbox& out) {
  if (!ready()) {
    out.drops.add(state_ == State::disconnected ? DropReason::send_consent_expired : DropReason::send_no_path);
    return nullptr;
  }
  return &flow_;
}

void Transport::update_state() {
  if (ice_.selected() && flow_.path() != *ice_.selected()) flow_ = Flow(*ice_.selected());
  if (state_ == State::closed) return;
  if (dtls_ && dtls_->state() == Dtls::State::failed) {
    state_ = State::failed;
  } else if (dtls_ && dtls_->state() == Dtls::State::closed) {
    state_ = State::closed;
  } else if (ice_.consent_expired()) {
    state_ = State::disconnected;
  } else {
    state_ = srtp_ && ice_.selected() ? State::connected : State::connecting;
  }
}

}  // namespace parley::transport
