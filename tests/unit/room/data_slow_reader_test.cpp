// A slow reader is nobody's business but its own and, where the topic is made so, its sender's.

#include <catch2/catch.hpp>

#include "tests/unit/room/data_talk.hpp"

using namespace parley;
using namespace parley::room;
using transport::ChannelId;
using Kind = Heard::Kind;
using Texts = std::vector<std::string>;

namespace {

constexpr std::uint64_t ada = 1, bob = 2, eve = 3;

std::string numbered(int number, std::size_t size) {
  std::string text = std::to_string(number) + ' ';
  text.resize(size, 'x');
  return text;
}
int number_of(const std::string& text) { return std::stoi(text); }

}  // namespace

TEST_CASE("a slow reader of a lossy topic loses the oldest messages, and keeps the newest 256 KiB") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "place", "lossy");
  talk.let(bob, 0);
  for (int i = 0; i < 1000; ++i) talk.send(ada, channel, numbered(i, 1000));
  CHECK(talk.texts(eve).size() == 1000);
  talk.let(bob, unlimited);
  const auto kept = talk.texts(bob);
  CHECK(number_of(kept.back()) == 999);
  CHECK(number_of(kept.front()) == 1000 - static_cast<int>(kept.size()));
  CHECK(kept.size() == DataRelay::longest_lossy_backlog / (1000 + delivered_head + DataStore::overhead));
  CHECK(talk.drop(DropReason::data_lossy_backlog_full) == 1000 - kept.size());
}

TEST_CASE("a reader that takes nothing does not keep topics on which nobody sends any more from making room") {
  DataTalk talk(3);
  talk.let(bob, 0);
  for (std::size_t i = 0; i < DataRelay::most_topics; ++i) {
    const auto channel = talk.open(ada, "topic " + std::to_string(i), i % 2 == 0 ? "all" : "wait");
    talk.send(ada, channel, "hello");
    talk.close(ada, channel);
  }
  const auto channel = talk.open(ada, "one more", "all");
  CHECK(talk.channels(ada).contains(channel));
  CHECK(talk.drop(DropReason::data_too_many_topics) == 0);
  CHECK(talk.drop(DropReason::data_backlog_full) == 1);
  talk.send(ada, channel, "the last one");
  CHECK(talk.texts(eve).size() == DataRelay::most_topics + 1);
  talk.let(bob, unlimited);
  CHECK(talk.texts(bob).size() == DataRelay::most_topics);
  CHECK(talk.texts(bob).back() == "the last one");
}

TEST_CASE("one large message fits into a lossy backlog, whatever it costs to keep") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "place", "lossy");
  talk.let(bob, 0);
  const std::string large(transport::maximum_message - delivered_head, 'x');
  talk.send(ada, channel, large);
  talk.let(bob, unlimited);
  CHECK(talk.texts(bob) == Texts{large});
}

TEST_CASE("a slow reader of an `all` topic leaves it, is told so at last, and can join again") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "chat", "all");
  talk.send(ada, channel, numbered(0, 1000));
  talk.let(bob, 0);
  for (int i = 1; i <= 2000; ++i) talk.send(ada, channel, numbered(i, 1000));
  CHECK(talk.texts(eve).size() == 2001);
  CHECK(talk.statistics[Metric::data_topics_left] == 1);
  CHECK(talk.relay.cost() == 0);

  talk.let(bob, unlimited);
  const auto left = talk.heard(bob, Kind::left);
  REQUIRE(left.size() == 1);
  CHECK(talk.texts(bob).size() == 1);
  CHECK(talk.heard(bob).back().kind == Kind::left);
  CHECK(left[0].number == DataRelay::longest_backlog / (1000 + delivered_head + DataStore::overhead) + 1);
  talk.send(ada, channel, "not for bob");
  talk.send(ada, channel, "for bob, who has left", {2});
  CHECK(talk.texts(bob).size() == 1);
  CHECK(talk.heard(ada, Kind::refused).at(0).number == 7);
  CHECK(talk.heard(ada, Kind::refused).at(0).receiver == bob);
  CHECK(talk.drop(DropReason::data_receiver_left) > 2);

  talk.send_raw(bob, left[0].channel, Buffer{5});
  talk.send(ada, channel, "welcome back");
  CHECK(talk.texts(bob).back() == "welcome back");
}

TEST_CASE("whoever joins again is back when the connection has caught up, and does not leave once more until then") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "chat", "all");
  const auto fill = [&] {
    for (int i = 0; i < 1100; ++i) talk.send(ada, channel, numbered(i, 1000));
  };
  talk.let(bob, 0);
  fill();
  talk.let(bob, unlimited);
  const auto left = talk.heard(bob, Kind::left);
  REQUIRE(left.size() == 1);
  talk.let(bob, 0);
  for (int time = 0; time < 2; ++time) talk.send_raw(bob, left[0].channel, Buffer{5});
  fill();
  CHECK(talk.statistics[Metric::data_topics_left] == 1);
  talk.let(bob, unlimited);
  talk.send(ada, channel, "welcome back");
  CHECK(talk.texts(bob) == Texts{"welcome back"});
  CHECK(talk.heard(bob, Kind::left).size() == 1);
  talk.let(bob, 0);
  fill();
  CHECK(talk.statistics[Metric::data_topics_left] == 2);
}

TEST_CASE("who has left one topic goes on with the others") {
  DataTalk talk(2);
  const auto chat = talk.open(ada, "chat", "all");
  const auto other = talk.open(ada, "other", "all");
  talk.let(bob, 0);
  for (int i = 0; i < 1100; ++i) talk.send(ada, chat, numbered(i, 1000));
  talk.send(ada, other, "still here");
  talk.let(bob, unlimited);
  CHECK(talk.texts(bob) == Texts{"still here"});
}

TEST_CASE("a wait topic begins with a credit of 1 MiB, and is told more in quarters of it") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "file", "wait");
  REQUIRE(talk.heard(ada).size() == 1);
  CHECK(talk.heard(ada)[0].kind == Kind::credit);
  CHECK(talk.credit(ada, channel) == DataRelay::window);
  const std::size_t size = 64 * 1024;
  for (int i = 0; i < 3; ++i) talk.send(ada, channel, std::string(size - 2, 'x'));
  CHECK(talk.heard(ada).size() == 1);
  talk.send(ada, channel, std::string(size - 2, 'x'));
  CHECK(talk.credit(ada, channel) == DataRelay::window + 4 * size);
  CHECK(talk.heard(ada).size() == 2);
}

TEST_CASE("the sender on a wait topic waits for the slowest of its receivers, and nothing is lost") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "file", "wait");
  talk.let(bob, 0);
  std::uint64_t sent = 0;
  int number = 0;
  const auto send_what_is_allowed = [&] {
    for (const std::size_t size = 50'000; sent + size <= talk.credit(ada, channel); sent += size)
      talk.send(ada, channel, numbered(number++, size - 2));
  };
  send_what_is_allowed();
  CHECK(sent <= DataRelay::window);
  CHECK(talk.texts(eve).size() == static_cast<std::size_t>(number));
  for (int turn = 0; turn < 100; ++turn) {
    talk.let(bob, 120'000);
    send_what_is_allowed();
    CHECK(talk.relay.cost() <= DataRelay::window + 30 * DataStore::overhead);
  }
  talk.let(bob, unlimited);
  const auto got = talk.texts(bob);
  REQUIRE(got.size() == static_cast<std::size_t>(number));
  for (int i = 0; i < number; ++i) CHECK(number_of(got[static_cast<std::size_t>(i)]) == i);
  CHECK(talk.texts(eve) == got);
  CHECK(talk.drops.total() == 0);
  CHECK(number > 200);
}

TEST_CASE("what is sent beyond the credit is refused, and costs nothing") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "file", "wait");
  talk.let(bob, 0);
  for (int i = 0; i < 40; ++i) talk.send(ada, channel, numbered(i, 100'000));
  CHECK(talk.relay.cost() <= DataRelay::window + 100 * DataStore::overhead);
  const auto refused = talk.heard(ada, Kind::refused);
  CHECK(refused.size() == 30);
  CHECK(refused.at(0).number == 5);
  CHECK(talk.drop(DropReason::data_beyond_credit) == 30);
  // It is over, not forever: when the receiver has caught up, there is credit for more.
  talk.let(bob, unlimited);
  talk.send(ada, channel, "more");
  CHECK(talk.texts(bob).back() == "more");
}

TEST_CASE("the credit of a sender goes on when a receiver is removed, or connects anew") {
  DataTalk talk(3);
  const auto channel = talk.open(ada, "file", "wait");
  talk.let(bob, 0);
  for (int i = 0; i < 10; ++i) talk.send(ada, channel, numbered(i, 100'000));
  CHECK(talk.credit(ada, channel) == DataRelay::window);
  if (GENERATE(true, false))
    talk.relay.remove({bob}, talk.drops);
  else
    talk.reconnect(bob);
  talk.send(ada, channel, "");
  CHECK(talk.credit(ada, channel) >= DataRelay::window + 1'000'000);
}

TEST_CASE("credit for messages of a channel that was closed does not go to the next one with its number") {
  DataTalk talk(2);
  const auto channel = talk.open(ada, "file", "wait");
  talk.let(bob, 0);
  for (int i = 0; i < 10; ++i) talk.send(ada, channel, numbered(i, 100'000));
  talk.reconnect(ada);
  const auto again = talk.open(ada, "file", "wait");
  REQUIRE(again == channel);
  talk.let(bob, unlimited);
  CHECK(talk.texts(bob).size() == 10);
  CHECK(talk.credit(ada, again) == DataRelay::window);
}

TEST_CASE("messages that reach nobody, or only ask to join, are credited at once") {
  DataTalk talk(1);
  const auto channel = talk.open(ada, "file", "wait");
  talk.send(ada, channel, std::string(200'000, 'x'));
  talk.send(ada, channel, std::string(200'000, 'x'), {77});
  talk.send_raw(ada, channel, Buffer{5});
  CHECK(talk.credit(ada, channel) == DataRelay::window + 400'000 + 8);
}

TEST_CASE("a file does not hold up a chat: the topics of a receiver take turns") {
  DataTalk talk(2);
  const auto file = talk.open(ada, "file", "wait");
  const auto chat = talk.open(ada, "chat", "all");
  talk.let(bob, 0);
  for (int i = 0; i < 15; ++i) talk.send(ada, file, numbered(i, 65'000));
  talk.send(ada, chat, "hello");
  talk.let(bob, 2 * 65'100);
  const auto got = talk.texts(bob);
  CHECK(std::ranges::count(got, "hello") == 1);
}

TEST_CASE("a slow reader changes nothing for the others, in any mode: they get each message at the moment when it is sent") {
  const std::string mode = GENERATE("all", "wait", "lossy");
  // In ticks of 10 ms: ada sends 5 kB at each; bob's connection carries 20 kB/s, the others' all there is. On a `wait` topic ada
  // would wait for bob after 1 MiB, so there it is less.
  const int ticks = mode == "wait" ? 200 : 1000;
  const auto run = [&](bool with_slow_reader) {
    DataTalk talk(5);
    const auto channel = talk.open(ada, "topic", mode);
    std::vector<std::size_t> got;  // by eve and the others, after each tick
    for (int tick = 0; tick < ticks; ++tick) {
      if (with_slow_reader) talk.let(bob, 200);
      talk.send(ada, channel, numbered(tick, 5000));
      for (const std::uint64_t id : {eve, std::uint64_t{4}, std::uint64_t{5}}) got.push_back(talk.heard(id).size());
    }
    return got;
  };
  const auto got = run(true);
  CHECK(got == run(false));
  CHECK(got.back() >= static_cast<std::size_t>(ticks));
}
