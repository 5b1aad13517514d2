#include "loadtest/data_traffic.hpp"

#include <algorithm>
#include <utility>

namespace parley::loadtest {

namespace {

constexpr std::uint8_t type_data = 1;
constexpr std::uint8_t type_credit = 2;
constexpr std::uint8_t type_left = 3;
constexpr std::uint8_t type_refused = 4;
constexpr std::uint8_t type_join = 5;
/// A client that sends as fast as it can leaves so much in its connection: as a page that waits for bufferedAmount.
constexpr std::size_t enough_waiting = 256 * 1024;

transport::ChannelDescription describe(DataMode mode) {
  const std::string name(data_mode_names[static_cast<std::size_t>(mode)]);
  const bool lossy = mode == DataMode::lossy;
  using Kind = transport::Reliability::Kind;
  return {name, "parley.1/" + name, {lossy ? Kind::retransmissions : Kind::reliable, !lossy, 0}};
}

std::optional<DataMode> mode_of(const transport::ChannelDescription& description) {
  for (const auto mode : {DataMode::all, DataMode::wait, DataMode::lossy})
    if (description == describe(mode)) return mode;
  return std::nullopt;
}

std::uint64_t whole_microseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(duration / microseconds(1), 0));
}

}  // namespace

DataCounts& DataCounts::operator+=(const DataCounts& other) {
  sent += other.sent;
  received += other.received;
  octets += other.octets;
  lost += other.lost;
  repeated += other.repeated;
  misplaced += other.misplaced;
  left += other.left;
  refused += other.refused;
  delay += other.delay;
  return *this;
}

DataCounts DataCounts::since(const DataCounts& earlier) const {
  // What was only late is no longer lost.
  const std::uint64_t newly_lost = lost > earlier.lost ? lost - earlier.lost : 0;
  return {sent - earlier.sent, received - earlier.received, octets - earlier.octets,
          newly_lost,          repeated - earlier.repeated, misplaced - earlier.misplaced,
          left - earlier.left, refused - earlier.refused,   delay.since(earlier.delay)};
}

DataQuality DataQuality::since(const DataQuality& earlier) const {
  DataQuality added;
  for (std::size_t i = 0; i < data_modes; ++i) added.modes[i] = modes[i].since(earlier.modes[i]);
  return added;
}

DataQuality& DataQuality::operator+=(const DataQuality& other) {
  for (std::size_t i = 0; i < data_modes; ++i) modes[i] += other.modes[i];
  return *this;
}

void DataTraffic::advance(Time now, Connection& connection, Outbox& out) {
  while (const auto event = connection.take_channel_event()) {
    if (std::holds_alternative<transport::ChannelsReady>(*event)) begin(now, connection, out);
    if (std::holds_alternative<transport::ChannelsLost>(*event)) {
      lines_.clear();
      broken_ = true;
    }
    if (const auto* opened = std::get_if<transport::ChannelOpened>(&*event))
      if (const auto mode = mode_of(opened->description)) channels_[opened->channel] = *mode;
    if (const auto* closed = std::get_if<transport::ChannelClosed>(&*event)) channels_.erase(closed->channel);
    if (const auto* message = std::get_if<transport::ChannelMessage>(&*event)) handle(now, *message);
  }
  rejoin_due(now, connection, out);
  for (auto& line : lines_) send_due(now, line, connection, out);
}

void DataTraffic::begin(Time now, Connection& connection, Outbox& out) {
  broken_ = false;
  lines_.clear();
  channels_.clear();
  returns_.clear();
  heard_.clear();
  sequences_ = {};
  ++openings_;
  for (const auto& stream : settings_.streams) {
    const auto channel = connection.open_channel(now, describe(stream.mode), out);
    if (!channel) continue;
    channels_[*channel] = stream.mode;
    const double wait = stream.messages_per_second > 0 ? settings_.phase / stream.messages_per_second : 0;
    lines_.push_back({.stream = stream, .channel = *channel, .next = now + Duration(static_cast<std::int64_t>(wait * 1e9))});
  }
}

Time DataTraffic::wakeup() const {
  Time wakeup = never;
  for (const auto& line : lines_)
    if (line.stream.messages_per_second > 0) wakeup = std::min(wakeup, line.next);
  for (const auto& [channel, due] : returns_) wakeup = std::min(wakeup, due);
  return wakeup;
}

// ---- sending

void DataTraffic::rejoin_due(Time now, Connection& connection, Outbox& out) {
  std::erase_if(returns_, [&](const auto& entry) {
    const auto& [channel, due] = entry;
    if (due > now) return false;
    connection.send_message(now, channel, transport::MessageKind::binary, Buffer{type_join}, out);
    return true;
  });
}

void DataTraffic::send_due(Time now, Line& line, Connection& connection, Outbox& out) {
  if (line.stream.messages_per_second <= 0) {
    while (connection.buffered_amount() < enough_waiting && send_one(now, line, connection, out)) continue;
    return;
  }
  const Duration interval(static_cast<std::int64_t>(1e9 / line.stream.messages_per_second));
  for (; line.next <= now; line.next += interval) send_one(now, line, connection, out);
}

bool DataTraffic::send_one(Time now, Line& line, Connection& connection, Outbox& out) {
  const auto mode = line.stream.mode;
  const std::size_t size = 2 + line.stream.size;
  if (mode == DataMode::wait && line.given + size > line.credit) return false;
  Buffer message(size);
  Writer writer(message);
  writer.u8(type_data).u8(0);
  auto& sequence = sequences_[static_cast<std::size_t>(mode)];
  write({.room = settings_.room,
         .publisher = settings_.publisher,
         .track = static_cast<std::uint32_t>(mode),
         .frame = sequence,
         .reference = openings_,
         .sent = now},
        writer.reserve(line.stream.size));
  if (connection.send_message(now, line.channel, transport::MessageKind::binary, message, out) != transport::Sent::accepted)
    return false;
  ++sequence;
  line.given += size;
  ++quality_[mode].sent;
  return true;
}

// ---- hearing

void DataTraffic::handle(Time now, const transport::ChannelMessage& message) {
  const auto channel = channels_.find(message.channel);
  if (channel == channels_.end()) return;
  const DataMode mode = channel->second;
  Reader reader(message.content);
  switch (reader.u8()) {
    case type_data:
      reader.skip(4);
      return hear(now, mode, reader.rest());
    case type_credit:
      for (auto& line : lines_)
        if (line.channel == message.channel) line.credit = reader.u64();
      return;
    case type_left:
      ++quality_[mode].left;
      // What was dropped is known; what comes from now on begins anew.
      std::erase_if(heard_, [&](const auto& entry) { return entry.first.second == mode; });
      returns_[message.channel] = now + settings_.rest;
      return;
    case type_refused:
      ++quality_[mode].refused;
      return;
    default:
      ++quality_[mode].misplaced;
  }
}

void DataTraffic::hear(Time now, DataMode mode, Bytes payload) {
  auto& counts = quality_[mode];
  const auto pattern = read_pattern(payload);
  if (!pattern || pattern->room != settings_.room || pattern->publisher == settings_.publisher ||
      pattern->track != static_cast<std::uint32_t>(mode)) {
    ++counts.misplaced;
    return;
  }
  ++counts.received;
  counts.octets += payload.size();
  counts.delay.add(whole_microseconds(now - pattern->sent));
  const auto [entry, added] = heard_.try_emplace({pattern->publisher, mode});
  auto& heard = entry->second;
  const bool known = !added && heard.opening == pattern->reference;
  if (!known) heard = {.opening = pattern->reference, .newest = pattern->frame, .seen = {}};
  if (mode == DataMode::lossy)
    judge_lossy(*pattern, heard, known);
  else
    judge_reliable(*pattern, mode, heard, known);
}

void DataTraffic::judge_reliable(const Pattern& pattern, DataMode mode, Heard& heard, bool known) {
  auto& counts = quality_[mode];
  if (!known) return;
  if (pattern.frame == heard.newest) ++counts.repeated;
  if (pattern.frame < heard.newest) ++counts.misplaced;
  if (pattern.frame <= heard.newest) return;
  counts.lost += pattern.frame - heard.newest - 1;
  heard.newest = pattern.frame;
}

void DataTraffic::judge_lossy(const Pattern& pattern, Heard& heard, bool known) {
  auto& counts = quality_[DataMode::lossy];
  const auto place = [](std::uint32_t frame) { return frame % Heard::window; };
  if (!known) {
    // What was sent before this first one is not missed, should it come still.
    heard.seen.set(place(pattern.frame));
    return;
  }
  if (pattern.frame > heard.newest) {
    const std::uint32_t skipped = pattern.frame - heard.newest - 1;
    for (std::uint32_t i = 1; i <= std::min(skipped, Heard::window); ++i) heard.seen.reset(place(heard.newest + i));
    counts.lost += skipped;
    heard.newest = pattern.frame;
  } else if (heard.newest - pattern.frame >= Heard::window) {
    return;
  } else if (heard.seen.test(place(pattern.frame))) {
    ++counts.repeated;
    return;
  } else if (counts.lost > 0) {
    --counts.lost;  // it was only late
  }
  heard.seen.set(place(pattern.frame));
}

}  // namespace parley::loadtest
