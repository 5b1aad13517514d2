#include "sfu/net/mailbox.hpp"

#include <catch2/catch.hpp>

using namespace parley::net;

TEST_CASE("Messages of any size arrive whole and in order, both ways") {
  auto [front, worker] = Mailbox::pair();
  const std::vector<std::string> sent = {"a", "", std::string(1000000, 'x'), "last"};
  for (const std::string& message : sent) REQUIRE(front.send(message));
  REQUIRE(worker.send("back"));
  std::vector<std::string> received;
  while (received.size() < sent.size()) {
    REQUIRE(worker.receive(received));
    REQUIRE(front.flush());
  }
  CHECK(received == sent);
  CHECK_FALSE(front.wants_output());
  std::vector<std::string> answers;
  REQUIRE(front.receive(answers));
  CHECK(answers == std::vector<std::string>{"back"});
}

TEST_CASE("An end whose other side has gone says so, after the last message") {
  auto [front, worker] = Mailbox::pair();
  REQUIRE(worker.send("last words"));
  { const Mailbox gone = std::move(worker); }
  std::vector<std::string> received;
  CHECK_FALSE(front.receive(received));
  CHECK(received == std::vector<std::string>{"last words"});
  CHECK_FALSE(front.send("anybody?"));
}

TEST_CASE("A side that does not read is given up instead of filling the memory") {
  auto [front, worker] = Mailbox::pair();
  const std::string megabyte(1 << 20, 'x');
  int accepted = 0;
  while (front.send(megabyte)) REQUIRE(++accepted <= 34);
  CHECK(accepted >= 31);
  CHECK(front.wants_output());
}

TEST_CASE("A message beyond the limit is refused by both sides") {
  auto [front, worker] = Mailbox::pair();
  CHECK_FALSE(front.send(std::string(Mailbox::message_limit + 1, 'x')));
}
