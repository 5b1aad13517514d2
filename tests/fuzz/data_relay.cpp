// Whatever clients do on data topics: channels opened, closed and used again, heads that make no sense, readers that stop, people
// who come and go. After all of it nothing may wait for nobody, and no more than the senders' parts of the room at any time.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sfu/room/data_relay.hpp"

namespace {

using namespace parley;
using room::DataRelay;

/// A dozen short messages.
constexpr std::size_t capacity = 1024;
constexpr std::uint64_t people = 3;
/// Each may take a quarter of what the ones before have left.
constexpr std::size_t most_waiting = capacity * (64 - 3 * 3 * 3) / 64;

struct Room {
  room::Statistics statistics;
  Drops drops;
  DataRelay relay{statistics, capacity};
  std::uint16_t next_channel = 1;

  /// Does up to `steps` of what is next for somebody.
  void drain(ParticipantId participant, std::size_t steps) {
    for (; steps > 0; --steps) {
      const auto step = relay.next(participant);
      if (!step) return;
      if (const auto* open = std::get_if<room::OpenChannel>(&*step)) {
        next_channel = static_cast<std::uint16_t>(next_channel + 2);
        relay.done(participant, *open, transport::ChannelId{next_channel}, drops);
      } else if (const auto* close = std::get_if<room::CloseChannel>(&*step)) {
        relay.done(participant, *close);
      } else {
        relay.done(participant, std::get<room::SendMessage>(*step));
      }
    }
  }
};

transport::ChannelDescription topic(std::uint8_t number) {
  const char* const protocols[] = {"parley.1/all", "parley.1/wait", "parley.1/lossy", "other"};
  return {std::string(number % 3, 'a'), protocols[number / 3 % 4], {}};
}

/// One byte says what, one who; the rest of the operation follows.
void operate(Reader& reader, Room& room) {
  const std::uint8_t what = reader.u8();
  const ParticipantId who{reader.u8() % people + 1};
  const transport::ChannelId channel{static_cast<std::uint16_t>(reader.u8() % 8)};
  switch (what % 8) {
    case 0:
      // Even ids are the clients'.
      return room.relay.opened(who, {static_cast<std::uint16_t>(channel.value & ~1u)}, topic(reader.u8()), room.drops);
    case 1:
      return room.relay.closed(who, channel, room.drops);
    case 2:
      return room.relay.disconnect(who, room.drops);
    case 3:
      return room.relay.connect(who);
    case 4:
      return room.relay.remove(who, room.drops);
    case 5:
      return room.relay.add(who, {.publish = reader.u8() % 4 != 0, .hidden = reader.u8() % 4 == 0});
    case 6:
      return room.drain(who, reader.u8());
    default:
      return room.relay.receive(who, channel, reader.take(std::min<std::size_t>(reader.u8(), reader.remaining())), room.drops);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Room room;
  for (std::uint64_t id = 1; id <= people; ++id) {
    room.relay.add({id}, {});
    room.relay.connect({id});
  }
  for (Reader reader(Bytes(data, size)); reader.remaining() > 0;) {
    operate(reader, room);
    if (room.relay.cost() > most_waiting) std::abort();
  }
  while (const auto who = room.relay.take_active()) room.drain(*who, 1000);
  for (std::uint64_t id = 1; id <= people; ++id) room.relay.remove({id}, room.drops);
  if (!room.relay.empty() || room.relay.cost() != 0) std::abort();
  return 0;
}

/// One sender fills the room, as far as it may, with what nobody reads.
std::vector<std::uint8_t> flood() {
  std::vector<std::uint8_t> operations{0, 0, 0, 1};
  for (int i = 0; i < 16; ++i) operations.insert(operations.end(), {7, 0, 0, 4, 1, 0, 'h', 'i'});
  return operations;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  return {flood(),
          {0, 0, 0, 1, 7, 0, 0, 4, 1, 0, 'h', 'i', 6, 1, 0, 9},
          {0, 0, 0, 4, 7, 0, 0, 8, 1, 1, 0, 0, 0, 2, 'h', 'i', 4, 1, 0, 6, 0, 0, 9},
          {0, 0, 0, 7, 7, 0, 0, 3, 1, 0, 'x', 1, 0, 0, 7, 1, 0, 1, 5, 2, 1, 0, 3, 1, 0},
          {0, 0, 0, 4, 7, 0, 0, 3, 1, 0, 'x', 2, 0, 0, 3, 0, 0, 0, 0, 0, 4, 6, 1, 0, 9, 6, 0, 0, 9}};
}
