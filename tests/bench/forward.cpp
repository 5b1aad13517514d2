// What one forwarded packet costs: 1 publisher, 50 subscribers, 1150-byte packets, AES-128-GCM, one thread. Printed, not
// asserted. The Engine is the real one, the clients are synthetic, and their datagrams are handed over directly, so that only the
// server's work is on the clock (the thread's CPU time). Three figures from one run:
//
//   engine            receive, decrypt, decide, rewrite, encrypt for each subscriber
//   engine + sockets  the same, and the copies leave through net::UdpSocket to sockets on the loopback that are being read
//   sendto            the same number of datagrams of the same size, one plain sendto each: what any server pays at least
//
//   tests/bench/run

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <map>
#include <stdexcept>
#include <thread>

#include "loadtest/peer.hpp"
#include "sfu/net/udp_socket.hpp"
#include "sfu/room/engine.hpp"

namespace {

using namespace parley;

constexpr std::uint16_t subscribers = 50;
constexpr std::uint16_t first_port = 30000;
constexpr int rounds = 7;  // the first one warms up
constexpr Duration round_length = seconds(2);

const Address loopback = *Address::parse("127.0.0.1", 0);

double thread_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// Sockets where the copies arrive, read on the other core.
class Sink {
 public:
  Sink() {
    for (std::uint16_t i = 0; i <= subscribers; ++i) {
      const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(first_port + i));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("port " + std::to_string(first_port + i) + " is taken");
      polls_.push_back({descriptor, POLLIN, 0});
    }
    reader_ = std::thread([this] { read(); });
  }
  ~Sink() {
    stop_ = true;
    reader_.join();
    for (const auto& entry : polls_) close(entry.fd);
  }

 private:
  void read() {
    std::array<std::uint8_t, 2048> bytes;
    while (!stop_) {
      poll(polls_.data(), polls_.size(), 20);
      for (const auto& entry : polls_)
        while (recv(entry.fd, bytes.data(), bytes.size(), 0) > 0) continue;
    }
  }
  std::vector<pollfd> polls_;
  std::atomic<bool> stop_ = false;
  std::thread reader_;
};

/// The call: an Engine and its clients, joined without a network.
class Call {
 public:
  Call()
      : certificate_(transport::Certificate::make()),
        socket_(0, "the benchmark's port"),
        server_(loopback.with_port(socket_.port())),
        engine_({{"candidate:1 1 udp 2130706431 127.0.0.1 " + std::to_string(socket_.port()) + " typ host"}, {}},
                Random::from_number(1)) {
    auto camera = loadtest::camera();
    camera.frames_per_second = 100;
    camera.layers = {{"", 10 * loadtest::Source::maximum_payload}};
    for (std::uint16_t i = 0; i <= subscribers; ++i) {
      loadtest::PeerSettings settings{loopback.with_port(static_cast<std::uint16_t>(first_port + i)), {}, "bench"};
      if (i == 0) settings.tracks = {camera};
      peers_.push_back(std::make_unique<loadtest::Peer>(certificate_, *cipher_, settings, Random::from_number(i + 2u)));
      tell(control::AddParticipant{RoomId{1}, ParticipantId{i + 1u}, "cname"});
    }
    peers_[0]->start(now_, from_peer_);
    settle_peer(0);
    for (std::uint16_t i = 1; i <= subscribers; ++i) tell(control::Subscribe{ParticipantId{i + 1u}, TrackId{1}});
    run(seconds(3), false);
    if (forwarded() == 0) throw std::runtime_error("the call did not come up");
  }

  struct Cost {
    double microseconds = 0;
    std::uint64_t copies = 0;
  };
  /// Moves the call on; only what the Engine and the socket do is charged.
  Cost run(Duration length, bool with_sockets) {
    with_sockets_ = with_sockets;
    charged_ = 0;
    const auto before = forwarded();
    for (const Time end = now_ + length; now_ < end; now_ += milliseconds(1)) step();
    return {charged_, forwarded() - before};
  }
  std::uint64_t forwarded() const { return engine_.statistics()[room::Metric::rtp_forwarded]; }
  std::size_t copy_size() const { return copy_size_; }

 private:
  template <typename Work>
  void charge(Work work) {
    const double before = thread_microseconds();
    work();
    charged_ += thread_microseconds() - before;
  }

  void step() {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      if (peers_[i]->wakeup() > now_) continue;
      peers_[i]->advance(now_, from_peer_);
      settle_peer(i);
    }
    charge([&] { engine_.advance(now_, out_); });
    settle_engine();
  }

  void tell(control::Command command) {
    engine_.receive(now_, control::CommandMessage{{}, std::move(command)}, out_);
    settle_engine();
  }

  /// A peer's datagrams go to the Engine in one turn, as a batch from a socket would.
  void settle_peer(std::size_t index) {
    std::vector<std::pair<Path, Buffer>> datagrams;
    for (const auto& entry : from_peer_.outbox.datagrams.entries())
      datagrams.emplace_back(Path{Protocol::udp, server_, entry.path.local}, Buffer(entry.bytes().begin(), entry.bytes().end()));
    from_peer_.outbox.datagrams.clear();
    const auto signals = std::exchange(from_peer_.signals, {});
    charge([&] {
      for (auto& [path, bytes] : datagrams) engine_.receive(now_, path, bytes, out_);
    });
    settle_engine();
    for (const auto& signal : signals) handle(index, signal);
  }

  void handle(std::size_t index, const loadtest::ToServer& signal) {
    const ParticipantId participant{index + 1};
    if (const auto* offer = std::get_if<loadtest::PublishOffer>(&signal)) {
      offer_number_ = offer->number;
      tell(control::Publish{participant, offer->sdp, {{"0", TrackId{1}}}, {}, offer->replace});
    } else if (const auto* answer = std::get_if<loadtest::SubscribeAnswer>(&signal)) {
      tell(control::AcceptAnswer{participant, answer->revision, answer->sdp});
    }
  }

  void settle_engine() {
    const auto events = std::exchange(out_.events, {});
    const auto entries = out_.outbox.datagrams.entries();
    if (with_sockets_) charge([&] { socket_.send_batch(out_.outbox.datagrams, out_.outbox.drops); });
    // Media is for the sink; everything else keeps the synthetic clients alive.
    std::vector<std::pair<Path, Buffer>> rest;
    for (const auto& entry : entries) {
      if (entry.size > 1000)
        copy_size_ = entry.size;
      else
        rest.emplace_back(entry.path, Buffer(entry.bytes().begin(), entry.bytes().end()));
    }
    out_.outbox.datagrams.clear();
    for (auto& [path, bytes] : rest) {
      const auto index = static_cast<std::size_t>(path.remote.port() - first_port);
      peers_[index]->receive(now_, Path{Protocol::udp, path.remote, server_}, bytes, from_peer_);
      settle_peer(index);
    }
    for (const auto& message : events) handle(message.event);
  }

  void handle(const control::Event& event) {
    if (const auto* published = std::get_if<control::Published>(&event)) {
      peers_[0]->receive(now_, loadtest::PublishAnswer{offer_number_, published->answer}, from_peer_);
      settle_peer(0);
    } else if (const auto* offered = std::get_if<control::Offered>(&event)) {
      loadtest::SubscribeOffer offer{.revision = offered->revision, .sdp = offered->offer, .tracks = {}, .replace = false};
      for (const auto& track : offered->tracks) offer.tracks.push_back({track.mid, track.track});
      const auto index = offered->participant.value - 1;
      peers_[index]->receive(now_, offer, from_peer_);
      settle_peer(index);
    }
  }

  transport::Certificate certificate_;
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();
  net::UdpSocket socket_;
  Address server_;
  room::Engine engine_;
  room::Output out_;
  loadtest::PeerOutput from_peer_;
  std::vector<std::unique_ptr<loadtest::Peer>> peers_;
  Time now_ = Time{} + seconds(1000);
  std::uint32_t offer_number_ = 0;
  std::size_t copy_size_ = 0;
  bool with_sockets_ = false;
  double charged_ = 0;
};

/// Microseconds for one plain sendto of `size` bytes.
double plain_sendto(std::size_t size, std::uint64_t count) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  const Buffer bytes(size, 0x55);
  const double before = thread_microseconds();
  for (std::uint64_t i = 0; i < count; ++i) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(first_port + 1 + i % subscribers));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sendto(descriptor, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  const double spent = thread_microseconds() - before;
  close(descriptor);
  return spent / static_cast<double>(count);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main() {
  Sink sink;
  Call call;
  std::vector<double> engine, sockets, plain;
  for (int round = 0; round < rounds; ++round) {
    const auto alone = call.run(round_length, false);
    const auto sent = call.run(round_length, true);
    const double baseline = plain_sendto(call.copy_size(), alone.copies);
    if (round == 0) continue;
    engine.push_back(alone.microseconds / static_cast<double>(alone.copies));
    sockets.push_back(sent.microseconds / static_cast<double>(sent.copies));
    plain.push_back(baseline);
  }
  const double base = median(plain);
  std::printf("1 publisher, %d subscribers, %zu-byte copies, medians of %zu rounds\n", subscribers, call.copy_size(),
              plain.size());
  std::printf("%-18s %8s %8s\n", "", "us/copy", "ratio");
  std::printf("%-18s %8.2f %8.2f\n", "engine", median(engine), median(engine) / base);
  std::printf("%-18s %8.2f %8.2f\n", "engine + sockets", median(sockets), median(sockets) / base);
  std::printf("%-18s %8.2f %8.2f\n", "sendto", base, 1.0);
}
