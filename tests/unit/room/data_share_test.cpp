// What may wait in a room is shared by its senders: whoever sends what nobody reads fills a part of it, and no more.

#include <catch2/catch.hpp>

#include "tests/unit/room/data_talk.hpp"

using namespace parley;
using namespace parley::room;
using transport::ChannelId;
using Kind = Heard::Kind;

namespace {

constexpr std::uint64_t ada = 1, bob = 2, eve = 3, dan = 4;
constexpr std::size_t megabyte = 1'000'000;
constexpr std::size_t capacity = 8 * megabyte;
constexpr std::uint64_t too_much = 5;

/// Of `wait` topics of its own, for bob alone, who takes nothing: a megabyte in each, which is less than its credit.
void send_to_bob(DataTalk& talk, std::uint64_t sender, int topics) {
  for (int topic = 0; topic < topics; ++topic) {
    const auto channel = talk.open(sender, "from " + std::to_string(sender) + " " + std::to_string(topic), "wait");
    for (int i = 0; i < 10; ++i) talk.send(sender, channel, std::string(megabyte / 10, 'x'), {bob});
  }
}

}  // namespace

TEST_CASE("a sender and a reader that takes nothing fill the sender's part of the room, and the others' data goes on") {
  DataTalk talk(4, capacity);
  talk.let(bob, 0);
  send_to_bob(talk, ada, 16);
  CHECK(talk.relay.cost() > capacity / 5);
  CHECK(talk.relay.cost() <= capacity / 4);
  CHECK(talk.drop(DropReason::data_store_full) > 100);
  CHECK(talk.drop(DropReason::data_beyond_credit) == 0);
  CHECK(talk.heard(ada, Kind::refused).at(0).number == too_much);

  const std::string mode = GENERATE("all", "wait", "lossy");
  const auto channel = talk.open(eve, "file", mode);
  for (int i = 0; i < 10; ++i) talk.send(eve, channel, std::string(megabyte / 10, 'x'));
  CHECK(talk.texts(dan).size() == 10);
  CHECK(talk.heard(eve, Kind::refused).empty());
}

TEST_CASE("a sender may go on once what it has sent is read") {
  DataTalk talk(2, capacity);
  talk.let(bob, 0);
  send_to_bob(talk, ada, 3);
  CHECK(talk.drop(DropReason::data_store_full) > 0);
  talk.let(bob, unlimited);
  const auto refused = talk.heard(ada, Kind::refused).size();
  send_to_bob(talk, ada, 3);
  CHECK(talk.heard(ada, Kind::refused).size() == refused);
}

TEST_CASE("a sender that connects anew gets no second part of the room") {
  DataTalk talk(2, capacity);
  talk.let(bob, 0);
  for (int i = 0; i < 10; ++i) {
    send_to_bob(talk, ada, 3);
    talk.reconnect(ada);
  }
  CHECK(talk.relay.cost() <= capacity / 4);
}

TEST_CASE("however many fill their parts of the room, there is something left for one more") {
  constexpr std::uint64_t senders = 8;
  DataTalk talk(2 + senders, capacity);
  talk.let(bob, 0);
  for (std::uint64_t sender = 3; sender < 3 + senders; ++sender) send_to_bob(talk, sender, 3);
  CHECK(talk.relay.cost() > capacity * 3 / 4);
  // A tenth of the room is left, of which one more gets its quarter.
  talk.send(ada, talk.open(ada, "file", "wait"), std::string(megabyte / 10, 'x'), {bob, 3});
  CHECK(talk.texts(3).size() == 1);
  CHECK(talk.heard(ada, Kind::refused).empty());
}
