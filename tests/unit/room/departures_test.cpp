// How what is forwarded leaves: together for each receiver, spread when it is much, and never after its publisher has gone.

#include <catch2/catch.hpp>
#include <map>

#include "sfu/room/departures.hpp"
#include "sfu/room/subscription.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/local_call.hpp"

using namespace parley;
using namespace parley::test;

namespace {

const Address server = *Address::parse("127.0.0.1", 40000);

/// The sizes of the runs of datagrams for one destination in each batch.
class Runs : public Meter {
 public:
  void leave(const DatagramBatch& batch) override {
    std::map<Path, std::size_t> runs;
    std::size_t flows = 0;
    for (const auto& entry : batch.entries()) {
      ++runs[entry.path];
      flows += entry.first_of_flow;
    }
    together &= flows == runs.size();
    largest_batch = std::max(largest_batch, batch.entries().size());
    for (const auto& [path, size] : runs) largest = std::max(largest, size);
    copies += batch.entries().size();
  }
  std::size_t copies = 0;
  std::size_t largest = 0;
  std::size_t largest_batch = 0;
  bool together = true;
};

/// How many turns sent media, and how many of those allocated something.
class Turns : public Meter {
 public:
  void begin() override { before_ = allocations(); }
  void leave(const DatagramBatch& batch) override { sent_ = !batch.empty(); }
  void end() override {
    if (!std::exchange(sent_, false)) return;
    ++sending;
    if (allocations() > before_) ++allocating;
  }
  int sending = 0;
  int allocating = 0;

 private:
  std::uint64_t before_ = 0;
  bool sent_ = false;
};

CallShape video_call(std::size_t publishers, std::size_t viewers, std::size_t packets_in_frame) {
  auto camera = loadtest::camera();
  camera.layers = {{"", packets_in_frame * loadtest::Source::maximum_payload}};
  return {.tracks = {camera}, .publishers = publishers, .viewers = viewers};
}

}  // namespace

TEST_CASE("the packets of a frame leave together for each receiver") {
  LocalCall call(video_call(1, 20, 5), server);
  Runs runs;
  call.run(seconds(1), runs);
  CHECK(runs.together);
  CHECK(runs.largest == 5);
  CHECK(runs.copies > 20 * 15 * 5);
}

TEST_CASE("a large frame is spread, and all of it arrives") {
  LocalCall call(video_call(1, 3, 24), server);
  Runs runs;
  const auto before = call.forwarded();
  call.run(seconds(1), runs);
  CHECK(runs.largest == 11);  // up to the 12000 bytes of a slot
  CHECK(call.forwarded() - before == 3 * 15 * 24);
  CHECK(call.drops()[DropReason::pacer_full] == 0);
}

TEST_CASE("frames of several publishers that come together leave together") {
  LocalCall call(video_call(8, 3, 5), server);
  Runs runs;
  const auto before = call.forwarded();
  call.run(seconds(1), runs);
  CHECK(runs.largest == 8 * 5);
  CHECK(call.forwarded() - before == 8 * 3 * 15 * 5);
}

TEST_CASE("no turn makes many more copies than its share") {
  LocalCall call(video_call(1, 300, 5), server);
  Runs runs;
  call.run(seconds(1), runs);
  CHECK(runs.largest_batch < room::Engine::copies_in_turn + 64);
  CHECK(runs.copies >= 300 * 15 * 5);
}

TEST_CASE("what comes when the slot is used up leaves in the next one, and sound that comes meanwhile at once") {
  room::Context context{
      transport::Certificate::make(), Random::from_number(1), {}, {}, {}, transport::make_cipher(), {}, {}, {}, never};
  room::Subscription subscription(context, ParticipantId{1}, TrackId{1});
  room::Departures departures(context);
  room::Output out;
  const auto push = [&](Time now, bool urgent, std::size_t bytes) {
    auto* const departure = departures.push(now, urgent, bytes, out.outbox.drops);
    REQUIRE(departure);
    departure->subscription = &subscription;
    departure->kind = room::Departure::Kind::nothing;
  };
  const Time begin = Time{} + seconds(100);
  const auto slot = media::Pacer<room::Departure>::slot;
  push(begin, false, media::Pacer<room::Departure>::packet_bytes * media::Pacer<room::Departure>::packets_in_slot);
  REQUIRE(context.leaving.size() == 1);
  context.leaving.pop()->flush(begin, out);
  CHECK(context.waiting_until == never);  // all of it has left

  push(begin + milliseconds(1), false, 1000);
  CHECK(context.leaving.empty());
  CHECK(context.waiting_until == begin + slot);
  push(begin + milliseconds(2), true, 100);
  REQUIRE(context.leaving.size() == 1);
  context.leaving.pop()->flush(begin + milliseconds(2), out);

  REQUIRE(context.waiting.size() == 1);
  context.waiting.pop()->end_wait(begin + slot);
  REQUIRE(context.leaving.size() == 1);
  context.leaving.pop()->flush(begin + slot, out);
  CHECK(context.leaving.empty());
  CHECK(context.waiting.empty());
}

TEST_CASE("what waits for a receiver does not outlive the publisher or the receiver") {
  LocalCall call(video_call(2, 4, 60), server);
  // A frame of 60 packets waits for several slots: go on until some of it is waiting, and take people away.
  call.run(milliseconds(68));
  call.tell(control::RemoveParticipant{ParticipantId{1}});
  call.tell(control::RemoveParticipant{ParticipantId{3}});
  call.run(seconds(1));
  call.tell(control::RemoveParticipant{ParticipantId{2}});
  for (std::uint64_t i = 4; i <= 6; ++i) call.tell(control::RemoveParticipant{ParticipantId{i}});
  call.run(seconds(1));
  CHECK(call.engine().empty());
}

TEST_CASE("forwarding allocates nothing; only reports, feedback and the sharing of bandwidth, some times a second, do") {
  auto camera = loadtest::camera();
  camera.frames_per_second = 100;
  camera.layers = {{"", 2 * loadtest::Source::maximum_payload}};
  LocalCall call({.tracks = {camera}, .publishers = 1, .viewers = 2}, server);
  call.run(seconds(12));  // until the packet cache has gone round
  Turns turns;
  call.run(seconds(1), turns);
  CHECK(turns.sending >= 100);
  // For each viewer ten times the bandwidth; feedback to the publisher for every 20 packets; reports and keep-alive.
  CHECK(turns.allocating < turns.sending / 2);
}
