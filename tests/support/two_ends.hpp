#pragma once
// A Transport and its client at the two ends of a link that delays and loses datagrams, in time that the test makes up. A digest
// of everything that was put on the link, with its time, says whether two runs were the same.

#include <functional>
#include <map>
#include <vector>

#include "sfu/base/crypto.hpp"
#include "sfu/base/random.hpp"
#include "sfu/transport/cipher.hpp"
#include "sfu/transport/transport.hpp"
#include "tests/support/transport_client.hpp"

namespace parley::test {

struct LinkBehaviour {
  double loss = 0;
  Duration delay = milliseconds(10);
  Duration jitter{0};
};

class TwoEnds {
 public:
  explicit TwoEnds(std::uint64_t seed, LinkBehaviour behaviour = {}) : TwoEnds(Random::from_number(seed), behaviour) {}

  /// The client begins to connect.
  void connect() {
    server.set_remote(client.ice.local(), {client_certificate.fingerprint()});
    client.connect(now, client_address, server.local_credentials(), {server_certificate.fingerprint()},
                   {{Protocol::udp, server_address}});
  }

  /// Lets time pass, with everything that happens in it.
  void run(Duration duration) {
    const Time end = now + duration;
    for (;;) {
      const Time arrival = in_flight_.empty() ? never : in_flight_.begin()->first;
      const Time next = std::min({arrival, server.wakeup(), client.wakeup()});
      if (next > end) break;
      set_time(std::max(now, next));
      if (arrival <= now) deliver();
      server.advance(now, server_out);
      client.advance(now, client_out);
      flush();
    }
    set_time(end);
  }

  /// connect() and enough time for it on a link without loss.
  void connect_and_wait() {
    connect();
    run(milliseconds(500));
  }

  /// Puts what both ends have in their outboxes on the link.
  void flush() {
    put_on_link(server_out, true);
    put_on_link(client_out, false);
  }

  /// Everything that was put on the link so far, in one number.
  std::array<std::uint8_t, 32> trace() const { return trace_; }

  Time now{seconds(1000)};
  Random random;
  LinkBehaviour link;
  /// Told each new time, for a program that has to stop a library's clock.
  std::function<void(Time)> clock;
  Address client_address = Address::v4({192, 0, 2, 7}, 50000);
  Address server_address = Address::v4({192, 0, 2, 1}, 40000);
  transport::Certificate client_certificate = transport::Certificate::make();
  transport::Certificate server_certificate = transport::Certificate::make();
  std::unique_ptr<transport::Cipher> cipher = transport::make_cipher();
  transport::Transport server;
  TransportClient client;
  Outbox server_out;
  Outbox client_out;
  std::vector<Buffer> server_rtp;  ///< what arrived there, decrypted
  std::vector<Buffer> server_rtcp;
  std::vector<Path> added;        ///< the 5-tuples that the server took up
  std::vector<Buffer> to_server;  ///< all datagrams that arrived there, as they were on the link
  std::vector<Buffer> to_client;

 private:
  struct InFlight {
    bool to_client;
    Path path;  ///< as the receiver sees it
    Buffer datagram;
  };

  TwoEnds(Random seeded, LinkBehaviour behaviour)
      : random(seeded),
        link(behaviour),
        server(server_certificate, *cipher, credentials()),
        client(client_certificate, *cipher, credentials(), Random::from_number(random.next())) {}

  transport::IceCredentials credentials() { return {random.ice_characters(8), random.ice_characters(24)}; }

  void set_time(Time time) {
    now = time;
    if (clock) clock(now);
  }

  void put_on_link(Outbox& out, bool from_server) {
    cipher->flush();
    for (const auto& entry : out.datagrams.entries()) {
      std::array<std::uint8_t, 8> time{};
      Writer(time).u64(static_cast<std::uint64_t>(now.time_since_epoch().count()));
      Buffer text(trace_.begin(), trace_.end());
      text.insert(text.end(), time.begin(), time.end());
      text.insert(text.end(), entry.bytes().begin(), entry.bytes().end());
      trace_ = sha256(text);
      if (random.uniform() < link.loss) continue;
      const Path turned{entry.path.protocol, entry.path.remote, entry.path.local};
      const auto late = Duration(static_cast<Duration::rep>(static_cast<double>(link.jitter.count()) * random.uniform()));
      in_flight_.emplace(now + link.delay + late,
                         InFlight{from_server, turned, Buffer(entry.bytes().begin(), entry.bytes().end())});
    }
    out.datagrams.clear();
  }

  void deliver() {
    auto [to_client_end, path, datagram] = std::move(in_flight_.begin()->second);
    in_flight_.erase(in_flight_.begin());
    (to_client_end ? to_client : to_server).push_back(datagram);
    if (to_client_end) return client.receive(now, path, datagram, client_out);
    const auto received = server.receive(now, path, datagram, server_out);
    if (received.added) added.push_back(*received.added);
    if (received.kind == transport::Received::Kind::rtp) server_rtp.emplace_back(received.packet.begin(), received.packet.end());
    if (received.kind == transport::Received::Kind::rtcp)
      server_rtcp.emplace_back(received.packet.begin(), received.packet.end());
  }

  std::multimap<Time, InFlight> in_flight_;
  std::array<std::uint8_t, 32> trace_{};
};

/// A 12-byte RTP header.
inline Buffer rtp_header(std::uint16_t sequence, std::uint32_t ssrc, std::uint8_t payload_type = 96) {
  Buffer header(12);
  Writer(header).u8(0x80).u8(payload_type).u16(sequence).u32(std::uint32_t{sequence} * 960).u32(ssrc);
  return header;
}

/// An empty receiver report.
inline Buffer receiver_report(std::uint32_t ssrc) {
  Buffer packet(8);
  Writer(packet).u8(0x80).u8(201).u16(1).u32(ssrc);
  return packet;
}

inline Buffer joined(Bytes header, Bytes payload) {
  Buffer packet(header.begin(), header.end());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace parley::test
