// The synthetic clients judge the data that they hear, in the simulator and in load tests: here they hear what is wrong.

#include <catch2/catch.hpp>

#include "tests/support/local_call.hpp"

using namespace parley;
using loadtest::DataMode;

namespace {

struct Said {
  std::uint32_t frame = 0;
  std::uint64_t room = 0;
};

/// What the first of two people says of these messages, which the second one has sent.
loadtest::DataCounts judgement(DataMode mode, const std::vector<Said>& messages) {
  test::CallShape shape{.tracks = {loadtest::microphone()}, .publishers = 2};
  shape.meeting = true;
  shape.data = loadtest::DataSettings{};
  test::LocalCall call(shape, Address::v4({192, 0, 2, 1}, 40000));
  auto& connection = call.peer(1).publisher()->connection();
  const std::string name(loadtest::data_mode_names[static_cast<std::size_t>(mode)]);
  const auto channel = connection.open_channel(call.now(), {name, "parley.1/" + name, {}}, call.uplink());
  REQUIRE(channel);
  for (const auto& said : messages) {
    Buffer message(2 + loadtest::pattern_size);
    Writer writer(message);
    writer.u8(1).u8(0);
    loadtest::write({.room = said.room,
                     .publisher = 2,
                     .track = static_cast<std::uint32_t>(mode),
                     .frame = said.frame,
                     .reference = 1,
                     .sent = call.now()},
                    writer.reserve(loadtest::pattern_size));
    REQUIRE(connection.send_message(call.now(), *channel, transport::MessageKind::binary, message, call.uplink()) ==
            transport::Sent::accepted);
  }
  call.run(seconds(5));
  return (*call.peer(0).data())[mode];
}

}  // namespace

TEST_CASE("a client notices what is lost, repeated and out of order on a reliable topic") {
  const auto mode = GENERATE(DataMode::all, DataMode::wait);
  const auto heard = judgement(mode, {{0}, {1}, {1}, {4}, {3}, {5}});
  CHECK(heard.received == 6);
  CHECK(heard.repeated == 1);
  CHECK(heard.lost == 2);
  CHECK(heard.misplaced == 1);
}

TEST_CASE("on a lossy topic what is late is not lost, and what comes twice is noticed") {
  const auto heard = judgement(DataMode::lossy, {{0}, {3}, {1}, {3}, {1}, {4}});
  CHECK(heard.received == 6);
  CHECK(heard.lost == 1);
  CHECK(heard.repeated == 2);
  CHECK(heard.misplaced == 0);
}

TEST_CASE("a client notices a message out of another room") {
  const auto heard = judgement(DataMode::all, {{0}, {1, 9}});
  CHECK(heard.received == 1);
  CHECK(heard.misplaced == 1);
}
