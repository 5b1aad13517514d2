#include "sfu/transport/dcep.hpp"

#include <catch2/catch.hpp>

namespace parley::transport {

namespace {

/// Chromium's, for createDataChannel("chat", {protocol: "p", ordered: false, maxRetransmits: 3}).
const Buffer open_message{0x03, 0x81, 0x01, 0x00, 0, 0, 0, 3, 0, 4, 0, 1, 'c', 'h', 'a', 't', 'p'};
const ChannelDescription description{"chat", "p", {Reliability::Kind::retransmissions, false, 3}};

}  // namespace

TEST_CASE("An OPEN says label, protocol and reliability") {
  const auto parsed = parse_dcep(open_message);
  REQUIRE(parsed);
  CHECK(std::get<DcepOpen>(*parsed).description == description);
  CHECK(write_dcep_open(description) == open_message);
}

TEST_CASE("Each kind of reliability is read as it was written") {
  using Kind = Reliability::Kind;
  for (const auto kind : {Kind::reliable, Kind::retransmissions, Kind::lifetime})
    for (const bool ordered : {true, false}) {
      const ChannelDescription channel{"a", "", {kind, ordered, kind == Kind::reliable ? 0u : 77u}};
      const auto parsed = parse_dcep(write_dcep_open(channel));
      REQUIRE(parsed);
      CHECK(std::get<DcepOpen>(*parsed).description == channel);
    }
}

TEST_CASE("An ACK is one byte") {
  CHECK(write_dcep_ack() == Buffer{0x02});
  const auto parsed = parse_dcep(write_dcep_ack());
  REQUIRE(parsed);
  CHECK(std::holds_alternative<DcepAck>(*parsed));
}

TEST_CASE("Each OPEN that is cut off is refused") {
  for (std::size_t size = 0; size < open_message.size(); ++size) CHECK_FALSE(parse_dcep(Bytes(open_message).first(size)));
}

TEST_CASE("An unknown message or channel type is refused") {
  Buffer message = open_message;
  message[0] = 0x04;
  CHECK_FALSE(parse_dcep(message));
  message = open_message;
  message[1] = 0x03;
  CHECK_FALSE(parse_dcep(message));
  message[1] = 0x84;
  CHECK_FALSE(parse_dcep(message));
}

TEST_CASE("Names of more than 1000 bytes together are refused") {
  const auto named = [](std::size_t label, std::size_t protocol) {
    return write_dcep_open({std::string(label, 'l'), std::string(protocol, 'p'), {}});
  };
  CHECK(parse_dcep(named(600, 400)));
  CHECK_FALSE(parse_dcep(named(600, 401)));
}

}  // namespace parley::transport
