// The half of the relay that looks at one receiver: what leaves next on its connection, and what follows once that has left.

#include <array>
#include <utility>

#include "sfu/room/data_relay.hpp"

namespace parley::room {

namespace {

/// In the order of DataMode.
constexpr std::array sent_messages{Metric::data_all_sent, Metric::data_wait_sent, Metric::data_lossy_sent};
constexpr std::array sent_bytes{Metric::data_all_sent_bytes, Metric::data_wait_sent_bytes, Metric::data_lossy_sent_bytes};

bool has_something(const DataOutlet& outlet) {
  return outlet.to_tell || outlet.reading == Reading::returning || !outlet.backlog.empty();
}

}  // namespace

std::optional<DataStep> DataRelay::next(ParticipantId participant) {
  auto* seat = find(participant);
  if (!seat || !seat->connected) return std::nullopt;
  if (!seat->closing.empty()) return CloseChannel{seat->closing.front()};
  if (auto notice = next_notice(*seat)) return notice;
  return next_message(*seat);
}

std::optional<DataStep> DataRelay::next_notice(DataSeat& seat) {
  for (; !seat.telling.empty(); seat.telling.pop()) {
    const auto id = seat.telling.front();
    const auto channel = seat.channels.find(id);
    if (channel == seat.channels.end()) continue;
    auto& told = channel->second;
    if (!told.notices.empty()) return SendMessage{id, told.notices.front().bytes()};
    if (told.credit_due) {
      notice_ = DataNotice::credit(window + told.settled);
      return SendMessage{id, notice_.bytes()};
    }
    told.queued = false;
  }
  return std::nullopt;
}

std::optional<DataStep> DataRelay::next_message(DataSeat& seat) {
  for (; !seat.turns.empty(); seat.turns.pop()) {
    const auto number = seat.turns.front();
    const auto found = seat.outlets.find(number);
    if (found == seat.outlets.end()) continue;
    auto& outlet = found->second;
    if (!has_something(outlet)) {
      outlet.queued = false;
      continue;
    }
    // What was left before is told first: whoever joins again meanwhile gets the rest after it.
    if (outlet.reading == Reading::returning && !outlet.to_tell) return Rejoin{number};
    if (!outlet.channel)
      for (const auto& [id, channel] : seat.channels)
        if (channel.topic == number) outlet.channel = id;
    if (!outlet.channel) return OpenChannel{number, describe(topics_.at(number).topic)};
    if (!outlet.to_tell) return SendMessage{*outlet.channel, store_.bytes(outlet.backlog.front())};
    notice_ = DataNotice::left(*outlet.to_tell);
    return SendMessage{*outlet.channel, notice_.bytes()};
  }
  return std::nullopt;
}

void DataRelay::done(ParticipantId participant, const OpenChannel& step, std::optional<transport::ChannelId> id, Drops& out) {
  auto& seat = seats_.at(participant);
  auto& outlet = seat.outlets.at(step.topic);
  if (!id) {
    out.add(DropReason::data_no_channel_free);
    drop_backlog(outlet, DropReason::data_no_channel_free, out);
    outlet.to_tell.reset();
    return retire_if_unused(step.topic);
  }
  outlet.channel = *id;
  add_channel(participant, seat, *id, step.topic);
}

void DataRelay::done(ParticipantId participant, const CloseChannel&) { seats_.at(participant).closing.pop(); }

void DataRelay::done(ParticipantId participant, const SendMessage&) {
  auto& seat = seats_.at(participant);
  if (!seat.telling.empty()) return told(seat);
  const auto number = seat.turns.pop();
  auto& outlet = seat.outlets.at(number);
  if (outlet.to_tell) {
    outlet.to_tell.reset();
  } else {
    const std::size_t mode = static_cast<std::size_t>(topics_.at(number).topic.mode);
    statistics_->add(sent_messages[mode]);
    statistics_->add(sent_bytes[mode], store_.bytes(outlet.backlog.front()).size());
    drop_oldest(outlet);
  }
  end_turn(seat, number, outlet);
}

void DataRelay::done(ParticipantId participant, const Rejoin& step) {
  auto& seat = seats_.at(participant);
  auto& outlet = seat.outlets.at(step.topic);
  seat.turns.pop();
  outlet.reading = Reading::on;
  end_turn(seat, step.topic, outlet);
}

void DataRelay::end_turn(DataSeat& seat, TopicNumber number, DataOutlet& outlet) {
  outlet.queued = has_something(outlet);
  if (outlet.queued)
    seat.turns.push(number);
  else
    retire_if_unused(number);
}

void DataRelay::told(DataSeat& seat) {
  const auto id = seat.telling.pop();
  auto& channel = seat.channels.at(id);
  if (!channel.notices.empty()) {
    channel.notices.pop();
  } else {
    channel.promised = window + channel.settled;
    channel.credit_due = false;
  }
  channel.queued = channel.credit_due || !channel.notices.empty();
  if (channel.queued) seat.telling.push(id);
}

}  // namespace parley::room
