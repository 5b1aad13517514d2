// What the contract of data topics promises to those who keep it, and to those who don't.

#include <catch2/catch.hpp>

#include "tests/unit/room/data_talk.hpp"

using namespace parley;
using namespace parley::room;
using transport::ChannelId;
using Kind = Heard::Kind;
using Texts = std::vector<std::string>;

namespace {

constexpr std::uint64_t ada = 1, bob = 2, eve = 3;

std::string sized(std::size_t size) { return std::string(size, 'x'); }

}  // namespace

TEST_CASE("a message to all reaches everybody else, with its sender's number, on a channel that the server opens") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, "hello");
  for (const auto id : {bob, eve}) {
    REQUIRE(talk.heard(id).size() == 1);
    CHECK(talk.heard(id)[0].number == ada);
    CHECK(talk.heard(id)[0].text == "hello");
    CHECK(talk.channels(id).at(ChannelId{1}).protocol == "parley.1/all");
    CHECK(talk.channels(id).at(ChannelId{1}).reliability.ordered);
  }
  CHECK(talk.heard(ada).empty());
  CHECK(talk.statistics[Metric::data_all_received] == 1);
  CHECK(talk.statistics[Metric::data_all_sent] == 2);
}

TEST_CASE("the server uses the channel that a receiver has opened for the topic") {
  DataTalk talk(2);
  const auto own = talk.open(bob, "chat", "lossy");
  talk.send(ada, talk.open(ada, "chat", "lossy"), "hello");
  CHECK(talk.channels(bob).size() == 1);
  CHECK(talk.heard(bob).at(0).channel == own);
}

TEST_CASE("one name in two modes is two topics") {
  DataTalk talk(2);
  talk.open(bob, "chat", "lossy");
  talk.send(ada, talk.open(ada, "chat", "all"), "hello");
  CHECK(talk.channels(bob).at(talk.heard(bob).at(0).channel).protocol == "parley.1/all");
}

TEST_CASE("a lossy topic's channels are unordered and never repeat") {
  DataTalk talk(2);
  talk.send(ada, talk.open(ada, "place", "lossy"), "here");
  const auto& reliability = talk.channels(bob).at(ChannelId{1}).reliability;
  CHECK_FALSE(reliability.ordered);
  CHECK(reliability.kind == transport::Reliability::Kind::retransmissions);
  CHECK(reliability.limit == 0);
}

TEST_CASE("a message to some reaches those alone, and each of them once") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, "psst", {3, 3, 3});
  CHECK(talk.texts(bob).empty());
  CHECK(talk.texts(eve) == Texts{"psst"});
}

TEST_CASE("the sender is told whom a message could not reach, and why; the others get it") {
  DataTalk talk(4);
  talk.relay.disconnect({4}, talk.drops);
  talk.join(5, {.publish = true, .hidden = true});
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, "hello", {2, 77, 4, 5, 1});
  CHECK(talk.texts(bob) == Texts{"hello"});
  const auto refused = talk.heard(ada, Kind::refused);
  REQUIRE(refused.size() == 4);
  CHECK((refused[0].number == 3 && refused[0].receiver == 77));
  CHECK((refused[1].number == 4 && refused[1].receiver == 4));
  CHECK((refused[2].number == 3 && refused[2].receiver == 5));
  CHECK((refused[3].number == 3 && refused[3].receiver == 1));
}

TEST_CASE("whoever may not publish data is told so, and still receives") {
  DataTalk talk(1);
  const bool hidden = GENERATE(false, true);
  talk.join(bob, {.publish = hidden, .hidden = hidden});
  const auto own = talk.open(ada, "chat", "all");
  const auto channel = talk.open(bob, "chat", "all");
  talk.send(bob, channel, "I am not here");
  CHECK(talk.texts(ada).empty());
  CHECK(talk.heard(bob, Kind::refused).at(0).number == 2);
  CHECK(talk.drop(DropReason::data_not_permitted) == 1);
  talk.send(ada, own, "hello");
  CHECK(talk.texts(bob) == Texts{"hello"});
}

TEST_CASE("whoever may not publish data can neither begin a topic nor keep one") {
  DataTalk talk(1);
  const bool hidden = GENERATE(false, true);
  talk.join(bob, {.publish = hidden, .hidden = hidden});
  for (std::size_t i = 0; i < DataRelay::most_topics; ++i) talk.open(bob, "topic " + std::to_string(i), "all");
  CHECK(talk.channels(bob).empty());
  CHECK(talk.drop(DropReason::data_not_permitted) == DataRelay::most_topics);
  const auto channel = talk.open(ada, "chat", "all");
  CHECK(talk.channels(ada).contains(channel));
  talk.open(bob, "chat", "all");
  CHECK(talk.channels(bob).size() == 1);
  talk.close(ada, channel);
  CHECK(talk.channels(bob).empty());
}

TEST_CASE("messages that are not as they should be are refused and counted, each one") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  const std::vector<Buffer> bad{{}, {0}, {9}, {1}, {1, 2, 0, 0, 0, 2, 0, 0, 0}, {5, 0}};
  for (const auto& message : bad) talk.send_raw(ada, channel, message);
  CHECK(talk.heard(ada, Kind::refused).size() == bad.size());
  CHECK(talk.heard(ada, Kind::refused).at(0).number == 1);
  CHECK(talk.drop(DropReason::data_malformed) == bad.size());
  CHECK(talk.heard(bob).empty());
}

TEST_CASE("an empty payload is a message too, and the largest is one that fits with the receiver's head") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, "");
  talk.send(ada, channel, sized(transport::maximum_message - delivered_head));
  CHECK(talk.texts(bob).size() == 2);
  talk.send(ada, channel, sized(transport::maximum_message - delivered_head + 1));
  CHECK(talk.texts(bob).size() == 2);
  CHECK(talk.heard(ada, Kind::refused).at(0).number == 6);
  CHECK(talk.drop(DropReason::data_too_large) == 1);
}

TEST_CASE("a channel of another protocol, or without a good label, is closed again and counted") {
  DataTalk talk(2);
  talk.open(ada, "chat", "other");
  talk.open(ada, "", "all");
  talk.open(ada, std::string(65, 'a'), "all");
  talk.open(ada, "\xC0\x80", "all");
  CHECK(talk.channels(ada).empty());
  CHECK(talk.drop(DropReason::data_unknown_topic) == 4);
  const auto longest = talk.open(ada, std::string(64, 'a'), "all");
  CHECK(talk.channels(ada).contains(longest));
  talk.send(ada, ChannelId{0}, "hello");
  CHECK(talk.drop(DropReason::data_without_channel) == 1);
}

TEST_CASE("a room has so many topics and no more, and those that nobody uses make room") {
  DataTalk talk(3);
  std::vector<ChannelId> channels;
  for (std::size_t i = 0; i < DataRelay::most_topics; ++i)
    channels.push_back(talk.open(i % 2 == 0 ? ada : bob, "topic " + std::to_string(i), "all"));
  talk.open(eve, "one more", "all");
  CHECK(talk.drop(DropReason::data_too_many_topics) == 1);
  CHECK(talk.channels(eve).empty());
  talk.close(ada, channels[0]);
  talk.open(eve, "one more", "all");
  CHECK(talk.channels(eve).size() == 1);
}

TEST_CASE("when nobody sends on a topic any more, its channels to the others are closed after what still waits") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "file", "wait");
  talk.let(bob, 0);
  talk.send(ada, channel, "the end");
  CHECK(talk.channels(eve).size() == 1);
  talk.close(ada, channel);
  CHECK(talk.channels(eve).empty());
  CHECK(talk.channels(bob).size() == 1);
  talk.let(bob, unlimited);
  CHECK(talk.texts(bob) == Texts{"the end"});
  CHECK(talk.channels(bob).empty());
}

TEST_CASE("a receiver that closes the channel gets the next message on another one") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, "one");
  talk.close(bob, talk.heard(bob).at(0).channel);
  talk.send(ada, channel, "two");
  CHECK(talk.texts(bob) == Texts{"one", "two"});
  CHECK(talk.heard(bob)[0].channel != talk.heard(bob)[1].channel);
}

TEST_CASE("a receiver whose connection has no channel left misses the message, and it is counted") {
  DataTalk talk(2);
  talk.most_channels = 1;
  talk.open(bob, "other", "all");
  const auto channel = talk.open(ada, "chat", "wait");
  talk.send(ada, channel, sized(300'000 - 100'000));
  CHECK(talk.texts(bob).empty());
  CHECK(talk.drop(DropReason::data_no_channel_free) > 0);
  CHECK(talk.relay.cost() == 0);
}

TEST_CASE("what may wait in a room has a limit, and the sender is told when it is reached") {
  DataTalk talk(2, 4000);
  talk.let(bob, 0);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, sized(500));
  talk.send(ada, channel, sized(500));
  CHECK(talk.drop(DropReason::data_store_full) == 1);
  CHECK(talk.heard(ada, Kind::refused).at(0).number == 5);
  CHECK(talk.relay.cost() <= 1000);
}

TEST_CASE("refusals to a sender that does not read them have a limit, too") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  talk.let(ada, 0);
  for (std::size_t i = 0; i < DataRelay::most_notices + 10; ++i) talk.send_raw(ada, channel, Buffer{9});
  CHECK(talk.drop(DropReason::data_too_many_refusals) == 10);
  talk.let(ada, unlimited);
  CHECK(talk.heard(ada, Kind::refused).size() == DataRelay::most_notices);
}

TEST_CASE("after everybody has left, nothing is left") {
  DataTalk talk(3);
  const auto file = talk.open(ada, "file", "wait");
  const auto chat = talk.open(bob, "chat", "all");
  for (const auto id : {ada, bob, eve}) talk.let(id, 0);
  talk.send(ada, file, "one");
  talk.send(bob, chat, "two");
  for (const auto id : {bob, ada, eve}) talk.relay.remove({id}, talk.drops);
  CHECK(talk.relay.empty());
  CHECK(talk.relay.cost() == 0);
  CHECK(talk.drop(DropReason::data_receiver_gone) == 4);
}

TEST_CASE("whoever connects anew begins with nothing, and is a receiver again") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  talk.let(bob, 0);
  talk.send(ada, channel, "lost on the way");
  talk.reconnect(bob);
  talk.send(ada, channel, "hello again");
  CHECK(talk.texts(bob) == Texts{"hello again"});
  // Its own old channel is unknown now, and the same number may be another topic.
  talk.reconnect(ada);
  talk.send(ada, channel, "too early");
  CHECK(talk.drop(DropReason::data_without_channel) == 1);
  talk.send(ada, talk.open(ada, "other", "all"), "in another topic");
  CHECK(talk.channels(bob).at(talk.heard(bob).back().channel).label == "other");
}
