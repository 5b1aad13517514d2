// What one forwarded packet costs. The Engine and the socket are the real ones and run on one core; the clients are synthetic,
// and what they send is handed over directly, so that only the server's work is on the clock (the thread's CPU time, system calls
// and the walk through the network stack included). The copies arrive at a sink on the other core. Each round measures
//
//   engine   receive, decrypt, decide, rewrite, encrypt for each receiver
//   all      the same, and the copies leave through net::UdpSocket
//   sendto   as many datagrams of the same size to the same places, one plain sendto each: what any server pays at least
//
// and the ratio is taken in each round by itself.  tests/bench/run

#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>

#include "sfu/net/udp_socket.hpp"
#include "tests/bench/sink.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/local_call.hpp"

namespace {

using namespace parley;
using namespace parley::bench;
using parley::test::CallShape;
using parley::test::LocalCall;

struct Options {
  Address server = *Address::parse("127.0.0.1", 40000);
  std::string sink_in;
  bool segments = true;
  int rounds = 7;  // the first one warms up
  std::string only;
};

double thread_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// Charges the Engine's work, and with a socket that of sending.
class Cost : public test::Meter {
 public:
  explicit Cost(const Sink& sink, net::UdpSocket* socket = nullptr) : sink_(sink), socket_(socket) {}
  void begin() override {
    allocations_before_ = test::allocations();
    before_ = thread_microseconds();
  }
  void leave(const DatagramBatch& batch) override {
    if (socket_) socket_->send_batch(batch, drops_);
    sent_ += socket_ ? batch.entries().size() : 0;
  }
  void end() override {
    microseconds += thread_microseconds() - before_;
    allocated += test::allocations() - allocations_before_;
    if (socket_) sink_.catch_up(arrived_before_ + sent_);
  }
  double microseconds = 0;
  std::uint64_t allocated = 0;
  std::uint64_t sent() const { return sent_; }
  std::uint64_t arrived() const { return sink_.received() - arrived_before_; }
  const Drops& drops() const { return drops_; }

 private:
  const Sink& sink_;
  net::UdpSocket* socket_;
  Drops drops_;
  std::uint64_t arrived_before_ = sink_.received();
  std::uint64_t sent_ = 0;
  double before_ = 0;
  std::uint64_t allocations_before_ = 0;
};

/// Microseconds for one plain sendto, in bursts like the server's.
double plain_sendto(const Sink& sink, const Options& options, std::size_t receivers, std::size_t size, std::uint64_t count) {
  const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer = 4 << 20;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  // As a server has them: each copy has its own bytes, which were written a moment ago.
  std::vector<Buffer> slots(room::Engine::copies_in_turn, Buffer(DatagramBatch::slot_size, 0x55));
  const auto begin = sink.received();
  double spent = 0;
  for (std::uint64_t done = 0; done < count;) {
    const auto burst = std::min<std::uint64_t>(room::Engine::copies_in_turn, count - done);
    const double before = thread_microseconds();
    for (std::uint64_t i = 0; i < burst; ++i) {
      const auto to = LocalCall::address_of((done + i) % receivers, options.server);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(to.port());
      std::memcpy(&address.sin_addr, to.octets().data(), 4);
      sendto(descriptor, slots[i].data(), size, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    spent += thread_microseconds() - before;
    done += burst;
    sink.catch_up(begin + done);
  }
  close(descriptor);
  return spent / static_cast<double>(count);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

struct Case {
  const char* name;
  CallShape shape;
  Duration length;
};

loadtest::SourceSettings camera(std::uint32_t frames_per_second, std::vector<std::size_t> packets_in_frame) {
  auto source = loadtest::simulcast_camera();
  source.frames_per_second = frames_per_second;
  if (packets_in_frame.size() == 1) source.layers = {{"", packets_in_frame[0] * loadtest::Source::maximum_payload}};
  for (std::size_t i = 0; i < packets_in_frame.size(); ++i)
    source.layers[i].frame_bytes = packets_in_frame[i] * loadtest::Source::maximum_payload;
  return source;
}

std::vector<Case> cases() {
  const auto voice = loadtest::microphone();
  return {
      {"video 5 x 100, frames of 5", {.tracks = {camera(30, {5})}, .publishers = 5, .viewers = 100}, seconds(1)},
      {"video 1 x 500, frames of 5", {.tracks = {camera(30, {5})}, .publishers = 1, .viewers = 500}, seconds(1)},
      {"meeting 10 x 10, simulcast and sound",
       {.tracks = {voice, camera(30, {1, 2, 5})}, .publishers = 10, .meeting = true},
       seconds(4)},
      {"audio 1 x 500", {.tracks = {voice}, .publishers = 1, .viewers = 500}, seconds(2)},
      {"video 5 x 100, AES-CM and HMAC-SHA1",
       {.tracks = {camera(30, {5})}, .publishers = 5, .viewers = 100, .profile = transport::SrtpProfile::aes128_cm_sha1_80},
       seconds(1)},
      {"audio 1 x 500, AES-CM and HMAC-SHA1",
       {.tracks = {voice}, .publishers = 1, .viewers = 500, .profile = transport::SrtpProfile::aes128_cm_sha1_80},
       seconds(2)},
  };
}

void measure(const Case& what, const Options& options, const Sink& sink, net::UdpSocket& socket) {
  LocalCall call(what.shape, options.server);
  const std::size_t receivers = what.shape.viewers + (what.shape.meeting ? what.shape.publishers : 0);
  std::vector<double> engine, all, plain, ratios;
  std::uint64_t allocated = 0, copies = 0, lost = 0, sent = 0;
  std::size_t size = 0;
  const Histogram runs_before = socket.sender().runs();
  for (int round = 0; round < options.rounds; ++round) {
    const auto octets_before = call.octets();
    auto forwarded = call.forwarded();
    Cost alone(sink);
    call.run(what.length, alone);
    const auto copies_alone = call.forwarded() - forwarded;
    size = static_cast<std::size_t>((call.octets() - octets_before) / std::max<std::uint64_t>(copies_alone, 1));
    forwarded = call.forwarded();
    Cost with_socket(sink, &socket);
    call.run(what.length, with_socket);
    const auto copies_sent = call.forwarded() - forwarded;
    const double baseline = plain_sendto(sink, options, receivers, size, copies_sent);
    if (round == 0) continue;
    engine.push_back(alone.microseconds / static_cast<double>(copies_alone));
    all.push_back(with_socket.microseconds / static_cast<double>(copies_sent));
    plain.push_back(baseline);
    ratios.push_back(all.back() / baseline);
    allocated += alone.allocated;
    copies += copies_alone;
    sent += with_socket.sent();
    lost += with_socket.sent() - std::min(with_socket.arrived(), with_socket.sent());
  }
  const auto& runs = socket.sender().runs();
  const double mean_run =
      (runs.mean() * static_cast<double>(runs.count()) - runs_before.mean() * static_cast<double>(runs_before.count())) /
      static_cast<double>(std::max<std::uint64_t>(runs.count() - runs_before.count(), 1));
  const auto [smallest, largest] = std::ranges::minmax(ratios);
  std::printf("%-38s %5zu %7.2f %7.2f %7.2f   %.2f (%.2f - %.2f) %6.1f %10.4f %9.5f\n", what.name, size, median(engine),
              median(all), median(plain), median(ratios), smallest, largest, mean_run,
              static_cast<double>(allocated) / static_cast<double>(std::max<std::uint64_t>(copies, 1)),
              100.0 * static_cast<double>(lost) / static_cast<double>(std::max<std::uint64_t>(sent, 1)));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 5 && std::string(argv[1]) == "sink")
    run_sink(static_cast<std::uint16_t>(std::stoi(argv[2])), argv[3], std::stoi(argv[4]));
  Options options;
  std::string server = "127.0.0.1";
  CLI::App app("bench_forward: what one forwarded packet costs, against one plain sendto for each copy.");
  app.add_option("--server", server, "our address; clients are 64.0.0 and up behind its first octet")->capture_default_str();
  app.add_option("--sink-in", options.sink_in, "command that runs the sink elsewhere, such as \"ip netns exec NAME\"");
  app.add_option("--rounds", options.rounds, "the first one is not counted")->capture_default_str();
  app.add_option("--only", options.only, "cases whose name contains this");
  app.add_flag("!--no-segmentation", options.segments, "every datagram passes the network stack by itself");
  CLI11_PARSE(app, argc, argv);
  options.server = Address::parse(server, 40000).value();

  cpu_set_t first_core;
  CPU_ZERO(&first_core);
  CPU_SET(0, &first_core);
  sched_setaffinity(0, sizeof first_core, &first_core);
  const Sink sink(LocalCall::client_port, options.sink_in);
  net::UdpSocket socket(options.server.port(), "--port");
  if (!options.segments) socket.sender().disable_segmentation();
  std::printf("%-38s %5s %7s %7s %7s   %-18s %6s %10s %9s\n", "us of CPU for each copy", "bytes", "engine", "all", "sendto",
              "all / sendto", "run", "alloc/copy", "lost %");
  for (const auto& one : cases())
    if (std::string(one.name).find(options.only) != std::string::npos) measure(one, options, sink, socket);
  std::printf("runs of datagrams for one receiver (length: times):");
  socket.sender().runs().for_each([](std::uint64_t length, std::uint64_t times) {
    std::printf(" %llu: %llu", static_cast<unsigned long long>(length), static_cast<unsigned long long>(times));
  });
  std::printf("\n");
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_forward: %s\n", error.what());
  return 1;
}
