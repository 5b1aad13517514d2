// SCTP packets into an association that is in use, as they come and with ports, verification tag and checksum put right: DTLS
// keeps strangers out, but the peer itself may be hostile. Seeds: all that a peer sends while it connects, opens channels, loses
// packets, gives messages up, and closes.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sfu/transport/crc32c.hpp"
#include "tests/support/channel_pair.hpp"

namespace {

using namespace parley;
using test::ChannelPair;
using Kind = transport::Reliability::Kind;

constexpr std::size_t header_size = 12;
constexpr std::size_t tag_at = 4;
constexpr std::uint8_t init_chunk = 1;
/// What has been done to an association is then forgotten.
constexpr int inputs_for_one = 200;

struct Victim {
  std::unique_ptr<ChannelPair> pair = std::make_unique<ChannelPair>(1);
  Buffer last;  ///< packet that the victim got, of which ports and tag are taken
  int inputs = 0;
  Victim() {
    pair->tap = [this](Bytes packet, bool to_victim) {
      if (to_victim && packet[header_size] != init_chunk) last.assign(packet.begin(), packet.end());
    };
    pair->connect();
    pair->server.channels.open(pair->now, {"server", "", {}});
    const auto id = pair->open({"client", "", {}});
    pair->client.channels.send(pair->now, id, transport::MessageKind::text, as_bytes("x"));
    pair->run(milliseconds(100));
    if (pair->server.messages.size() != 1) std::abort();
  }
};

std::unique_ptr<Victim> victim;

Victim& current() {
  const bool worn = victim && (victim->inputs++ > inputs_for_one || !victim->pair->server.channels.ready());
  if (!victim || worn) {
    victim.reset();
    victim = std::make_unique<Victim>();
  }
  return *victim;
}

void give(Victim& to, Bytes packet) {
  auto& pair = *to.pair;
  auto& server = pair.server;
  pair.now += milliseconds(5);
  sim::set_virtual_time(pair.now);
  server.channels.receive(pair.now, packet, server.drops);
  server.channels.advance(pair.now, server.drops);
  while (server.channels.take_packet()) continue;
  while (const auto event = server.channels.take_event())
    if (const auto* message = std::get_if<transport::ChannelMessage>(&*event))
      if (message->content.size() > transport::maximum_message) std::abort();
  if (server.channels.count() > transport::maximum_channels) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Buffer packet(data, data + size);
  give(current(), packet);
  if (size <= header_size) return 0;
  Victim& to = current();
  std::copy_n(to.last.begin(), tag_at, packet.begin());
  if (packet[header_size] != init_chunk) std::copy_n(to.last.begin() + tag_at, 4, packet.begin() + tag_at);
  transport::write_sctp_checksum(packet);
  give(to, packet);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<Buffer> packets;
  ChannelPair pair(2);
  pair.tap = [&](Bytes packet, bool) { packets.emplace_back(packet.begin(), packet.end()); };
  pair.connect();
  const auto lossy = pair.open({"lossy", "", {Kind::retransmissions, false, 0}});
  const auto timed = pair.open({"timed", "", {Kind::lifetime, true, 50}});
  pair.client.channels.send(pair.now, timed, transport::MessageKind::binary, Buffer(5000, 1));
  pair.link.loss = 0.5;
  for (int i = 0; i < 10; ++i) pair.client.channels.send(pair.now, lossy, transport::MessageKind::binary, Buffer(300, 2));
  pair.run(seconds(5));
  pair.link.loss = 0;
  pair.client.channels.send(pair.now, lossy, transport::MessageKind::binary, Buffer(100, 3));
  pair.run(seconds(2));
  pair.client.channels.close(pair.now, lossy);
  pair.server.channels.close(pair.now, timed);
  pair.run(seconds(2));
  return packets;
}
