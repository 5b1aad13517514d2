#pragma once
// Two ends of data channels at a link that delays, loses and reorders SCTP packets, without DTLS, in time that the test makes up.
// Only for programs with tests/sim/virtual_time.cpp in them: usrsctp asks gettimeofday.

#include <functional>
#include <map>
#include <vector>

#include "sfu/base/random.hpp"
#include "sfu/transport/data_channels.hpp"
#include "tests/sim/virtual_time.hpp"

namespace parley::test {

class ChannelPair {
 public:
  struct Link {
    double loss = 0;
    Duration delay = milliseconds(10);
    Duration jitter{0};
  };

  struct End {
    explicit End(transport::DataChannels::Role role) : channels(role, {.remote_maximum_message = transport::maximum_message}) {}
    transport::DataChannels channels;
    Drops drops;
    bool ready = false;
    bool writable = false;
    bool lost = false;
    std::vector<transport::ChannelOpened> opened;
    std::vector<transport::ChannelMessage> messages;
    std::vector<transport::ChannelId> closed;

    void note(transport::ChannelEvent event) {
      using namespace transport;
      if (std::holds_alternative<ChannelsReady>(event)) ready = true;
      if (std::holds_alternative<ChannelsWritable>(event)) writable = true;
      if (std::holds_alternative<ChannelsLost>(event)) lost = true;
      if (auto* one = std::get_if<ChannelOpened>(&event)) opened.push_back(std::move(*one));
      if (auto* one = std::get_if<ChannelMessage>(&event)) messages.push_back(std::move(*one));
      if (auto* one = std::get_if<ChannelClosed>(&event)) closed.push_back(one->channel);
    }
  };

  explicit ChannelPair(std::uint64_t seed = 1) : ChannelPair(seed, Link{}) {}
  ChannelPair(std::uint64_t seed, Link behaviour) : random(Random::from_number(seed)), link(behaviour) { set_time(now); }

  /// Both begin at once, and have time enough for it on a link without loss.
  void connect() {
    client.channels.connect(now);
    server.channels.connect(now);
    run(milliseconds(200));
  }

  /// Lets time pass, with everything that happens in it.
  void run(Duration duration) {
    const Time end = now + duration;
    for (;;) {
      flush(client, server);
      flush(server, client);
      const Time arrival = in_flight_.empty() ? never : in_flight_.begin()->first;
      const Time next = std::min({arrival, client.channels.wakeup(), server.channels.wakeup()});
      if (next > end) break;
      set_time(std::max(now, next));
      if (arrival <= now) deliver();
      for (End* const one : {&client, &server}) {
        one->channels.advance(now, one->drops);
        take_events(*one);
      }
      if (each_turn) each_turn();
    }
    set_time(end);
  }

  /// A channel that the client has opened and the server knows.
  transport::ChannelId open(const transport::ChannelDescription& description) {
    const auto id = client.channels.open(now, description);
    run(milliseconds(100));
    return id.value_or(transport::ChannelId{0xFFFF});
  }

  Time now{seconds(1000)};
  Random random;
  Link link;
  End client{transport::DataChannels::Role::client};
  End server{transport::DataChannels::Role::server};
  std::function<void()> each_turn;  ///< after each thing that has happened
  /// Shown each packet that is put on the link.
  std::function<void(Bytes packet, bool to_server)> tap;
  std::size_t packets = 0;
  std::size_t largest_packet = 0;

 private:
  struct InFlight {
    End* to;
    Buffer packet;
  };

  void set_time(Time time) {
    now = time;
    sim::set_virtual_time(now);
  }

  void flush(End& from, End& to) {
    take_events(from);
    while (auto packet = from.channels.take_packet()) {
      ++packets;
      largest_packet = std::max(largest_packet, packet->size());
      if (tap) tap(*packet, &to == &server);
      if (random.uniform() < link.loss) continue;
      const auto late = Duration(static_cast<Duration::rep>(static_cast<double>(link.jitter.count()) * random.uniform()));
      in_flight_.emplace(now + link.delay + late, InFlight{&to, std::move(*packet)});
    }
  }

  void deliver() {
    auto [to, packet] = std::move(in_flight_.begin()->second);
    in_flight_.erase(in_flight_.begin());
    to->channels.receive(now, packet, to->drops);
    take_events(*to);
  }

  static void take_events(End& end) {
    while (auto event = end.channels.take_event()) end.note(std::move(*event));
  }

  std::multimap<Time, InFlight> in_flight_;
};

}  // namespace parley::test
