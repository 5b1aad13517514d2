// Data channels over the whole transport: ICE, DTLS and SCTP together.

#include <catch2/catch.hpp>

#include "tests/sim/virtual_time.hpp"
#include "tests/support/two_ends.hpp"

namespace parley::transport {

namespace {

const SctpParameters parameters{.remote_maximum_message = maximum_message};
const ChannelDescription chat{"chat", "", {}};

struct Ends : test::TwoEnds {
  explicit Ends(std::uint64_t seed = 1, test::LinkBehaviour behaviour = {}) : TwoEnds(seed, behaviour) {
    clock = sim::set_virtual_time;
    clock(now);
    client.channels.emplace(DataChannels::Role::client, parameters);
  }
  std::vector<ChannelEvent> at_server() {
    std::vector<ChannelEvent> events;
    while (auto event = server.take_channel_event()) events.push_back(std::move(*event));
    return events;
  }
  std::vector<ChannelEvent> at_client() {
    std::vector<ChannelEvent> events;
    while (auto event = client.channels->take_event()) events.push_back(std::move(*event));
    return events;
  }
};

}  // namespace

TEST_CASE("A channel opened by the client carries messages both ways over DTLS") {
  Ends ends;
  ends.server.enable_channels(parameters);
  ends.connect_and_wait();
  REQUIRE(ends.server.channels_ready());
  const auto id = ends.client.channels->open(ends.now, chat);
  REQUIRE(id);
  CHECK(ends.client.channels->send(ends.now, *id, MessageKind::text, as_bytes("ping")) == Sent::accepted);
  ends.client.flush_channels(ends.client_out);
  ends.flush();
  ends.run(milliseconds(100));
  const auto events = ends.at_server();
  REQUIRE(events.size() == 3);
  CHECK(std::holds_alternative<ChannelsReady>(events[0]));
  CHECK(std::get<ChannelOpened>(events[1]).description == chat);
  CHECK(as_text(std::get<ChannelMessage>(events[2]).content) == "ping");
  ends.at_client();
  CHECK(ends.server.send_message(ends.now, *id, MessageKind::binary, Buffer(maximum_message, 7), ends.server_out) ==
        Sent::accepted);
  CHECK(ends.server.buffered_amount() == maximum_message);
  ends.flush();
  ends.run(seconds(2));
  const auto answers = ends.at_client();
  REQUIRE(answers.size() == 1);
  CHECK(std::get<ChannelMessage>(answers[0]).content == Buffer(maximum_message, 7));
  CHECK(ends.server.buffered_amount() == 0);
  for (const Buffer& datagram : ends.to_client) CHECK(datagram.size() <= 1200);
}

TEST_CASE("Channels come through a bad link that also loses the handshake") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    Ends ends(seed, {.loss = 0.2, .jitter = milliseconds(20)});
    ends.server.enable_channels(parameters);
    ends.connect();
    ends.run(seconds(60));
    REQUIRE(ends.server.channels_ready());
    const auto id = ends.server.open_channel(ends.now, chat, ends.server_out);
    REQUIRE(id);
    CHECK(id->value == 1);
    for (int i = 0; i < 20; ++i) ends.server.send_message(ends.now, *id, MessageKind::text, as_bytes("news"), ends.server_out);
    ends.flush();
    ends.run(seconds(30));
    CHECK(ends.at_client().size() == 22);  // ready, opened, the news
  }
}

TEST_CASE("Without data channels in the descriptions their packets are counted and go nowhere") {
  Ends ends;
  ends.connect_and_wait();
  ends.client.channels->connect(ends.now);
  ends.run(seconds(1));
  CHECK_FALSE(ends.server.channels_ready());
  CHECK(ends.server_out.drops[DropReason::sctp_not_negotiated] > 0);
  CHECK_FALSE(ends.server.open_channel(ends.now, chat, ends.server_out));
  CHECK(ends.server.send_message(ends.now, {0}, MessageKind::text, as_bytes("x"), ends.server_out) == Sent::refused);
}

TEST_CASE("Channels that a later description brings come up in the connection that is there") {
  Ends ends;
  ends.connect_and_wait();
  ends.server.enable_channels(parameters);
  ends.run(seconds(5));
  CHECK(ends.server.channels_ready());
}

TEST_CASE("The client's goodbye ends the channels, and so does ours") {
  Ends ends;
  ends.server.enable_channels(parameters);
  ends.connect_and_wait();
  ends.at_server();
  SECTION("the client's") {
    ends.client.dtls->close(ends.now, *ends.client.ice.selected(), ends.client_out);
    ends.flush();
    ends.run(milliseconds(100));
    CHECK(ends.server.state() == State::closed);
  }
  SECTION("ours") { ends.server.close(ends.now, ends.server_out); }
  const auto events = ends.at_server();
  REQUIRE(events.size() == 1);
  CHECK(std::holds_alternative<ChannelsLost>(events[0]));
  CHECK_FALSE(ends.server.channels_ready());
  CHECK(ends.server.send_message(ends.now, {0}, MessageKind::text, as_bytes("x"), ends.server_out) == Sent::refused);
}

}  // namespace parley::transport
