// What the relay and a connection make of each other when the connection is full.

#include "sfu/room/data_pump.hpp"

#include <catch2/catch.hpp>

#include "tests/support/two_ends.hpp"

using namespace parley;
using namespace parley::room;
using transport::ChannelMessage;
using transport::MessageKind;
using transport::Sent;

namespace {

const transport::SctpParameters parameters{.remote_maximum_message = transport::maximum_message};
constexpr ParticipantId ada{1}, bob{2};

/// Bob's connection, and a relay to which Ada speaks.
struct Pump : test::TwoEnds {
  Pump() : TwoEnds(1) {
    server.enable_channels(parameters);
    client.channels.emplace(transport::DataChannels::Role::client, parameters);
    connect_and_wait();
    for (const auto person : {ada, bob}) relay.add(person, {});
    relay.connect(ada);
    turn();
  }
  void turn() {
    receive_data(bob, server, relay, server_out.drops);
    send_data(now, bob, server, relay, server_out);
    flush();
  }

  Statistics statistics;
  DataRelay relay{statistics, Limits{}.data_bytes_per_room};
};

}  // namespace

TEST_CASE("a topic whose channel has to wait for room in a full connection loses nothing") {
  Pump pump;
  const auto filler = pump.server.open_channel(pump.now, {"filler", "", {}}, pump.server_out);
  REQUIRE(filler);
  const auto fill = [&] { return pump.server.send_message(pump.now, *filler, MessageKind::binary, Buffer{1}, pump.server_out); };
  while (fill() == Sent::accepted) continue;
  REQUIRE(pump.server.buffered_amount() < data_in_advance);

  pump.relay.opened(ada, {0}, {"chat", "parley.1/all", {}}, pump.server_out.drops);
  pump.relay.receive(ada, {0}, Buffer{1, 0, 'h', 'i'}, pump.server_out.drops);
  pump.turn();
  CHECK(pump.server_out.drops[DropReason::data_no_channel_free] == 0);
  for (int i = 0; i < 100; ++i) {
    pump.run(milliseconds(50));
    pump.turn();
  }
  std::size_t heard = 0;
  while (const auto event = pump.client.channels->take_event())
    if (const auto* message = std::get_if<ChannelMessage>(&*event); message && message->channel != *filler) {
      CHECK(as_text(Bytes(message->content).subspan(delivered_head)) == "hi");
      ++heard;
    }
  CHECK(heard == 1);
}
