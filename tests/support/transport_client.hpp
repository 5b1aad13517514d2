#pragma once
// The browser's end of a Transport, for tests: a controlling ICE agent, a DTLS client, SRTP and data channels in one machine.

#include <optional>
#include <vector>

#include "sfu/transport/classify.hpp"
#include "sfu/transport/data_channels.hpp"
#include "sfu/transport/dtls.hpp"
#include "sfu/transport/ice_client.hpp"
#include "sfu/transport/srtp.hpp"

namespace parley::test {

class TransportClient {
 public:
  TransportClient(const transport::Certificate& certificate, transport::Cipher& cipher, transport::IceCredentials local,
                  Random random)
      : certificate_(certificate), cipher_(cipher), ice(std::move(local), random) {}

  void connect(Time now, Address from, transport::IceCredentials remote, std::vector<transport::Fingerprint> fingerprints,
               std::vector<transport::IceClient::Candidate> candidates) {
    ice.connect(now, from, std::move(remote), std::move(candidates));
    if (!dtls) dtls.emplace(certificate_, transport::Dtls::Role::client, std::move(fingerprints));
  }

  void receive(Time now, const Path& path, MutableBytes datagram, Outbox& out) {
    switch (transport::classify(datagram)) {
      case transport::PacketKind::stun:
        ice.receive(now, path, datagram, out);
        break;
      case transport::PacketKind::dtls:
        dtls->receive(now, path, datagram, out);
        if (channels && dtls->state() == transport::Dtls::State::connected) channels->connect(now);
        if (channels)
          for (const Buffer& packet : dtls->data()) channels->receive(now, packet, out.drops);
        break;
      case transport::PacketKind::rtp:
        keep(srtp ? srtp->unprotect_rtp(datagram, out.drops) : MutableBytes(), rtp);
        break;
      case transport::PacketKind::rtcp:
        keep(srtp ? srtp->unprotect_rtcp(datagram, out.drops) : MutableBytes(), rtcp);
        break;
      default:
        break;
    }
    follow(now, out);
  }

  void advance(Time now, Outbox& out) {
    ice.advance(now, out);
    if (dtls && ice.selected()) dtls->advance(now, *ice.selected(), out);
    if (channels) channels->advance(now, out.drops);
    follow(now, out);
  }

  Time wakeup() const {
    return std::min({ice.wakeup(), dtls && ice.selected() ? dtls->wakeup() : never, channels ? channels->wakeup() : never});
  }

  bool ready() const { return srtp && ice.selected(); }

  /// What was said to `channels` leaves.
  void flush_channels(Outbox& out) {
    while (const auto packet = channels->take_packet()) dtls->send(*ice.selected(), *packet, out);
  }

  void send_rtp(Bytes header, Bytes payload, Outbox& out) {
    if (const auto size = srtp->protect_rtp(header, payload, out.datagrams.reserve()))
      out.datagrams.commit(*ice.selected(), *size);
  }
  void send_rtcp(Bytes packet, Outbox& out) {
    if (const auto size = srtp->protect_rtcp(packet, out.datagrams.reserve())) out.datagrams.commit(*ice.selected(), *size);
  }

 private:
  static void keep(Bytes packet, std::vector<Buffer>& where) {
    if (!packet.empty()) where.emplace_back(packet.begin(), packet.end());
  }
  void follow(Time now, Outbox& out) {
    if (ice.selected() && dtls && !started_) {
      started_ = true;
      dtls->start(now, *ice.selected(), out);
    }
    if (dtls && dtls->keys() && !srtp) srtp.emplace(cipher_, *dtls->keys());
    if (channels) flush_channels(out);
  }

  const transport::Certificate& certificate_;
  transport::Cipher& cipher_;
  bool started_ = false;

 public:
  transport::IceClient ice;
  std::optional<transport::Dtls> dtls;
  std::optional<transport::Srtp> srtp;
  std::optional<transport::DataChannels> channels;
  std::vector<Buffer> rtp;  ///< what arrived, decrypted
  std::vector<Buffer> rtcp;
};

}  // namespace parley::test
