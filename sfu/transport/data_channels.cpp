#include "sfu/transport/data_channels.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "sfu/transport/dcep.hpp"

namespace parley::transport {

namespace {

/// RFC 8831 section 8. 52 and 54, parts of messages, are deprecated, and no browser sends them.
constexpr Ppid control_ppid{50};
constexpr Ppid text_ppid{51};
constexpr Ppid binary_ppid{53};
constexpr Ppid empty_text_ppid{56};
constexpr Ppid empty_binary_ppid{57};
/// SCTP has no empty messages: one byte is sent, which the PPID says to ignore.
constexpr std::array<std::uint8_t, 1> nothing{};

/// Control messages are reliable and ordered (RFC 8832 section 6).
constexpr Reliability reliable{};

SctpStream stream_of(ChannelId id) { return {id.value}; }

}  // namespace

void DataChannels::connect(Time now) {
  if (!sctp_) sctp_.emplace(now, parameters_);
}

void DataChannels::receive(Time now, Bytes packet, Drops& drops) {
  if (!sctp_) return drops.add(DropReason::sctp_closed);
  sctp_->receive(now, packet, drops);
  follow(now, drops);
}

void DataChannels::advance(Time now, Drops& drops) {
  if (!sctp_) return;
  sctp_->advance(now);
  follow(now, drops);
}

Time DataChannels::wakeup() const { return sctp_ ? sctp_->wakeup() : never; }

void DataChannels::end() {
  sctp_.reset();
  lose();
}

void DataChannels::lose() {
  ready_ = false;
  channels_.clear();
  if (!std::exchange(lost_, true)) events_.push_back(ChannelsLost{});
}

std::optional<ChannelEvent> DataChannels::take_event() {
  if (events_.empty()) return std::nullopt;
  ChannelEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void DataChannels::follow(Time now, Drops& drops) {
  if (sctp_->state() == Sctp::State::connected && !ready_) {
    ready_ = true;
    events_.push_back(ChannelsReady{});
  }
  while (const auto event = sctp_->take_event()) std::visit([&](const auto& happened) { handle(now, happened, drops); }, *event);
  if (sctp_->state() == Sctp::State::closed) return lose();
  acknowledge(now);
  if (blocked_ && sctp_->has_room()) {
    blocked_ = false;
    events_.push_back(ChannelsWritable{});
  }
}

// --- what arrives --------------------------------------------------------------------------------------------------------

void DataChannels::handle(Time now, const SctpMessage& message, Drops& drops) {
  const ChannelId id{message.stream.value};
  if (message.ppid == control_ppid) return receive_control(now, id, message.content, drops);
  const auto channel = channels_.find(id);
  if (channel == channels_.end()) return refuse(now, id, DropReason::channel_unknown, drops);
  if (channel->second.closing) return;  // it was on its way when we closed
  channel->second.acknowledged = true;
  const bool empty = message.ppid == empty_text_ppid || message.ppid == empty_binary_ppid;
  const bool text = message.ppid == text_ppid || message.ppid == empty_text_ppid;
  if (!empty && !text && message.ppid != binary_ppid) return drops.add(DropReason::channel_unknown_ppid);
  events_.push_back(ChannelMessage{id, text ? MessageKind::text : MessageKind::binary, empty ? Buffer() : message.content});
}

void DataChannels::handle(Time now, const SctpMessageTooLarge& message, Drops& drops) {
  refuse(now, {message.stream.value}, DropReason::channel_message_too_large, drops);
}

void DataChannels::receive_control(Time now, ChannelId id, Bytes message, Drops& drops) {
  auto parsed = parse_dcep(message);
  if (!parsed) return refuse(now, id, DropReason::channel_malformed, drops);
  if (auto* open = std::get_if<DcepOpen>(&*parsed)) return receive_open(now, id, std::move(open->description), drops);
  const auto channel = channels_.find(id);
  if (channel == channels_.end()) return drops.add(DropReason::channel_unknown);
  channel->second.acknowledged = true;
}

void DataChannels::receive_open(Time now, ChannelId id, ChannelDescription description, Drops& drops) {
  if (is_ours(id) || channels_.contains(id)) return refuse(now, id, DropReason::channel_wrong_side, drops);
  if (channels_.size() >= maximum_channels) return refuse(now, id, DropReason::channel_too_many, drops);
  Channel& channel = channels_[id];
  channel.reliability = description.reliability;
  channel.owes_acknowledgement = true;
  events_.push_back(ChannelOpened{id, std::move(description)});
}

void DataChannels::refuse(Time now, ChannelId id, DropReason reason, Drops& drops) {
  drops.add(reason);
  const auto channel = channels_.find(id);
  // One that nobody knows is not remembered either, but its sender is told.
  if (channel == channels_.end()) return sctp_->reset(now, stream_of(id));
  if (channel->second.closing) return;
  begin_closing(now, id, channel->second);
  events_.push_back(ChannelClosed{id});
}

void DataChannels::handle(Time now, const Sctp::StreamReset& reset, Drops&) {
  const ChannelId id{reset.stream.value};
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  Channel& channel = found->second;
  if (reset.direction == Sctp::Direction::outgoing) channel.reset_by_us = true;
  if (reset.direction == Sctp::Direction::incoming) {
    channel.reset_by_peer = true;
    if (!channel.closing) {
      begin_closing(now, id, channel);
      events_.push_back(ChannelClosed{id});
    }
  }
  if (channel.reset_by_us && channel.reset_by_peer) channels_.erase(found);
}

void DataChannels::begin_closing(Time now, ChannelId id, Channel& channel) {
  channel.closing = true;
  channel.owes_acknowledgement = false;
  sctp_->reset(now, stream_of(id));
}

void DataChannels::acknowledge(Time now) {
  for (auto& [id, channel] : channels_) {
    if (!channel.owes_acknowledgement) continue;
    if (sctp_->send(now, stream_of(id), control_ppid, reliable, write_dcep_ack()) == Sent::later) return;
    channel.owes_acknowledgement = false;
  }
}

// --- what is sent --------------------------------------------------------------------------------------------------------

std::optional<ChannelId> DataChannels::open(Time now, const ChannelDescription& description) {
  assert(description.label.size() + description.protocol.size() <= maximum_channel_names);
  if (!ready_ || channels_.size() >= maximum_channels) return std::nullopt;
  const auto id = free_id();
  if (!id) return std::nullopt;
  const Sent sent = sctp_->send(now, stream_of(*id), control_ppid, reliable, write_dcep_open(description));
  if (sent == Sent::later) blocked_ = true;
  if (sent != Sent::accepted) return std::nullopt;
  Channel& channel = channels_[*id];
  channel.reliability = description.reliability;
  channel.acknowledged = false;
  return id;
}

std::optional<ChannelId> DataChannels::free_id() const {
  ChannelId id{static_cast<std::uint16_t>(role_ == Role::client ? 0 : 1)};
  for (; id.value < Sctp::streams; id.value = static_cast<std::uint16_t>(id.value + 2))
    if (!channels_.contains(id)) return id;
  return std::nullopt;
}

Sent DataChannels::send(Time now, ChannelId id, MessageKind kind, Bytes message) {
  const auto found = channels_.find(id);
  if (!ready_ || found == channels_.end() || found->second.closing) return Sent::refused;
  if (message.size() > std::min(maximum_message, parameters_.remote_maximum_message)) return Sent::refused;
  const Channel& channel = found->second;
  Reliability reliability = channel.reliability;
  if (!channel.acknowledged) reliability.ordered = true;
  const bool text = kind == MessageKind::text;
  const Ppid ppid = message.empty() ? (text ? empty_text_ppid : empty_binary_ppid) : (text ? text_ppid : binary_ppid);
  const Sent sent = sctp_->send(now, stream_of(id), ppid, reliability, message.empty() ? Bytes(nothing) : message);
  if (sent == Sent::later) blocked_ = true;
  return sent;
}

void DataChannels::close(Time now, ChannelId id) {
  const auto found = channels_.find(id);
  if (found != channels_.end() && !found->second.closing) begin_closing(now, id, found->second);
}

}  // namespace parley::transport
