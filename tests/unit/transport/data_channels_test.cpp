#include "sfu/transport/data_channels.hpp"

#include <catch2/catch.hpp>

#include "sfu/transport/sctp_constants.hpp"
#include "tests/support/channel_pair.hpp"

namespace parley::transport {

using test::ChannelPair;
using Kind = Reliability::Kind;

namespace {

const ChannelDescription reliable{"chat", "parley.1/all", {}};
const ChannelDescription lossy{"cursor", "parley.1/lossy", {Kind::retransmissions, false, 0}};

Buffer content(std::size_t size, std::uint8_t first = 0) {
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i * 7 + (i >> 8));
  return bytes;
}

}  // namespace

TEST_CASE("Both ends begin at once, and both are ready") {
  ChannelPair pair;
  pair.connect();
  CHECK(pair.client.ready);
  CHECK(pair.server.ready);
  CHECK(pair.client.drops.total() + pair.server.drops.total() == 0);
}

TEST_CASE("Two ends find each other through 30 % loss") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    ChannelPair pair(seed, {.loss = 0.3, .jitter = milliseconds(20)});
    pair.connect();
    pair.run(seconds(60));
    CHECK(pair.client.ready);
    CHECK(pair.server.ready);
  }
}

TEST_CASE("The client opens even channels and the server odd ones, with all that was said about them") {
  ChannelPair pair;
  pair.connect();
  const auto of_client = pair.client.channels.open(pair.now, lossy);
  const auto of_server = pair.server.channels.open(pair.now, reliable);
  REQUIRE(of_client);
  REQUIRE(of_server);
  CHECK(of_client->value == 0);
  CHECK(of_server->value == 1);
  pair.run(milliseconds(100));
  REQUIRE(pair.server.opened.size() == 1);
  CHECK(pair.server.opened[0].channel == *of_client);
  CHECK(pair.server.opened[0].description == lossy);
  REQUIRE(pair.client.opened.size() == 1);
  CHECK(pair.client.opened[0].channel == *of_server);
  CHECK(pair.client.opened[0].description == reliable);
}

TEST_CASE("Text, bytes and empty messages arrive as what they were, also those that were sent before the channel was known") {
  ChannelPair pair;
  pair.connect();
  const auto id = *pair.client.channels.open(pair.now, reliable);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::text, as_bytes("hello")) == Sent::accepted);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, Buffer{1, 2}) == Sent::accepted);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::text, {}) == Sent::accepted);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, {}) == Sent::accepted);
  pair.run(milliseconds(100));
  const auto& messages = pair.server.messages;
  REQUIRE(messages.size() == 4);
  CHECK(as_text(messages[0].content) == "hello");
  CHECK(messages[0].kind == MessageKind::text);
  CHECK(messages[1].content == Buffer{1, 2});
  CHECK(messages[1].kind == MessageKind::binary);
  CHECK((messages[2].content.empty() && messages[2].kind == MessageKind::text));
  CHECK((messages[3].content.empty() && messages[3].kind == MessageKind::binary));
}

TEST_CASE("A message of 256 KiB arrives whole through loss and reordering, in packets that fit the path") {
  ChannelPair pair(7, {.loss = 0.05, .jitter = milliseconds(15)});
  pair.connect();
  pair.run(seconds(10));
  const auto id = pair.open(reliable);
  const Buffer large = content(maximum_message);
  REQUIRE(pair.client.channels.send(pair.now, id, MessageKind::binary, large) == Sent::accepted);
  pair.run(seconds(60));
  REQUIRE(pair.server.messages.size() == 1);
  CHECK(pair.server.messages[0].content == large);
  CHECK(pair.largest_packet <= Sctp::maximum_packet);
  CHECK(pair.largest_packet > Sctp::maximum_packet - 50);
}

TEST_CASE("A message larger than either end allows is refused where it is sent") {
  ChannelPair pair;
  pair.client.channels = DataChannels(DataChannels::Role::client, {.remote_maximum_message = 1000});
  pair.connect();
  const auto id = pair.open(reliable);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, content(1000)) == Sent::accepted);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, content(1001)) == Sent::refused);
  CHECK(pair.server.channels.send(pair.now, id, MessageKind::binary, content(maximum_message + 1)) == Sent::refused);
}

TEST_CASE("Reliable messages arrive all and in order through loss, in both directions") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    ChannelPair pair(seed, {.loss = 0.1, .jitter = milliseconds(10)});
    pair.connect();
    pair.run(seconds(20));
    const auto id = pair.open(reliable);
    pair.run(seconds(5));
    for (std::uint8_t i = 0; i < 200; ++i) {
      CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, content(700, i)) == Sent::accepted);
      CHECK(pair.server.channels.send(pair.now, id, MessageKind::binary, content(100, i)) == Sent::accepted);
    }
    pair.run(seconds(60));
    REQUIRE(pair.server.messages.size() == 200);
    REQUIRE(pair.client.messages.size() == 200);
    for (std::uint8_t i = 0; i < 200; ++i) {
      CHECK(pair.server.messages[i].content == content(700, i));
      CHECK(pair.client.messages[i].content == content(100, i));
    }
  }
}

TEST_CASE("Of lossy messages those arrive that the link has not lost, and none is waited for") {
  ChannelPair pair(3);
  pair.connect();
  const auto id = pair.open(lossy);
  pair.client.channels.send(pair.now, id, MessageKind::binary, content(10));
  pair.run(milliseconds(100));
  pair.link.loss = 0.2;
  for (std::uint8_t i = 0; i < 200; ++i) {
    pair.client.channels.send(pair.now, id, MessageKind::binary, content(500, i));
    pair.run(milliseconds(20));
  }
  pair.link.loss = 0;
  pair.run(seconds(10));
  CHECK(pair.server.messages.size() > 130);
  CHECK(pair.server.messages.size() < 195);
  for (const auto& message : pair.server.messages) CHECK((message.content.size() == 500 || message.content.size() == 10));
  CHECK(pair.client.channels.buffered_amount() == 0);
}

TEST_CASE("A message with a lifetime is given up when its time is over") {
  ChannelPair pair(4);
  pair.connect();
  const auto id = pair.open({"clock", "", {Kind::lifetime, true, 300}});
  pair.link.loss = 1;
  pair.client.channels.send(pair.now, id, MessageKind::binary, content(10, 1));
  pair.run(seconds(2));
  pair.link.loss = 0;
  pair.client.channels.send(pair.now, id, MessageKind::binary, content(10, 2));
  pair.run(seconds(10));
  REQUIRE(pair.server.messages.size() == 1);
  CHECK(pair.server.messages[0].content == content(10, 2));
}

TEST_CASE("What is beyond the send buffer is to come later, and ChannelsWritable says when") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  const Buffer piece = content(60000);
  std::size_t accepted = 0;
  while (pair.client.channels.send(pair.now, id, MessageKind::binary, piece) == Sent::accepted) ++accepted;
  CHECK(accepted * piece.size() <= Sctp::send_buffer);
  CHECK((accepted + 1) * piece.size() > Sctp::send_buffer);
  CHECK(pair.client.channels.buffered_amount() == accepted * piece.size());
  CHECK_FALSE(pair.client.writable);
  pair.each_turn = [&] {
    if (!pair.client.writable) return;
    CHECK(pair.client.channels.send(pair.now, id, MessageKind::binary, content(maximum_message)) == Sent::accepted);
    pair.client.writable = false;
    pair.each_turn = {};
  };
  pair.run(seconds(10));
  CHECK(pair.server.messages.size() == accepted + 1);
  CHECK(pair.client.channels.buffered_amount() == 0);
}

TEST_CASE("Of the smallest messages no more wait than there is memory for, and all that were taken arrive") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  std::size_t accepted = 0;
  const auto send_some = [&] {
    while (pair.client.channels.send(pair.now, id, MessageKind::binary, content(1)) == Sent::accepted) ++accepted;
  };
  send_some();
  CHECK(accepted == maximum_chunks);
  pair.run(milliseconds(5));
  CHECK_FALSE(pair.client.writable);
  pair.run(seconds(10));
  CHECK(pair.client.writable);
  CHECK(pair.server.messages.size() == accepted);
  send_some();
  pair.run(seconds(10));
  CHECK(accepted == 2 * maximum_chunks);
  CHECK(pair.server.messages.size() == accepted);
}

TEST_CASE("A short message does not wait behind what another channel has queued") {
  ChannelPair pair;
  pair.connect();
  const auto file = pair.open(reliable);
  const auto chat = pair.open({"other", "", {}});
  for (int i = 0; i < 30; ++i) pair.client.channels.send(pair.now, file, MessageKind::binary, content(16000));
  pair.client.channels.send(pair.now, chat, MessageKind::text, as_bytes("now"));
  pair.run(seconds(10));
  REQUIRE(pair.server.messages.size() == 31);
  std::size_t position = 0;
  while (pair.server.messages[position].channel != chat) ++position;
  CHECK(position < 4);
}

// --- closing -------------------------------------------------------------------------------------------------------------

TEST_CASE("A channel closed by either side ends at the other, after what was sent on it, and its number comes again") {
  ChannelPair pair;
  pair.connect();
  for (const bool by_client : {true, false}) {
    auto& closer = by_client ? pair.client : pair.server;
    auto& other = by_client ? pair.server : pair.client;
    other.messages.clear();
    pair.client.closed.clear();
    pair.server.closed.clear();
    const auto id = pair.open(reliable);
    CHECK(id.value == 0);
    closer.channels.send(pair.now, id, MessageKind::binary, content(100000));
    closer.channels.close(pair.now, id);
    CHECK(closer.channels.send(pair.now, id, MessageKind::binary, content(1)) == Sent::refused);
    pair.run(seconds(2));
    REQUIRE(other.messages.size() == 1);
    CHECK(other.messages[0].content == content(100000));
    CHECK(other.closed == std::vector{id});
    CHECK(closer.closed.empty());
    CHECK(closer.channels.count() == 0);
    CHECK(other.channels.count() == 0);
  }
}

TEST_CASE("Channels are opened and closed again and again through loss, and nothing is left of them") {
  ChannelPair pair(5, {.loss = 0.1});
  pair.connect();
  pair.run(seconds(20));
  for (std::uint8_t round = 0; round < 30; ++round) {
    INFO("round " << int{round});
    const auto first = pair.client.channels.open(pair.now, reliable);
    const auto second = pair.client.channels.open(pair.now, lossy);
    REQUIRE(first);
    REQUIRE(second);
    pair.client.channels.send(pair.now, *first, MessageKind::binary, content(20, round));
    pair.run(seconds(3));
    (round % 2 ? pair.client : pair.server).channels.close(pair.now, *first);
    (round % 3 ? pair.client : pair.server).channels.close(pair.now, *second);
    pair.run(seconds(20));
    CHECK(pair.client.channels.count() == 0);
    CHECK(pair.server.channels.count() == 0);
  }
  CHECK(pair.server.messages.size() == 30);
}

TEST_CASE("Both sides may close at once") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  pair.client.channels.close(pair.now, id);
  pair.server.channels.close(pair.now, id);
  pair.run(seconds(2));
  CHECK(pair.client.channels.count() == 0);
  CHECK(pair.server.channels.count() == 0);
}

// --- limits and hostility ------------------------------------------------------------------------------------------------

TEST_CASE("There are at most 64 channels, and the peer's 65th is closed and counted") {
  ChannelPair pair;
  pair.connect();
  std::vector<ChannelId> ids;
  while (const auto id = pair.server.channels.open(pair.now, reliable)) ids.push_back(*id);
  CHECK(ids.size() == maximum_channels);
  pair.run(seconds(1));
  CHECK(pair.client.opened.size() == maximum_channels);
  // The client is full as well: it would not open one itself, so it is made to forget.
  pair.server.channels.close(pair.now, ids[5]);
  pair.run(seconds(1));
  CHECK(pair.client.closed == std::vector{ids[5]});
  const auto again = pair.server.channels.open(pair.now, reliable);
  REQUIRE(again);
  CHECK(*again == ids[5]);
  pair.run(seconds(1));
  CHECK(pair.client.opened.size() == maximum_channels + 1);
}

TEST_CASE("Packets with a wrong checksum, or shorter than a header, are counted and change nothing") {
  ChannelPair pair;
  pair.connect();
  Drops drops;
  for (std::size_t size = 0; size < 40; ++size) pair.server.channels.receive(pair.now, Buffer(size, 0x13), drops);
  CHECK(drops[DropReason::sctp_malformed] == 40);
  const auto id = pair.open(reliable);
  CHECK(pair.client.channels.send(pair.now, id, MessageKind::text, as_bytes("still")) == Sent::accepted);
  pair.run(milliseconds(100));
  CHECK(pair.server.messages.size() == 1);
}

// --- the end -------------------------------------------------------------------------------------------------------------

TEST_CASE("When one end has gone, the other one is told once, and its channels are gone") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  pair.server.channels.end();
  CHECK_FALSE(pair.server.channels.ready());
  CHECK(pair.server.channels.count() == 0);
  pair.run(milliseconds(10));
  CHECK(pair.server.lost);
  pair.server.lost = false;
  pair.server.channels.end();
  CHECK_FALSE(pair.server.channels.has_event());
  CHECK(pair.server.channels.send(pair.now, id, MessageKind::text, as_bytes("x")) == Sent::refused);
  CHECK_FALSE(pair.server.channels.open(pair.now, reliable));
  CHECK(pair.server.channels.wakeup() == never);
}

TEST_CASE("In silence a connection sleeps, and wakes for the next message") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  pair.run(seconds(20));
  CHECK(pair.client.channels.wakeup() == never);
  CHECK(pair.server.channels.wakeup() == never);
  const std::size_t before = pair.packets;
  pair.run(seconds(3600));
  CHECK(pair.packets == before);
  pair.client.channels.send(pair.now, id, MessageKind::text, as_bytes("morning"));
  pair.run(seconds(1));
  CHECK(pair.server.messages.size() == 1);
}

TEST_CASE("A channel closed after a long silence asks for it once") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  pair.run(seconds(60));
  std::size_t asked = 0;
  pair.tap = [&](Bytes, bool to_server) { asked += to_server ? 1 : 0; };
  pair.client.channels.close(pair.now, id);
  pair.run(milliseconds(15));
  CHECK(asked == 1);
}

TEST_CASE("After a minute without the network what was sent still arrives") {
  ChannelPair pair;
  pair.connect();
  const auto id = pair.open(reliable);
  pair.link.loss = 1;
  pair.client.channels.send(pair.now, id, MessageKind::text, as_bytes("patience"));
  pair.run(seconds(60));
  pair.link.loss = 0;
  pair.run(seconds(5));
  CHECK(pair.server.messages.size() == 1);
}

}  // namespace parley::transport
