// A peer whose SCTP is in order and whose channels are not: what it does is counted, and costs it the channel at most.

#include <catch2/catch.hpp>

#include "sfu/transport/crc32c.hpp"
#include "sfu/transport/dcep.hpp"
#include "tests/support/channel_pair.hpp"

namespace parley::transport {

using test::ChannelPair;

namespace {

const ChannelDescription chat{"chat", "parley.1/all", {}};

/// A peer that speaks SCTP but none of the rules above it.
struct Rude {
  ChannelPair pair;
  Sctp sctp{pair.now, {}};
  ChannelPair::End& victim = pair.server;

  Rude() {
    victim.channels.connect(pair.now);
    run(milliseconds(100));
  }
  void run(Duration duration) {
    for (const Time end = pair.now + duration; pair.now < end; pair.now += milliseconds(5)) {
      sim::set_virtual_time(pair.now);
      for (bool busy = true; busy;) {
        busy = false;
        while (auto packet = sctp.take_packet()) {
          if (merges > 0) merge(*packet);
          victim.channels.receive(pair.now, *packet, victim.drops);
          busy = true;
        }
        while (const auto packet = victim.channels.take_packet()) {
          Drops drops;
          sctp.receive(pair.now, *packet, drops);
          busy = true;
        }
      }
      sctp.advance(pair.now);
      victim.channels.advance(pair.now, victim.drops);
      while (auto event = victim.channels.take_event()) victim.note(std::move(*event));
      while (const auto event = sctp.take_event())
        if (const auto* reset = std::get_if<Sctp::StreamReset>(&*event))
          if (reset->direction == Sctp::Direction::incoming) resets.push_back(reset->stream.value);
    }
  }
  void say(std::uint16_t stream, std::uint32_t ppid, Bytes message, bool ordered = true) {
    CHECK(sctp.send(pair.now, {stream}, {ppid}, {.ordered = ordered}, message) == Sent::accepted);
    run(milliseconds(50));
  }
  /// So many of the messages that are sent from now on go out as the pieces of one.
  void merge_next(std::size_t messages) { merges = messages; }
  void open(std::uint16_t stream) { say(stream, 50, write_dcep_open(chat)); }
  std::vector<std::uint16_t> resets;

 private:
  /// Takes from the pieces of several messages what says where one ends and the next one begins (RFC 9260 section 3.3.1).
  void merge(MutableBytes packet) {
    constexpr std::uint8_t last_piece = 1, first_piece = 2;
    for (std::size_t at = 12; at + 4 <= packet.size();) {
      const std::size_t length = std::size_t{packet[at + 2]} * 256 + packet[at + 3];
      std::uint8_t& flags = packet[at + 1];
      if (packet[at] == 0) {
        const bool ends = (flags & last_piece) != 0;
        if (merging) flags &= static_cast<std::uint8_t>(~first_piece);
        if (ends && merges > 1) flags &= static_cast<std::uint8_t>(~last_piece);
        if (ends) merging = merges-- > 1;
      }
      at += (length + 3) / 4 * 4;
    }
    write_sctp_checksum(packet);
  }
  std::size_t merges = 0;
  bool merging = false;
};

}  // namespace

TEST_CASE("Whoever opens a 65th channel gets it closed, and it is counted") {
  Rude peer;
  for (std::uint16_t i = 0; i < maximum_channels; ++i) peer.open(static_cast<std::uint16_t>(2 * i));
  CHECK(peer.victim.drops.total() == 0);
  peer.open(2 * maximum_channels);
  CHECK(peer.victim.drops[DropReason::channel_too_many] == 1);
  CHECK(peer.victim.opened.size() == maximum_channels);
  CHECK(peer.resets == std::vector<std::uint16_t>{2 * maximum_channels});
}

TEST_CASE("A channel under a number that is ours to give, or that is in use, is closed and counted") {
  Rude peer;
  peer.open(1);
  CHECK(peer.victim.opened.empty());
  CHECK(peer.victim.drops[DropReason::channel_wrong_side] == 1);
  peer.open(2);
  CHECK(peer.victim.opened.size() == 1);
  peer.open(2);
  CHECK(peer.victim.drops[DropReason::channel_wrong_side] == 2);
  CHECK(peer.victim.closed == std::vector{ChannelId{2}});
}

TEST_CASE("A malformed control message closes its channel and is counted") {
  Rude peer;
  peer.open(4);
  peer.say(4, 50, Buffer{0x03, 0x00});
  CHECK(peer.victim.drops[DropReason::channel_malformed] == 1);
  CHECK(peer.victim.closed == std::vector{ChannelId{4}});
  peer.say(6, 50, Buffer{0x77});
  CHECK(peer.victim.drops[DropReason::channel_malformed] == 2);
}

TEST_CASE("A message on a channel that nobody has opened is counted, and its sender told") {
  Rude peer;
  peer.say(8, 53, Buffer{1});
  CHECK(peer.victim.drops[DropReason::channel_unknown] == 1);
  CHECK(peer.victim.messages.empty());
  CHECK(peer.resets == std::vector<std::uint16_t>{8});
}

TEST_CASE("A message larger than anybody may send closes its channel and is counted, whether it came whole or in parts") {
  for (const std::size_t pieces : {2u, 4u}) {
    Rude peer;
    peer.open(0);
    peer.merge_next(pieces);
    for (std::size_t i = 0; i < pieces; ++i) {
      peer.say(0, 53, Buffer(200'000), false);
      peer.run(seconds(1));
    }
    INFO(pieces << " times 200 kB");
    CHECK(peer.victim.drops[DropReason::channel_message_too_large] == 1);
    CHECK(peer.victim.messages.empty());
    CHECK(peer.victim.closed == std::vector{ChannelId{0}});
    peer.open(2);
    peer.say(2, 53, Buffer{1});
    CHECK(peer.victim.messages.size() == 1);
  }
}

TEST_CASE("A message of an unknown kind is counted and changes nothing") {
  Rude peer;
  peer.open(0);
  for (const std::uint32_t ppid : {0u, 52u, 54u, 99u}) peer.say(0, ppid, Buffer{1});
  CHECK(peer.victim.drops[DropReason::channel_unknown_ppid] == 4);
  peer.say(0, 53, Buffer{1});
  CHECK(peer.victim.messages.size() == 1);
}

}  // namespace parley::transport
