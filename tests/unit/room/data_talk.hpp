#pragma once
// People with a DataRelay between them, whose connections take as many bytes as a test lets them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sfu/room/data_relay.hpp"

namespace parley::room {

constexpr std::size_t unlimited = ~std::size_t{0};

/// What a client has got on one channel.
struct Heard {
  enum class Kind { data, credit, left, refused };
  transport::ChannelId channel;
  Kind kind{};
  std::uint64_t number = 0;  ///< the sender, the credit, how many were dropped, the reason
  std::uint64_t receiver = 0;
  std::string text;
};

class DataTalk {
 public:
  explicit DataTalk(std::uint64_t people, std::size_t capacity = Limits{}.data_bytes_per_room) : relay(statistics, capacity) {
    for (std::uint64_t id = 1; id <= people; ++id) join(id);
  }

  void join(std::uint64_t id, DataPermissions permissions = {}) {
    relay.add({id}, permissions);
    relay.connect({id});
    people_[id] = {};
  }
  transport::ChannelId open(std::uint64_t id, const std::string& label, const std::string& mode) {
    auto& person = people_[id];
    const transport::ChannelId channel{person.next_own};
    person.next_own = static_cast<std::uint16_t>(person.next_own + 2);
    person.channels[channel] = {label, "parley.1/" + mode, {}};
    relay.opened({id}, channel, person.channels[channel], drops);
    run();
    return channel;
  }
  void close(std::uint64_t id, transport::ChannelId channel) {
    people_[id].channels.erase(channel);
    relay.closed({id}, channel, drops);
    run();
  }
  void send(std::uint64_t id, transport::ChannelId channel, const std::string& text,
            const std::vector<std::uint32_t>& receivers = {}) {
    Buffer message(2 + 4 * receivers.size() + text.size());
    Writer writer(message);
    writer.u8(1).u8(static_cast<std::uint8_t>(receivers.size()));
    for (const auto receiver : receivers) writer.u32(receiver);
    writer.bytes(as_bytes(text));
    send_raw(id, channel, message);
  }
  void send_raw(std::uint64_t id, transport::ChannelId channel, Bytes message) {
    relay.receive({id}, channel, message, drops);
    run();
  }
  /// From now on its connection takes no more than so many bytes.
  void let(std::uint64_t id, std::size_t bytes) {
    people_[id].budget = bytes;
    pump(id);
    run();
  }
  void reconnect(std::uint64_t id) {
    relay.disconnect({id}, drops);
    relay.connect({id});
    people_[id] = {};
    run();
  }

  const std::vector<Heard>& heard(std::uint64_t id) { return people_[id].heard; }
  std::vector<std::string> texts(std::uint64_t id) {
    return texts(id, [](const Heard&) { return true; });
  }
  template <typename Want>
  std::vector<std::string> texts(std::uint64_t id, Want want) {
    std::vector<std::string> texts;
    for (const auto& heard : people_[id].heard)
      if (heard.kind == Heard::Kind::data && want(heard)) texts.push_back(heard.text);
    return texts;
  }
  std::vector<Heard> heard(std::uint64_t id, Heard::Kind kind) {
    std::vector<Heard> some;
    std::ranges::copy_if(people_[id].heard, std::back_inserter(some), [&](const Heard& heard) { return heard.kind == kind; });
    return some;
  }
  std::uint64_t credit(std::uint64_t id, transport::ChannelId channel) {
    std::uint64_t credit = 0;
    for (const auto& heard : people_[id].heard)
      if (heard.kind == Heard::Kind::credit && heard.channel == channel) credit = heard.number;
    return credit;
  }
  const std::map<transport::ChannelId, transport::ChannelDescription>& channels(std::uint64_t id) { return people_[id].channels; }
  std::uint64_t drop(DropReason reason) const { return drops[reason]; }

  Statistics statistics;
  Drops drops;
  DataRelay relay;
  std::size_t most_channels = transport::maximum_channels;

 private:
  struct Person {
    std::map<transport::ChannelId, transport::ChannelDescription> channels;
    std::vector<Heard> heard;
    std::size_t budget = unlimited;
    std::uint16_t next_own = 0;
    std::uint16_t next_ours = 1;
  };

  void run() {
    while (const auto id = relay.take_active()) pump(id->value);
  }
  void pump(std::uint64_t id) {
    auto& person = people_[id];
    while (auto step = relay.next({id}))
      if (!std::visit([&](const auto& what) { return take(id, person, what); }, *step)) return;
  }
  bool take(std::uint64_t id, Person& person, const OpenChannel& step) {
    if (person.channels.size() >= most_channels) return relay.done({id}, step, {}, drops), true;
    const transport::ChannelId channel{person.next_ours};
    person.next_ours = static_cast<std::uint16_t>(person.next_ours + 2);
    person.channels[channel] = step.description;
    relay.done({id}, step, channel, drops);
    return true;
  }
  bool take(std::uint64_t id, Person& person, const CloseChannel& step) {
    person.channels.erase(step.channel);
    relay.done({id}, step);
    return true;
  }
  bool take(std::uint64_t id, Person& person, const SendMessage& step) {
    if (step.message.size() > person.budget) return false;
    if (person.budget != unlimited) person.budget -= step.message.size();
    REQUIRE(person.channels.contains(step.channel));
    person.heard.push_back(parse(step));
    relay.done({id}, step);
    return true;
  }
  bool take(std::uint64_t id, Person& person, const Rejoin& step) {
    if (person.budget == 0) return false;
    relay.done({id}, step);
    return true;
  }
  static Heard parse(const SendMessage& step) {
    Reader reader(step.message);
    Heard heard{.channel = step.channel, .text = {}};
    heard.kind = static_cast<Heard::Kind>(reader.u8() - 1);
    if (heard.kind == Heard::Kind::credit) heard.number = reader.u64();
    if (heard.kind == Heard::Kind::left || heard.kind == Heard::Kind::data) heard.number = reader.u32();
    if (heard.kind == Heard::Kind::refused) {
      heard.number = reader.u8();
      heard.receiver = reader.u32();
    }
    heard.text = as_text(reader.rest());
    REQUIRE(reader.ok());
    return heard;
  }

  std::map<std::uint64_t, Person> people_;
};

}  // namespace parley::room
