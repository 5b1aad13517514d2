#include "sfu/room/data_pump.hpp"

namespace parley::room {

namespace {

/// One event of a participant's connection, told to the relay.
struct Receive {
  ParticipantId participant;
  DataRelay& relay;
  Drops& out;

  void operator()(const transport::ChannelsReady&) const { relay.connect(participant); }
  void operator()(const transport::ChannelOpened& event) const {
    relay.opened(participant, event.channel, event.description, out);
  }
  void operator()(const transport::ChannelMessage& event) const { relay.receive(participant, event.channel, event.content, out); }
  void operator()(const transport::ChannelClosed& event) const { relay.closed(participant, event.channel, out); }
  void operator()(const transport::ChannelsWritable&) const {}  // send_data() follows whatever has happened
  void operator()(const transport::ChannelsLost&) const { relay.disconnect(participant, out); }
};

/// One step of the relay's, done on a participant's connection. False: not now.
struct Send {
  Time now;
  ParticipantId participant;
  transport::Transport& transport;
  DataRelay& relay;
  Outbox& out;

  bool operator()(const OpenChannel& step) const {
    const auto channel = transport.open_channel(now, step.description, out);
    if (!channel && transport.channels_blocked()) return false;
    relay.done(participant, step, channel, out.drops);
    return true;
  }
  bool operator()(const CloseChannel& step) const {
    transport.close_channel(now, step.channel, out);
    relay.done(participant, step);
    return true;
  }
  bool operator()(const SendMessage& step) const {
    const std::size_t buffered = transport.buffered_amount() + step.message.size();
    const bool enough = buffered > data_in_advance && buffered > data_in_advance + transport.congestion_window();
    if (enough && buffered > step.message.size()) return false;
    const auto sent = transport.send_message(now, step.channel, transport::MessageKind::binary, step.message, out);
    if (sent == transport::Sent::later) return false;
    if (sent == transport::Sent::refused) out.drops.add(DropReason::data_send_refused);
    relay.done(participant, step);
    return true;
  }
  bool operator()(const Rejoin& step) const {
    if (transport.buffered_amount() > transport.congestion_window()) return false;
    relay.done(participant, step);
    return true;
  }
};

}  // namespace

void receive_data(ParticipantId participant, transport::Transport& transport, DataRelay& relay, Drops& out) {
  while (const auto event = transport.take_channel_event()) std::visit(Receive{participant, relay, out}, *event);
}

void send_data(Time now, ParticipantId participant, transport::Transport& transport, DataRelay& relay, Outbox& out) {
  const Send send{now, participant, transport, relay, out};
  while (const auto step = relay.next(participant))
    if (!std::visit(send, *step)) return;
}

}  // namespace parley::room
