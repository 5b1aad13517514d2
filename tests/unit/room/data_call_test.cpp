// Data topics over real connections: an Engine, and clients with DTLS and SCTP of their own.

#include <catch2/catch.hpp>

#include "tests/support/local_call.hpp"

using namespace parley;
using loadtest::DataMode;
using room::Metric;

namespace {

const Address server = Address::v4({192, 0, 2, 1}, 40000);

test::CallShape people(std::size_t count, std::vector<loadtest::DataStream> streams) {
  test::CallShape shape{.tracks = {loadtest::microphone()}, .publishers = count};
  shape.meeting = true;
  shape.data = loadtest::DataSettings{.streams = std::move(streams)};
  return shape;
}

const loadtest::DataCounts& counts(test::LocalCall& call, std::size_t peer, DataMode mode) {
  return (*call.peer(peer).data())[mode];
}

std::uint64_t data_drops(const Drops& drops) {
  std::uint64_t sum = 0;
  for (auto reason = DropReason::data_unknown_topic; reason <= DropReason::data_too_many_refusals;
       reason = static_cast<DropReason>(static_cast<int>(reason) + 1))
    sum += drops[reason];
  return sum;
}

}  // namespace

TEST_CASE("clients hear each other on topics of every mode, and nothing is lost, repeated or out of order") {
  test::LocalCall call(people(3, {{DataMode::all, 5, 1000}, {DataMode::lossy, 20, 200}, {DataMode::wait, 4, 100'000}}), server);
  call.run(seconds(3));
  for (std::size_t peer = 0; peer < 3; ++peer) {
    for (const auto mode : {DataMode::all, DataMode::wait, DataMode::lossy}) {
      const auto& heard = counts(call, peer, mode);
      CHECK(heard.received >= 20);
      CHECK(heard.lost + heard.repeated + heard.misplaced + heard.left + heard.refused == 0);
      CHECK(heard.delay.quantile(0.99) < 50'000);
    }
  }
  CHECK(data_drops(call.drops()) == 0);
  // But for the first few, when not everybody was there.
  const auto& statistics = call.engine().statistics();
  CHECK(statistics[Metric::data_lossy_sent] + 10 > 2 * statistics[Metric::data_lossy_received]);
}

TEST_CASE("when somebody goes, nothing of theirs comes any more, and after the last one nothing is left") {
  test::LocalCall call(people(2, {{DataMode::all, 5, 1000}, {DataMode::wait, 20, 50'000}}), server);
  CHECK(counts(call, 0, DataMode::all).received > 0);
  call.tell(control::RemoveParticipant{ParticipantId{2}});
  call.run(milliseconds(50));
  const auto before = counts(call, 0, DataMode::all).received;
  call.run(seconds(1));
  CHECK(counts(call, 0, DataMode::all).received == before);
  // The one who is left sends a file to nobody.
  CHECK(counts(call, 0, DataMode::wait).sent > 0);
  call.tell(control::RemoveParticipant{ParticipantId{1}});
  CHECK(call.engine().empty());
}

TEST_CASE("a file of 50 Mbit/s does not hold up the chat beside it") {
  test::LocalCall call(people(2, {{DataMode::all, 10, 500}, {DataMode::wait, 100, 65'000}}), server);
  call.run(seconds(2));
  const auto& file = counts(call, 0, DataMode::wait);
  const auto& chat = counts(call, 0, DataMode::all);
  CHECK(file.received >= 150);
  CHECK(file.lost + file.repeated + file.misplaced == 0);
  CHECK(chat.received >= 20);
  CHECK(chat.delay.quantile(0.95) < 100'000);
  INFO("file " << file.octets << " bytes, chat p95 " << chat.delay.quantile(0.95) << " µs");
  CHECK(data_drops(call.drops()) == 0);
}
