// parley-data-echo: one peer connection with data channels only, for browsers to try the transport with: whatever comes on a
// channel goes back on it. A few words are orders:
//
//   open NAME     opens a channel of the server's own, and says "hello" on it
//   close         closes the channel on which it was said
//   send N SIZE   sends so many messages of so many bytes, as fast as they are taken
//
//   parley-data-echo --host 10.77.0.1 --port 40000
//
// A line on standard input is an offer, with | for its line ends; a line on standard output is its answer. On SIGTERM it ends.

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <iostream>
#include <sstream>

#include "sfu/base/random.hpp"
#include "sfu/net/clock.hpp"
#include "sfu/net/udp_socket.hpp"
#include "sfu/sdp/negotiate.hpp"
#include "sfu/transport/transport.hpp"

using namespace parley;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

class Echo {
 public:
  explicit Echo(const Address& address)
      : address_(address),
        socket_(address.port(), "--port"),
        transport_(certificate_, *cipher_, {random_.ice_characters(8), random_.ice_characters(24)}) {}

  void run() {
    for (;;) {
      const Duration left = std::clamp<Duration>(transport_.wakeup() - clock_.now(), Duration::zero(), milliseconds(500));
      const timespec timeout{0, static_cast<long>(left.count())};
      pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {socket_.descriptor(), POLLIN, 0}};
      ppoll(sources, 2, &timeout, nullptr);
      std::string line;
      if (sources[0].revents != 0 && (!std::getline(std::cin, line) || !answer(line))) return;
      receive();
      transport_.advance(clock_.now(), out_);
      follow();
      cipher_->flush();
      socket_.send_batch(out_.datagrams, out_.drops);
      out_.datagrams.clear();
    }
  }

 private:
  bool answer(const std::string& line) {
    const auto offer = sdp::parse(replaced(line, "|", "\r\n"));
    const auto remote = offer ? sdp::remote_transport(*offer) : Result<sdp::RemoteTransport>(offer.error());
    if (!remote) return std::cerr << remote.error().message << std::endl, false;
    const auto own = certificate_.fingerprint();
    const std::string candidate = "candidate:1 1 udp 2130706431 " + address_.host() + " " + std::to_string(address_.port());
    const sdp::LocalTransport local{transport_.local_credentials().ufrag,
                                    transport_.local_credentials().password,
                                    {own.algorithm, own.digest},
                                    {candidate + " typ host"}};
    const auto made = sdp::answer_publish(*offer, local, {});
    if (!made || !made->data) return std::cerr << "no data channels" << std::endl, false;
    std::vector<transport::Fingerprint> fingerprints;
    for (const auto& one : remote->fingerprints) fingerprints.push_back({one.algorithm, one.digest});
    transport_.set_remote({remote->ice_ufrag, remote->ice_password}, fingerprints);
    transport_.enable_channels({sdp::sctp_port, made->data->remote_port, made->data->remote_maximum_message});
    std::cout << replaced(sdp::write(made->answer), "\r\n", "|") << std::endl;
    return true;
  }

  void receive() {
    const Time now = clock_.now();
    for (const auto& datagram : socket_.receive_batch(out_.drops)) {
      transport_.receive(now, datagram.path, datagram.bytes, out_);
      follow();
    }
  }

  void follow() {
    while (auto event = transport_.take_channel_event()) {
      if (auto* message = std::get_if<transport::ChannelMessage>(&*event)) obey(std::move(*message));
    }
    while (!waiting_.empty()) {
      const auto& [channel, kind, content] = waiting_.front();
      if (transport_.send_message(clock_.now(), channel, kind, content, out_) == transport::Sent::later) return;
      waiting_.pop_front();
    }
  }

  void obey(transport::ChannelMessage message) {
    std::istringstream words{
        std::string(as_text(Bytes(message.content).first(std::min<std::size_t>(message.content.size(), 64))))};
    std::string order, name;
    words >> order;
    if (message.kind == transport::MessageKind::text && order == "open" && words >> name) {
      if (const auto id = transport_.open_channel(clock_.now(), {name, "", {}}, out_))
        waiting_.push_back({*id, transport::MessageKind::text, {'h', 'e', 'l', 'l', 'o'}});
    } else if (message.kind == transport::MessageKind::text && order == "close") {
      transport_.close_channel(clock_.now(), message.channel, out_);
    } else if (std::size_t count = 0, size = 0; order == "send" && words >> count >> size) {
      for (; count > 0; --count) waiting_.push_back({message.channel, transport::MessageKind::binary, Buffer(size, 'x')});
    } else {
      waiting_.push_back(std::move(message));
    }
  }

  Address address_;
  net::Clock clock_;
  Random random_ = Random::from_system();
  net::UdpSocket socket_;
  transport::Certificate certificate_ = transport::Certificate::make();
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();
  transport::Transport transport_;
  Outbox out_;
  std::deque<transport::ChannelMessage> waiting_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App app("Sends back what comes on data channels.");
  std::string host = "10.77.0.1";
  std::uint16_t port = 40000;
  app.add_option("--host", host, "the address of this machine that browsers are told");
  app.add_option("--port", port);
  CLI11_PARSE(app, argument_count, arguments);
  Echo(*Address::parse(host, port)).run();
  return 0;
}
