// parley-link: a bad network between a browser and a server, in user space, because not every kernel has netem. It is the
// load tester's Link under the real clock.
//
//   browser ◀── UDP ──▶ --listen │ one socket and two Links for each client address │ ◀── UDP ──▶ --target
//
//   parley-link --listen 10.77.0.2:40000 --target 10.77.0.1:40000 --loss 0.02 --delay 20ms --seed 1 --stop-after 60
//
// The network changes while it runs: a line on standard input holds options that describe it, such as `--down-rate 0.4M`, and
// what they say is so from then on. On SIGTERM, SIGINT or the end of --stop-after it prints one JSON object with what happened to
// the datagrams, and exits 0. For tests only: it forwards whatever comes to one fixed target.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <unordered_map>

#include "loadtest/link.hpp"

using namespace parley;
using loadtest::Link;
using loadtest::LinkEvent;

namespace {

/// Each client costs a socket. A test has a handful of browsers; the limit keeps a mistake from taking every descriptor.
constexpr std::size_t maximum_clients = 256;

volatile std::sig_atomic_t stop_requested = 0;

Time monotonic_now() { return Time(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())); }

/// A socket address as the system wants it.
struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
};

SystemAddress to_system(const Address& address) {
  SystemAddress result;
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port());
    std::memcpy(&v4.sin_addr, address.octets().data(), 4);
    result.size = sizeof(v4);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port());
    std::memcpy(&v6.sin6_addr, address.octets().data(), 16);
    result.size = sizeof(v6);
  }
  return result;
}

Address from_system(const SystemAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &v4.sin_addr, octets.size());
    return Address::v4(octets, ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  std::array<std::uint8_t, 16> octets;
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return Address::v6(octets, ntohs(v6.sin6_port));
}

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

/// A non-blocking UDP socket.
class Socket {
 public:
  explicit Socket(bool v4) : descriptor_(socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (descriptor_ < 0) fail("socket");
    const int large = 4 << 20;
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &large, sizeof(large));
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
  }
  ~Socket() { close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void bind_to(const Address& address) {
    SystemAddress system = to_system(address);
    if (bind(descriptor_, system.pointer(), system.size) < 0) fail("bind " + address.text());
  }
  void connect_to(const Address& address) {
    SystemAddress system = to_system(address);
    if (connect(descriptor_, system.pointer(), system.size) < 0) fail("connect " + address.text());
  }
  /// The next datagram and its sender, or nothing. ICMP errors of a connected socket are passed over: the network is bad.
  std::optional<std::pair<Address, Bytes>> take(MutableBytes buffer) {
    for (;;) {
      SystemAddress from;
      const ssize_t size = recvfrom(descriptor_, buffer.data(), buffer.size(), MSG_TRUNC, from.pointer(), &from.size);
      if (size < 0 && errno == ECONNREFUSED) continue;
      if (size < 0) return {};
      if (static_cast<std::size_t>(size) <= buffer.size()) return std::pair(from_system(from), Bytes(buffer).first(size));
    }
  }
  void send_to(const Address& address, Bytes bytes) {
    SystemAddress system = to_system(address);
    sendto(descriptor_, bytes.data(), bytes.size(), 0, system.pointer(), system.size);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// What the command line and the lines on standard input say of the network, in their units.
class Network {
 public:
  void add_options(CLI::App& app);

  loadtest::Conditions up() const { return conditions(bits_per_second_); }
  loadtest::Conditions down() const { return conditions(down_bits_per_second_ > 0 ? down_bits_per_second_ : bits_per_second_); }

 private:
  loadtest::Conditions conditions(double bits_per_second) const;

  loadtest::Conditions both_ways_;  ///< what needs no conversion
  double delay_milliseconds_ = 0;
  double jitter_milliseconds_ = 0;
  double held_back_milliseconds_ = 20;
  double bits_per_second_ = 0;
  double down_bits_per_second_ = 0;
  double queue_milliseconds_ = 0;
};

void Network::add_options(CLI::App& app) {
  const std::map<std::string, double> times{{"us", 0.001}, {"ms", 1}, {"s", 1000}};
  const std::map<std::string, double> rates{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}};
  const auto time = CLI::AsNumberWithUnit(times, CLI::AsNumberWithUnit::CASE_SENSITIVE, "TIME");
  const auto rate = CLI::AsNumberWithUnit(rates, CLI::AsNumberWithUnit::CASE_SENSITIVE, "RATE");
  const auto probability = CLI::Range(0.0, 1.0);
  app.add_option("--delay", delay_milliseconds_, "one way, such as 20ms")->transform(time);
  app.add_option("--jitter", jitter_milliseconds_, "up to so much more, without reordering")->transform(time);
  app.add_option("--loss", both_ways_.loss, "probability for each datagram")->check(probability);
  app.add_option("--burst-loss", both_ways_.burst_loss, "probability that a datagram begins a burst of loss")->check(probability);
  app.add_option("--burst-length", both_ways_.burst_length, "mean datagrams in a burst");
  app.add_option("--duplication", both_ways_.duplication, "probability of a second copy")->check(probability);
  app.add_option("--reorder", both_ways_.reorder, "probability of being held back")->check(probability);
  app.add_option("--held-back", held_back_milliseconds_, "for how long, such as 20ms")->transform(time);
  app.add_option("--rate", bits_per_second_, "bits per second each way for each client, such as 2M")->transform(rate);
  app.add_option("--down-rate", down_bits_per_second_, "the same on the way to the clients only")->transform(rate);
  app.add_option("--queue", both_ways_.queue_bytes, "bytes that wait for the rate");
  app.add_option("--queue-time", queue_milliseconds_, "instead: how long a datagram waits at most, such as 300ms")
      ->transform(time);
}

loadtest::Conditions Network::conditions(double bits_per_second) const {
  const auto duration = [](double milliseconds) { return Duration(static_cast<std::int64_t>(milliseconds * 1e6)); };
  loadtest::Conditions result = both_ways_;
  result.delay = duration(delay_milliseconds_);
  result.jitter = duration(jitter_milliseconds_);
  result.held_back = duration(held_back_milliseconds_);
  result.bits_per_second = static_cast<std::uint64_t>(bits_per_second);
  if (queue_milliseconds_ > 0) result.queue_bytes = static_cast<std::size_t>(bits_per_second / 8 * queue_milliseconds_ / 1000);
  return result;
}

/// The lines of standard input, as they come.
class Commands {
 public:
  /// What poll watches; -1, which it passes over, once the input has ended.
  int descriptor() const { return ended_ ? -1 : STDIN_FILENO; }

  /// Reads what there is, and returns the lines that are complete. To be called only when poll says that there is something.
  std::vector<std::string> take() {
    std::array<char, 4096> buffer;
    const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
    ended_ = size <= 0;
    if (ended_) return {};
    text_.append(buffer.data(), static_cast<std::size_t>(size));
    std::vector<std::string> lines;
    for (std::size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1))
      lines.push_back(text_.substr(0, end));
    return lines;
  }

 private:
  bool ended_ = false;
  std::string text_;
};

struct Options {
  Address listen;
  Address target;
  Network network;
  std::uint64_t seed = 1;
  double stop_after = 0;
};

/// What stands between one client address and the target.
struct Client {
  Client(const Options& options, std::uint64_t number)
      : upstream(options.target.is_v4()),
        up(options.network.up(), Random::from_number(options.seed * 1'000'003 + 2 * number)),
        down(options.network.down(), Random::from_number(options.seed * 1'000'003 + 2 * number + 1)) {
    upstream.connect_to(options.target);
  }
  Socket upstream;
  Link up;
  Link down;
};

class Proxy {
 public:
  explicit Proxy(const Options& options) : options_(options), listener_(options.listen.is_v4()) {
    listener_.bind_to(options.listen);
  }

  void run(Time until) {
    while (!stop_requested && monotonic_now() < until) {
      wait(until);
      receive_from_clients();
      for (auto& [address, client] : clients_) receive_from_target(address, *client);
      deliver();
    }
  }

  void print_counts(std::ostream& out) const {
    out << R"({"clients": )" << clients_.size() << R"(, "refused_clients": )" << refused_clients_;
    print_direction(out, "up", &Client::up);
    print_direction(out, "down", &Client::down);
    out << "}" << std::endl;
  }

 private:
  /// Sleeps until a datagram comes, a link delivers, or half a second has passed (a signal may come between two tests of the
  /// flag).
  void wait(Time until) {
    std::vector<pollfd> sockets{{commands_.descriptor(), POLLIN, 0}, {listener_.descriptor(), POLLIN, 0}};
    Time next = until;
    for (const auto& [address, client] : clients_) {
      sockets.push_back({client->upstream.descriptor(), POLLIN, 0});
      next = std::min({next, client->up.wakeup(), client->down.wakeup()});
    }
    const Duration left = std::clamp<Duration>(next - monotonic_now(), Duration::zero(), milliseconds(500));
    const timespec timeout{0, static_cast<long>(left.count())};
    if (ppoll(sockets.data(), sockets.size(), &timeout, nullptr) > 0 && sockets.front().revents != 0)
      for (const auto& line : commands_.take()) change_network(line);
  }

  void change_network(const std::string& line) {
    CLI::App app;
    options_.network.add_options(app);
    app.parse(line);
    for (auto& [address, client] : clients_) {
      client->up.set_conditions(options_.network.up());
      client->down.set_conditions(options_.network.down());
    }
  }

  void receive_from_clients() {
    while (const auto datagram = listener_.take(buffer_)) {
      const auto& [from, bytes] = *datagram;
      if (Client* client = find_or_add(from))
        client->up.receive(monotonic_now(), Path{Protocol::udp, options_.target, from}, bytes);
    }
  }

  void receive_from_target(const Address& address, Client& client) {
    while (const auto datagram = client.upstream.take(buffer_))
      client.down.receive(monotonic_now(), Path{Protocol::udp, options_.listen, address}, datagram->second);
  }

  void deliver() {
    const Time now = monotonic_now();
    for (auto& [address, client] : clients_) {
      arrived_.clear();
      client->up.advance(now, arrived_);
      for (const auto& entry : arrived_.entries()) client->upstream.send_to(options_.target, entry.bytes());
      arrived_.clear();
      client->down.advance(now, arrived_);
      for (const auto& entry : arrived_.entries()) listener_.send_to(address, entry.bytes());
    }
  }

  Client* find_or_add(const Address& address) {
    if (const auto found = clients_.find(address); found != clients_.end()) return found->second.get();
    if (clients_.size() >= maximum_clients) {
      ++refused_clients_;
      return nullptr;
    }
    return clients_.emplace(address, std::make_unique<Client>(options_, clients_.size())).first->second.get();
  }

  void print_direction(std::ostream& out, std::string_view name, Link Client::*link) const {
    Counters<LinkEvent> sum;
    for (const auto& [address, client] : clients_) sum += ((*client).*link).counters();
    out << ", \"" << name << "\": {";
    constexpr std::pair<std::string_view, LinkEvent> fields[] = {{"taken", LinkEvent::taken},
                                                                 {"duplicated", LinkEvent::duplicated},
                                                                 {"delivered", LinkEvent::delivered},
                                                                 {"lost", LinkEvent::lost},
                                                                 {"lost_in_burst", LinkEvent::lost_in_burst},
                                                                 {"queue_full", LinkEvent::queue_full},
                                                                 {"partitioned", LinkEvent::partitioned}};
    for (const auto& [field, event] : fields) out << (field == "taken" ? "" : ", ") << '"' << field << "\": " << sum[event];
    out << "}";
  }

  Options options_;
  Commands commands_;
  Socket listener_;
  std::unordered_map<Address, std::unique_ptr<Client>> clients_;
  std::uint64_t refused_clients_ = 0;
  std::array<std::uint8_t, DatagramBatch::slot_size> buffer_{};
  DatagramBatch arrived_;
};

Options parse_options(CLI::App& app, int argc, char** argv) {
  Options options;
  std::string listen;
  std::string target;
  app.add_option("--listen", listen, "ADDRESS:PORT that clients send to")->required();
  app.add_option("--target", target, "ADDRESS:PORT of the server")->required();
  options.network.add_options(app);
  app.add_option("--seed", options.seed, "of all that is random");
  app.add_option("--stop-after", options.stop_after, "seconds; without it, runs until SIGTERM");
  app.parse(argc, argv);
  const auto listen_address = Address::parse_with_port(listen);
  const auto target_address = Address::parse_with_port(target);
  if (!listen_address || !target_address) throw std::runtime_error("--listen and --target want ADDRESS:PORT");
  options.listen = *listen_address;
  options.target = *target_address;
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app{"A bad network between UDP clients and one server"};
  Options options;
  try {
    options = parse_options(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);

  Proxy proxy(options);
  std::cout << "listening on " << options.listen.text() << std::endl;
  const auto lifetime = Duration(static_cast<std::int64_t>(options.stop_after * 1e9));
  proxy.run(options.stop_after > 0 ? monotonic_now() + lifetime : never);
  proxy.print_counts(std::cout);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "parley-link: " << error.what() << std::endl;
  return 1;
}
