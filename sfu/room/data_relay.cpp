#include "sfu/room/data_relay.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace parley::room {

namespace {

/// In the order of DataMode.
constexpr std::array received_messages{Metric::data_all_received, Metric::data_wait_received, Metric::data_lossy_received};
constexpr std::array received_bytes{Metric::data_all_received_bytes, Metric::data_wait_received_bytes,
                                    Metric::data_lossy_received_bytes};

std::size_t index(DataMode mode) { return static_cast<std::size_t>(mode); }

bool may_send(const DataSeat& seat) { return seat.permissions.publish && !seat.permissions.hidden; }

DropReason drop_reason(DataRefusal refusal) {
  switch (refusal) {
    case DataRefusal::malformed:
      return DropReason::data_malformed;
    case DataRefusal::not_permitted:
      return DropReason::data_not_permitted;
    case DataRefusal::receiver_unknown:
      return DropReason::data_receiver_unknown;
    case DataRefusal::receiver_without_data:
      return DropReason::data_receiver_without_data;
    case DataRefusal::beyond_credit:
      return DropReason::data_beyond_credit;
    case DataRefusal::too_large:
      return DropReason::data_too_large;
    case DataRefusal::receiver_left:
      return DropReason::data_receiver_left;
  }
  return DropReason::data_malformed;
}

}  // namespace

// --- who is here -----------------------------------------------------------------------------------------------------

void DataRelay::add(ParticipantId participant, DataPermissions permissions) { seats_[participant].permissions = permissions; }

void DataRelay::remove(ParticipantId participant, Drops& out) {
  disconnect(participant, out);
  seats_.erase(participant);
}

void DataRelay::connect(ParticipantId participant) {
  if (auto* seat = find(participant)) seat->connected = true;
}

void DataRelay::disconnect(ParticipantId participant, Drops& out) {
  auto* seat = find(participant);
  if (!seat) return;
  // Apart from the others before its messages are let go: what comes back to it as credit finds nothing.
  DataSeat gone = std::exchange(*seat, {});
  seat->permissions = gone.permissions;
  for (const auto& [id, channel] : gone.channels)
    if (channel.claimed) --topics_.at(channel.topic).claims;
  for (auto& [number, outlet] : gone.outlets) {
    drop_backlog(outlet, DropReason::data_receiver_gone, out);
    --topics_.at(number).outlets;
  }
  for (const auto& [number, outlet] : gone.outlets) retire_if_unused(number);
}

DataSeat* DataRelay::find(ParticipantId participant) {
  const auto found = seats_.find(participant);
  return found == seats_.end() ? nullptr : &found->second;
}

void DataRelay::activate(ParticipantId participant, DataSeat& seat) {
  if (std::exchange(seat.active, true)) return;
  active_.push(participant);
}

std::optional<ParticipantId> DataRelay::take_active() {
  while (!active_.empty()) {
    const ParticipantId participant = active_.pop();
    auto* seat = find(participant);
    if (seat && std::exchange(seat->active, false)) return participant;
  }
  return std::nullopt;
}

// --- channels and topics ---------------------------------------------------------------------------------------------

void DataRelay::opened(ParticipantId participant, transport::ChannelId id, const transport::ChannelDescription& description,
                       Drops& out) {
  auto* seat = find(participant);
  if (!seat) return;
  drop_channel(participant, *seat, id);  // there is none, unless its end has not been told
  const auto topic = parse_data_topic(description);
  const auto number = topic ? find_or_add(*topic, out) : std::nullopt;
  if (!number) {
    out.add(topic ? DropReason::data_too_many_topics : DropReason::data_unknown_topic);
    seat->closing.push(id);
    return activate(participant, *seat);
  }
  auto& channel = add_channel(participant, *seat, id, *number);
  auto& outlet = outlet_of(*seat, *number);
  if (!outlet.channel) outlet.channel = id;
  if (may_send(*seat)) return claim(channel);
  // Who may only listen can neither make a topic nor keep one, of which the room has not many.
  retire_if_unused(*number);
  if (!seat->channels.contains(id)) out.add(DropReason::data_not_permitted);
}

DataChannel& DataRelay::add_channel(ParticipantId participant, DataSeat& seat, transport::ChannelId id, TopicNumber topic) {
  auto& channel = seat.channels[id] = {};
  channel.topic = topic;
  channel.opening = ++openings_;
  if (topics_.at(topic).topic.mode == DataMode::wait) {
    channel.credit_due = true;
    tell(participant, seat, id, channel);
  }
  return channel;
}

void DataRelay::closed(ParticipantId participant, transport::ChannelId channel, Drops&) {
  if (auto* seat = find(participant)) drop_channel(participant, *seat, channel);
}

std::optional<TopicNumber> DataRelay::find_or_add(const DataTopic& topic, Drops& out) {
  for (const auto& [number, known] : topics_)
    if (known.topic == topic) return number;
  if (topics_.size() >= most_topics) end_an_abandoned_topic(out);
  if (topics_.size() >= most_topics) return std::nullopt;
  const TopicNumber number{++topics_made_};
  topics_.emplace(number, Topic{topic});
  return number;
}

void DataRelay::end_an_abandoned_topic(Drops& out) {
  const auto topic = std::ranges::find_if(topics_, [](const auto& entry) { return entry.second.claims == 0; });
  if (topic == topics_.end()) return;
  const TopicNumber number = topic->first;
  for (auto& [participant, seat] : seats_) {
    const auto outlet = seat.outlets.find(number);
    if (outlet == seat.outlets.end()) continue;
    drop_backlog(outlet->second, DropReason::data_backlog_full, out);
    outlet->second.to_tell.reset();
  }
  retire_if_unused(number);
}

DataOutlet& DataRelay::outlet_of(DataSeat& seat, TopicNumber topic) {
  const auto [entry, added] = seat.outlets.try_emplace(topic);
  if (added) ++topics_.at(topic).outlets;
  return entry->second;
}

void DataRelay::claim(DataChannel& channel) {
  if (std::exchange(channel.claimed, true)) return;
  ++topics_.at(channel.topic).claims;
}

void DataRelay::drop_channel(ParticipantId participant, DataSeat& seat, transport::ChannelId id) {
  const auto found = seat.channels.find(id);
  if (found == seat.channels.end()) return;
  const DataChannel channel = std::move(found->second);
  seat.channels.erase(found);
  auto& outlet = outlet_of(seat, channel.topic);
  if (outlet.channel == id) outlet.channel.reset();
  if (channel.claimed) --topics_.at(channel.topic).claims;
  retire_if_unused(channel.topic);
  if (!seat.turns.empty()) activate(participant, seat);  // what waits goes on another channel
}

void DataRelay::retire_if_unused(TopicNumber number) {
  const auto topic = topics_.find(number);
  if (topic == topics_.end() || topic->second.claims > 0) return;
  for (auto& [participant, seat] : seats_) retire_outlet(participant, seat, number);
  if (topic->second.outlets == 0) topics_.erase(topic);
}

void DataRelay::retire_outlet(ParticipantId participant, DataSeat& seat, TopicNumber number) {
  const auto outlet = seat.outlets.find(number);
  if (outlet == seat.outlets.end() || !outlet->second.backlog.empty() || outlet->second.to_tell) return;
  seat.outlets.erase(outlet);
  --topics_.at(number).outlets;
  std::erase_if(seat.channels, [&](const auto& entry) {
    const bool of_topic = entry.second.topic == number;
    if (of_topic) seat.closing.push(entry.first);
    return of_topic;
  });
  activate(participant, seat);
}

// --- messages --------------------------------------------------------------------------------------------------------

void DataRelay::receive(ParticipantId participant, transport::ChannelId id, Bytes message, Drops& out) {
  auto* seat = find(participant);
  const auto found = seat ? seat->channels.find(id) : decltype(seat->channels.end()){};
  if (!seat || found == seat->channels.end()) return out.add(DropReason::data_without_channel);
  auto& channel = found->second;
  channel.received += message.size();
  const Inlet inlet{participant, id, *seat, channel, topics_.at(channel.topic).topic};
  const std::size_t mode = index(inlet.topic.mode);
  statistics_->add(received_messages[mode]);
  statistics_->add(received_bytes[mode], message.size());
  const auto envelope = parse_data_envelope(message);
  if (envelope) return receive(inlet, *envelope, message.size(), out);
  refuse(inlet, DataRefusal::malformed, {}, out);
  settle(participant, *seat, id, channel, message.size());
}

void DataRelay::receive(const Inlet& inlet, const DataEnvelope& envelope, std::size_t size, Drops& out) {
  std::optional<DataRefusal> refusal;
  if (inlet.topic.mode == DataMode::wait && inlet.channel.received - inlet.channel.settled > window)
    refusal = DataRefusal::beyond_credit;
  else if (envelope.kind == DataEnvelope::Kind::join)
    rejoin(inlet);
  else if (!may_send(inlet.seat))
    refusal = DataRefusal::not_permitted;
  else if (delivered_head + envelope.payload.size() > transport::maximum_message)
    refusal = DataRefusal::too_large;
  else
    return relay(inlet, envelope, size, out);
  if (refusal) refuse(inlet, *refusal, {}, out);
  settle(inlet.sender, inlet.seat, inlet.id, inlet.channel, size);
}

void DataRelay::rejoin(const Inlet& inlet) {
  auto& outlet = outlet_of(inlet.seat, inlet.channel.topic);
  if (outlet.reading != Reading::left) return;
  outlet.reading = Reading::returning;
  queue_turn(inlet.sender, inlet.seat, inlet.channel.topic, outlet);
}

void DataRelay::relay(const Inlet& inlet, const DataEnvelope& envelope, std::size_t size, Drops& out) {
  ++messages_;
  claim(inlet.channel);
  std::optional<DataHandle> message;
  if (store_.has_room(inlet.sender, delivered_head + envelope.payload.size())) {
    const DataSource source{inlet.sender, inlet.id, inlet.channel.opening};
    message = store_.add(source, size, write_delivered(inlet.sender, envelope.payload));
  } else {
    out.add(DropReason::data_store_full);
    notify(inlet, DataRefusal::beyond_credit, {}, out);
    return settle(inlet.sender, inlet.seat, inlet.id, inlet.channel, size);
  }
  for_each_receiver(inlet, envelope, out, [&](ParticipantId receiver, DataSeat& seat, bool named) {
    const auto& outlet = outlet_of(seat, inlet.channel.topic);
    if (outlet.reading == Reading::on) return enqueue(receiver, seat, inlet.channel.topic, *message, out);
    if (named)
      refuse(inlet, DataRefusal::receiver_left, receiver, out);
    else
      out.add(DropReason::data_receiver_left);
  });
  release(*message);
}

template <typename Deliver>
void DataRelay::for_each_receiver(const Inlet& inlet, const DataEnvelope& envelope, Drops& out, Deliver deliver) {
  if (envelope.receivers.empty()) {
    for (auto& [receiver, seat] : seats_)
      if (receiver != inlet.sender && seat.connected) deliver(receiver, seat, false);
    return;
  }
  Reader reader(envelope.receivers);
  while (reader.remaining() > 0) {
    const ParticipantId receiver{reader.u32()};
    auto* seat = find(receiver);
    if (!seat || seat->permissions.hidden || receiver == inlet.sender)
      refuse(inlet, DataRefusal::receiver_unknown, receiver, out);
    else if (!seat->connected)
      refuse(inlet, DataRefusal::receiver_without_data, receiver, out);
    else if (std::exchange(seat->addressed, messages_) != messages_)
      deliver(receiver, *seat, true);
  }
}

void DataRelay::refuse(const Inlet& inlet, DataRefusal reason, ParticipantId receiver, Drops& out) {
  out.add(drop_reason(reason));
  notify(inlet, reason, receiver, out);
}

void DataRelay::notify(const Inlet& inlet, DataRefusal reason, ParticipantId receiver, Drops& out) {
  if (inlet.channel.notices.size() >= most_notices) return out.add(DropReason::data_too_many_refusals);
  inlet.channel.notices.push(DataNotice::refused(reason, receiver));
  tell(inlet.sender, inlet.seat, inlet.id, inlet.channel);
}

// --- what waits ------------------------------------------------------------------------------------------------------

void DataRelay::enqueue(ParticipantId receiver, DataSeat& seat, TopicNumber topic, DataHandle message, Drops& out) {
  auto& outlet = outlet_of(seat, topic);
  const std::size_t cost = store_.cost(message);
  const DataMode mode = topics_.at(topic).topic.mode;
  while (mode == DataMode::lossy && !outlet.backlog.empty() && outlet.cost + cost > longest_lossy_backlog) {
    drop_oldest(outlet);
    out.add(DropReason::data_lossy_backlog_full);
  }
  if (mode == DataMode::all && outlet.cost + cost > longest_backlog) {
    leave(outlet, out);
  } else {
    store_.hold(message);
    outlet.backlog.push(message);
    outlet.cost += cost;
  }
  queue_turn(receiver, seat, topic, outlet);
}

void DataRelay::leave(DataOutlet& outlet, Drops& out) {
  const auto dropped = static_cast<std::uint32_t>(outlet.backlog.size()) + 1;
  drop_backlog(outlet, DropReason::data_backlog_full, out);
  out.add(DropReason::data_backlog_full);
  outlet.reading = Reading::left;
  outlet.to_tell = outlet.to_tell.value_or(0) + dropped;
  statistics_->add(Metric::data_topics_left);
}

void DataRelay::drop_backlog(DataOutlet& outlet, DropReason reason, Drops& out) {
  for (; !outlet.backlog.empty(); out.add(reason)) drop_oldest(outlet);
}

void DataRelay::drop_oldest(DataOutlet& outlet) {
  const DataHandle message = outlet.backlog.pop();
  outlet.cost -= store_.cost(message);
  release(message);
}

void DataRelay::release(DataHandle message) {
  const auto released = store_.release(message);
  if (!released) return;
  const auto& source = released->source;
  auto* seat = find(source.sender);
  const auto channel = seat ? seat->channels.find(source.channel) : decltype(seat->channels.end()){};
  if (!seat || channel == seat->channels.end() || channel->second.opening != source.opening) return;
  settle(source.sender, *seat, source.channel, channel->second, released->received);
}

void DataRelay::settle(ParticipantId participant, DataSeat& seat, transport::ChannelId id, DataChannel& channel,
                       std::size_t size) {
  channel.settled += size;
  if (topics_.at(channel.topic).topic.mode != DataMode::wait) return;
  if (window + channel.settled - channel.promised < window / 4) return;
  channel.credit_due = true;
  tell(participant, seat, id, channel);
}

void DataRelay::tell(ParticipantId participant, DataSeat& seat, transport::ChannelId id, DataChannel& channel) {
  if (!std::exchange(channel.queued, true)) seat.telling.push(id);
  activate(participant, seat);
}

void DataRelay::queue_turn(ParticipantId participant, DataSeat& seat, TopicNumber topic, DataOutlet& outlet) {
  if (!std::exchange(outlet.queued, true)) seat.turns.push(topic);
  activate(participant, seat);
}

}  // namespace parley::room
