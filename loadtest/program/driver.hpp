#pragma once
// Runs a Crowd on real sockets, in one thread: datagrams in batches, WebSockets and HTTP through one poller, the clock read once
// a turn. On a loopback every member has addresses of its own (all of 127.0.0.0/8 is local), and one socket serves them all.

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loadtest/crowd.hpp"
#include "loadtest/program/target.hpp"
#include "loadtest/report.hpp"
#include "sfu/net/clock.hpp"
#include "sfu/net/poller.hpp"
#include "sfu/net/signals.hpp"
#include "sfu/net/udp_socket.hpp"
#include "sfu/net/web_connector.hpp"
#include "sfu/transport/certificate.hpp"
#include "sfu/transport/cipher.hpp"

namespace parley::loadtest {

class Driver {
 public:
  /// Throws SystemError when the addresses do not fit the scenario, or the server cannot be found.
  Driver(const Options& options, const Scenario& scenario, const Target& target);

  /// To the end of the scenario, or until the operator ends it.
  Report run();

 private:
  /// Sockets of one kind of addresses: a single one, or one for each port that a member uses.
  void open_sockets(const Options& options);
  net::UdpSocket& add_socket(net::UdpSocket socket);
  void turn(Time until);
  void receive_datagrams(Time now, net::UdpSocket& socket);
  void take(Time now, const net::WebLinkEvent& event);
  void perform(MemberNumber member, const ToWeb& action);
  void open(MemberNumber member, const OpenSocket& open);
  void call(MemberNumber member, const SendCall& call);
  void send();
  void send_from_own_ports();
  Address remote_of(const net::WebUrl& url);
  void record(Time now, Recorder& recorder);
  void say_goodbye();

  const Target& target_;
  bool quiet_;
  bool awake_;
  net::Clock clock_;
  net::Poller poller_;
  net::StopSignals signals_;
  net::WebConnector web_;
  transport::Certificate certificate_ = transport::Certificate::make();
  std::unique_ptr<transport::Cipher> cipher_ = transport::make_cipher();
  CrowdAddresses addresses_;
  Scenario scenario_;
  Clips clips_;
  std::unordered_map<std::uint16_t, net::UdpSocket> sockets_;  ///< by port
  std::unordered_map<int, std::uint16_t> ports_;               ///< by descriptor
  std::optional<Crowd> crowd_;
  CrowdOutput output_;
  std::vector<net::WebLinkEvent> web_events_;
  struct Owner {
    MemberNumber member = 0;
    std::optional<std::uint64_t> call;  ///< its number for the request; nothing: its WebSocket
  };
  std::unordered_map<net::WebLinkId, Owner> owners_;
  std::unordered_map<MemberNumber, net::WebLinkId> web_sockets_;
  std::unordered_map<std::string, Address> looked_up_;
  bool stopped_ = false;
};

}  // namespace parley::loadtest
