// What a data channel costs: the processor's time for each message and the rate of one core, in one thread, SCTP alone and inside
// of DTLS; both ends are in it, and a worker that relays is one of each. And the memory of associations that do nothing.
//
//   bench_data_channels [megabytes, default 100]

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sfu/transport/certificate.hpp"
#include "sfu/transport/data_channels.hpp"
#include "sfu/transport/dtls.hpp"

namespace {

using namespace parley;
using namespace parley::transport;

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

double resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  return 0;
}

const SctpParameters parameters{.remote_maximum_message = maximum_message};

/// Two ends without a link between them.
struct Pair {
  explicit Pair(bool with_dtls) : encrypted(with_dtls) {
    while (encrypted && !(client_dtls.state() == Dtls::State::connected && server_dtls.state() == Dtls::State::connected)) {
      if (client_dtls.state() == Dtls::State::handshaking && out.datagrams.empty()) client_dtls.start(now, path, out);
      hand_over(server_dtls);
      hand_over(client_dtls);
    }
    client.connect(now);
    server.connect(now);
    for (int turns = 0; turns < 100 && !(client.ready() && server.ready()); ++turns) turn();
  }
  void hand_over(Dtls& to) {
    std::vector<Buffer> datagrams;
    for (const auto& entry : out.datagrams.entries()) datagrams.emplace_back(entry.bytes().begin(), entry.bytes().end());
    out.datagrams.clear();
    for (const Buffer& datagram : datagrams) to.receive(now, path, datagram, out);
  }
  void carry(DataChannels& from, Dtls& from_dtls, DataChannels& to, Dtls& to_dtls) {
    while (const auto packet = from.take_packet()) {
      ++packets;
      if (!encrypted) {
        to.receive(now, *packet, out.drops);
        continue;
      }
      from_dtls.send(path, *packet, out);
      const Buffer datagram(out.datagrams.entries()[0].bytes().begin(), out.datagrams.entries()[0].bytes().end());
      out.datagrams.clear();
      to_dtls.receive(now, path, datagram, out);
      for (const Buffer& data : to_dtls.data()) to.receive(now, data, out.drops);
    }
  }
  void turn() {
    now += microseconds(100);
    carry(client, client_dtls, server, server_dtls);
    carry(server, server_dtls, client, client_dtls);
    client.advance(now, out.drops);
    server.advance(now, out.drops);
    while (const auto event = server.take_event())
      if (const auto* message = std::get_if<ChannelMessage>(&*event)) arrived += message->content.size();
    while (client.take_event()) continue;
  }

  bool encrypted;
  Time now{seconds(1000)};
  Path path{Protocol::udp, Address::v4({127, 0, 0, 1}, 1), Address::v4({127, 0, 0, 1}, 2)};
  Outbox out;
  Certificate client_certificate = Certificate::make();
  Certificate server_certificate = Certificate::make();
  Dtls client_dtls{client_certificate, Dtls::Role::client, {server_certificate.fingerprint()}};
  Dtls server_dtls{server_certificate, Dtls::Role::server, {client_certificate.fingerprint()}};
  DataChannels client{DataChannels::Role::client, parameters};
  DataChannels server{DataChannels::Role::server, parameters};
  std::size_t arrived = 0;
  std::size_t packets = 0;
};

void measure(bool with_dtls, std::size_t message_size, std::size_t bytes) {
  Pair pair(with_dtls);
  const auto id = pair.client.open(pair.now, {"bench", "", {}});
  if (!id) return;
  const Buffer message(message_size, 7);
  const double begun = processor_seconds();
  const std::size_t packets_before = pair.packets;
  for (std::size_t sent = 0; pair.arrived < bytes;) {
    while (sent < bytes && pair.client.send(pair.now, *id, MessageKind::binary, message) == Sent::accepted) sent += message_size;
    pair.turn();
  }
  const double took = processor_seconds() - begun;
  const auto count = static_cast<double>(bytes / message_size);
  const auto packets = static_cast<double>(pair.packets - packets_before);
  std::printf("%-10s %7zu bytes: %8.2f us for each message, %5.2f us for each packet, %6.0f Mbit/s on one core\n",
              with_dtls ? "with DTLS" : "SCTP alone", message_size, took * 1e6 / count, took * 1e6 / packets,
              static_cast<double>(bytes) * 8 / took / 1e6);
}

void measure_memory() {
  constexpr std::size_t count = 500;
  std::vector<std::unique_ptr<DataChannels>> ends;
  const Time now{seconds(1000)};
  Drops drops;
  const double before = resident_kilobytes();
  for (std::size_t i = 0; i < count; ++i) {
    ends.push_back(std::make_unique<DataChannels>(DataChannels::Role::client, parameters));
    ends.push_back(std::make_unique<DataChannels>(DataChannels::Role::server, parameters));
    auto& client = *ends[ends.size() - 2];
    auto& server = *ends.back();
    client.connect(now);
    server.connect(now);
    for (int turns = 0; turns < 10; ++turns) {
      while (const auto packet = client.take_packet()) server.receive(now, *packet, drops);
      while (const auto packet = server.take_packet()) client.receive(now, *packet, drops);
    }
    if (!client.ready() || !server.ready()) std::puts("an association did not come up");
  }
  const double each = (resident_kilobytes() - before) / static_cast<double>(ends.size());
  const double begun = processor_seconds();
  for (int tick = 1; tick <= 100; ++tick)
    for (const auto& end : ends) end->advance(now + milliseconds(10) * tick, drops);
  std::printf("%.1f KB for each idle association; timers of %zu associations: %.1f us for each look\n", each, ends.size(),
              (processor_seconds() - begun) * 1e6 / 100 / static_cast<double>(ends.size()));
  ends.clear();
  std::printf("%.0f KB stay with the allocator when all have gone, for those who come next\n", resident_kilobytes() - before);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::size_t bytes = (argument_count > 1 ? std::stoul(arguments[1]) : 100) * 1000 * 1000;
  measure_memory();
  for (const bool with_dtls : {false, true}) {
    measure(with_dtls, 100, bytes / 20);
    measure(with_dtls, 1000, bytes);
    measure(with_dtls, 16384, bytes);
    measure(with_dtls, 262144, bytes);
  }
  return 0;
}
