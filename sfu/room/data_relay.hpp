#pragma once
// The data topics of one room, as a pure machine: messages come in on channels, and wait for each of their receivers until that
// one's connection has room. Whoever reads too slowly is the only one who notices: it loses the oldest, or leaves the topic, or
// its sender waits (data_topic.hpp). The topics of a receiver take turns, so that a file does not hold up a chat. The contract
// with the clients is in signaling/PROTOCOL.md under "Data".
//
// Whoever owns the connections says what happens on them, and asks next() what is to happen there.

#include <map>
#include <optional>
#include <variant>

#include "sfu/base/drop_reason.hpp"
#include "sfu/room/context.hpp"
#include "sfu/room/data_seat.hpp"
#include "sfu/room/data_topic.hpp"

namespace parley::room {

/// What is next on a participant's connection.
struct OpenChannel {
  TopicNumber topic;
  transport::ChannelDescription description;
};
struct CloseChannel {
  transport::ChannelId channel;
};
struct SendMessage {
  transport::ChannelId channel;
  Bytes message;  ///< until the relay is called again
};
/// Back into a topic, as soon as everything that was sent before is on its way: on a connection that is still busy with what the
/// network has lost, the topic would fill up again at once.
struct Rejoin {
  TopicNumber topic;
};
using DataStep = std::variant<OpenChannel, CloseChannel, SendMessage, Rejoin>;

class DataRelay {
 public:
  /// The sender of a `wait` channel may be so far ahead of its slowest receiver.
  static constexpr std::size_t window = 1024 * 1024;
  /// What may wait in one `all` topic for one receiver: some seconds of a busy chat, and a picture or two.
  static constexpr std::size_t longest_backlog = 1024 * 1024;
  /// The same of a `lossy` topic: more would only be old.
  static constexpr std::size_t longest_lossy_backlog = 256 * 1024;
  /// A room's topics; each may become a channel to everybody, of which a connection has no more.
  static constexpr std::size_t most_topics = transport::maximum_channels;
  /// Refusals that wait on one channel: all of a message to as many receivers as a head can name.
  static constexpr std::size_t most_notices = 256;

  /// `statistics` outlives the relay. `capacity`: of everything that waits in the room.
  DataRelay(Statistics& statistics, std::size_t capacity) : statistics_(&statistics), store_(capacity) {}

  void add(ParticipantId participant, DataPermissions permissions);
  void remove(ParticipantId participant, Drops& out);
  /// Its data connection is ready; or is gone, with its channels and everything that waited.
  void connect(ParticipantId participant);
  void disconnect(ParticipantId participant, Drops& out);

  /// On a participant's connection: the client has opened a channel, or closed one, or sent a message.
  void opened(ParticipantId participant, transport::ChannelId channel, const transport::ChannelDescription& description,
              Drops& out);
  void closed(ParticipantId participant, transport::ChannelId channel, Drops& out);
  void receive(ParticipantId participant, transport::ChannelId channel, Bytes message, Drops& out);

  /// A participant for whom there may be something to do; each is named once until it has something new.
  std::optional<ParticipantId> take_active();
  /// What is to be done first on its connection; nothing when there is nothing. Stays the same until it is said to be done.
  std::optional<DataStep> next(ParticipantId participant);
  /// The step that next() gave is done. An OpenChannel has become `channel`, or could not be done.
  void done(ParticipantId participant, const OpenChannel& step, std::optional<transport::ChannelId> channel, Drops& out);
  void done(ParticipantId participant, const CloseChannel& step);
  void done(ParticipantId participant, const SendMessage& step);
  void done(ParticipantId participant, const Rejoin& step);

  /// Nobody is here, and nothing waits.
  bool empty() const { return seats_.empty() && topics_.empty() && store_.empty(); }
  /// What the messages that wait cost.
  std::size_t cost() const { return store_.cost(); }

 private:
  struct Topic {
    DataTopic topic;
    std::uint32_t claims = 0;   ///< channels on which clients send, or may
    std::uint32_t outlets = 0;  ///< receivers that have something of it, if only a channel
  };
  struct Inlet {
    ParticipantId sender;
    transport::ChannelId id;
    DataSeat& seat;
    DataChannel& channel;
    DataTopic& topic;
  };

  DataSeat* find(ParticipantId participant);
  void activate(ParticipantId participant, DataSeat& seat);

  std::optional<TopicNumber> find_or_add(const DataTopic& topic, Drops& out);
  /// The oldest on which nobody sends any more, with what still waits in it: or a reader that takes nothing could keep them all.
  void end_an_abandoned_topic(Drops& out);
  DataOutlet& outlet_of(DataSeat& seat, TopicNumber topic);
  DataChannel& add_channel(ParticipantId participant, DataSeat& seat, transport::ChannelId id, TopicNumber topic);
  void claim(DataChannel& channel);
  void drop_channel(ParticipantId participant, DataSeat& seat, transport::ChannelId channel);
  /// A topic on which nobody sends any more ends with what still waits in it.
  void retire_if_unused(TopicNumber topic);
  void retire_outlet(ParticipantId participant, DataSeat& seat, TopicNumber topic);

  void receive(const Inlet& inlet, const DataEnvelope& envelope, std::size_t size, Drops& out);
  void rejoin(const Inlet& inlet);
  void relay(const Inlet& inlet, const DataEnvelope& envelope, std::size_t size, Drops& out);
  /// Calls deliver(receiver, seat, named) for each receiver of the envelope that there is.
  template <typename Deliver>
  void for_each_receiver(const Inlet& inlet, const DataEnvelope& envelope, Drops& out, Deliver deliver);
  /// Counts it, and tells the sender.
  void refuse(const Inlet& inlet, DataRefusal reason, ParticipantId receiver, Drops& out);
  void notify(const Inlet& inlet, DataRefusal reason, ParticipantId receiver, Drops& out);

  void enqueue(ParticipantId receiver, DataSeat& seat, TopicNumber topic, DataHandle message, Drops& out);
  void leave(DataOutlet& outlet, Drops& out);
  void drop_backlog(DataOutlet& outlet, DropReason reason, Drops& out);
  void drop_oldest(DataOutlet& outlet);
  void release(DataHandle message);
  void settle(ParticipantId participant, DataSeat& seat, transport::ChannelId id, DataChannel& channel, std::size_t size);
  void tell(ParticipantId participant, DataSeat& seat, transport::ChannelId id, DataChannel& channel);
  void queue_turn(ParticipantId participant, DataSeat& seat, TopicNumber topic, DataOutlet& outlet);
  std::optional<DataStep> next_notice(DataSeat& seat);
  std::optional<DataStep> next_message(DataSeat& seat);
  void end_turn(DataSeat& seat, TopicNumber number, DataOutlet& outlet);
  /// What next_notice() gave has been sent.
  void told(DataSeat& seat);

  Statistics* statistics_;
  DataStore store_;
  std::map<ParticipantId, DataSeat> seats_;
  std::map<TopicNumber, Topic> topics_;
  Fifo<ParticipantId> active_;
  std::uint32_t topics_made_ = 0;
  std::uint64_t openings_ = 0;
  std::uint64_t messages_ = 0;
  DataNotice notice_;  ///< that next() has given out
};

}  // namespace parley::room
