// A lean client of TURN servers, for comparing what relaying costs them: so many clients, each with a channel to one peer, which
// sends everything back. Clients and peer are one thread that never sleeps, so that waking it up is on nobody's bill.
// tests/bench/turn_side_by_side runs it.

#include <CLI/CLI.hpp>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <unordered_map>

#include "sfu/base/histogram.hpp"
#include "sfu/net/clock.hpp"
#include "sfu/net/process_usage.hpp"
#include "sfu/net/udp_socket.hpp"
#include "tests/support/turn_user.hpp"

namespace {

using namespace parley;

constexpr std::uint16_t channel = 0x4000;
/// A server that has only just been started, or a machine that is busy.
constexpr int attempts = 10;
constexpr Duration patience = seconds(1);

struct Options {
  std::string server;
  std::string local;
  int process = 0;
  int core = -1;
  std::size_t clients = 40;
  std::size_t frame = 5;
  std::size_t size = 1000;
  std::int64_t interval = 5;
  std::int64_t duration = 6;
  bool apart = false;
};

/// How long this core has had nothing to do since the machine started. The kernel counts it to the nanosecond and tells it in
/// hundredths of a second.
Duration idle_time(int core) {
  std::ifstream stat("/proc/stat");
  const std::string wanted = "cpu" + std::to_string(core);
  for (std::string line; std::getline(stat, line);) {
    std::istringstream fields(line);
    std::string name;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0;
    if (fields >> name >> user >> nice >> system >> idle >> waiting && name == wanted) return milliseconds(10) * (idle + waiting);
  }
  throw std::runtime_error("There is no core " + std::to_string(core) + ".");
}

struct Client {
  explicit Client(const Path& to) : flow(to) {}
  net::UdpSocket socket{0, ""};
  Flow flow;
  test::TurnUser user{.name = "ada", .password = "secret"};
  Time next{};
  std::uint64_t received = 0;
};

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_(options), server_(*Address::parse_with_port(options.server)), local_(*Address::parse(options.local, 0)) {}

  void run() {
    for (std::size_t i = 0; i < options_.clients; ++i) open(i);
    if (options_.apart) peer_.sender().disable_segmentation();
    const Duration before = spent();
    const Time begin = clock_.now();
    const Time end = begin + seconds(options_.duration);
    // Nobody's clock is another one's: frames of different clients come one by one, evenly.
    const Duration interval = milliseconds(options_.interval);
    for (std::size_t i = 0; i < clients_.size(); ++i)
      clients_[i]->next = begin + interval * static_cast<int>(i) / static_cast<int>(clients_.size());
    for (Time now = begin; now < end + milliseconds(200); now = clock_.now()) {
      if (now < end) send_frames(now);
      echo();
      count(clock_.now());
    }
    report(spent() - before);
    for (const auto& client : clients_) give_back(*client);
  }

 private:
  /// By the server until now: its own time, or all of that of its core.
  Duration spent() const {
    if (options_.core < 0) return net::read_usage(options_.process)->cpu;
    return clock_.now().time_since_epoch() - idle_time(options_.core);
  }

  /// An allocation, and a channel to the peer.
  void open(std::size_t index) {
    for (int attempt = 1; !allocate(index); ++attempt)
      if (attempt == attempts) throw std::runtime_error("Allocations of earlier clients are in the way.");
    Client& client = *clients_.back();
    test::TurnUser& user = client.user;
    const auto bind = [&](stun::Builder& builder) {
      builder.u32(stun::Attribute::channel_number, std::uint32_t{channel} << 16);
      builder.xor_address(stun::Attribute::xor_peer_address, local_.with_port(peer_.port()));
    };
    require(ask(client, user.request(stun::Method::channel_bind, bind)), "ChannelBind");
    if (options_.apart) client.socket.sender().disable_segmentation();
  }

  /// False: an earlier client had the same port, and its allocation lives on.
  bool allocate(std::size_t index) {
    constexpr int allocation_mismatch = 437;
    auto client = std::make_unique<Client>(Path{Protocol::udp, local_, server_});
    test::TurnUser& user = client->user;
    const auto allocate = [](stun::Builder& builder) { test::request_transport(builder); };
    user.learn(ask(*client, user.request(stun::Method::allocate, allocate)));
    user.transactions += index * 1000;
    const test::Received answer = ask(*client, user.request(stun::Method::allocate, allocate));
    if (answer.error() == allocation_mismatch) return false;
    require(answer, "Allocate");
    clients_.push_back(std::move(client));
    return true;
  }

  test::Received ask(Client& client, const Buffer& request) {
    DatagramBatch batch;
    batch.add(client.flow.path(), request);
    for (int attempt = 0; attempt < attempts; ++attempt) {
      client.socket.send_batch(batch, drops_);
      for (const Time end = clock_.now() + patience; clock_.now() < end;)
        for (const auto& datagram : client.socket.receive_batch(drops_))
          if (stun::Message::parse(datagram.bytes)) return test::Received(datagram.bytes);
    }
    throw std::runtime_error("The server does not answer.");
  }

  /// The next one on this port is not to find an allocation that lives on for ten minutes.
  void give_back(Client& client) {
    const auto end = [](stun::Builder& builder) { builder.u32(stun::Attribute::lifetime, 0); };
    require(ask(client, client.user.request(stun::Method::refresh, end)), "Refresh");
  }

  static void require(const test::Received& answer, const std::string& what) {
    if (!answer.is_success()) throw std::runtime_error(what + " was refused with " + std::to_string(answer.error()) + ".");
  }

  void send_frames(Time now) {
    for (const auto& client : clients_) {
      if (now < client->next) continue;
      client->next += milliseconds(options_.interval);
      for (std::size_t i = 0; i < options_.frame; ++i) {
        const MutableBytes slot = batch_.reserve();
        Writer(slot).u16(channel).u16(static_cast<std::uint16_t>(options_.size)).u64(stamp(now));
        batch_.commit(client->flow, options_.size + 4);
      }
      client->socket.send_batch(batch_, drops_);
      batch_.clear();
      sent_ += options_.frame;
    }
  }

  void echo() {
    for (const auto& datagram : peer_.receive_batch(drops_)) {
      const auto flow = flows_.try_emplace(datagram.path.remote, datagram.path).first;
      std::ranges::copy(datagram.bytes, batch_.reserve().begin());
      batch_.commit(flow->second, datagram.bytes.size());
      ++echoed_;
    }
    peer_.send_batch(batch_, drops_);
    batch_.clear();
  }

  void count(Time now) {
    for (const auto& client : clients_)
      for (const auto& datagram : client->socket.receive_batch(drops_)) {
        if (datagram.bytes.size() != options_.size + 4) continue;
        ++client->received;
        const std::uint64_t sent = Reader(Bytes(datagram.bytes).subspan(4)).u64();
        round_trips_.add((stamp(now) - sent) / 1000);
      }
  }

  static std::uint64_t stamp(Time now) { return static_cast<std::uint64_t>(now.time_since_epoch().count()); }

  void report(Duration cpu) {
    std::uint64_t received = 0;
    for (const auto& client : clients_) received += client->received;
    const double relayed = static_cast<double>(echoed_ + received);
    std::cout << std::fixed << std::setprecision(3) << std::chrono::duration<double, std::micro>(cpu).count() / relayed
              << " us for each relayed packet, " << std::setprecision(0) << relayed / static_cast<double>(options_.duration)
              << " packets/s, there and back in " << round_trips_.quantile(0.5) << " us, 99 % in " << round_trips_.quantile(0.99)
              << " us, " << sent_ - received << " of " << sent_ << " lost\n";
  }

  Options options_;
  Address server_;
  Address local_;
  net::Clock clock_;
  net::UdpSocket peer_{0, ""};
  std::vector<std::unique_ptr<Client>> clients_;
  std::unordered_map<Address, Flow> flows_;
  DatagramBatch batch_;
  Drops drops_;
  std::uint64_t sent_ = 0;
  std::uint64_t echoed_ = 0;
  Histogram round_trips_;  ///< microseconds
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Clients of a TURN server (user ada, password secret), and their peer, which sends everything back.");
  app.add_option("--server", options.server, "ADDRESS:PORT")->required();
  app.add_option("--local", options.local, "address of the clients and the peer")->required();
  app.add_option("--watch", options.process, "process of the server, whose CPU is counted");
  app.add_option("--core", options.core, "core of the server, of which all is counted that it does, interrupts included");
  app.add_option("--clients", options.clients, "how many")->capture_default_str();
  app.add_option("--frame", options.frame, "packets that a client sends at once")->capture_default_str();
  app.add_option("--size", options.size, "bytes of channel data in each")->check(CLI::Range(8, 1400))->capture_default_str();
  app.add_option("--interval", options.interval, "milliseconds between two frames of a client")->capture_default_str();
  app.add_option("--duration", options.duration, "seconds")->capture_default_str();
  app.add_flag("--apart", options.apart, "packets of a frame go through the network one by one, instead of as one run");
  CLI11_PARSE(app, argc, argv);
  try {
    Bench(options).run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
