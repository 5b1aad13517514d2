#pragma once
// A client of a TURN server as a machine: it allocates, binds a channel (or makes a permission) for each peer, refreshes all of
// it, and sends and receives. Requests are repeated as RFC 8489 section 6.2.1 says, one at a time.

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sfu/base/outbox.hpp"
#include "tests/support/turn_user.hpp"

namespace parley::test {

class TurnClient {
 public:
  enum class State : std::uint8_t { allocating, ready, leaving, gone, failed };

  struct Config {
    Path path;
    TurnUser user;
    std::vector<Address> peers;
    bool uses_channels = true;  ///< false: Send and Data indications, as Firefox
  };
  struct Data {
    Address peer;
    std::string text;
  };

  explicit TurnClient(Config config) : config_(std::move(config)) {}

  void start(Time now, DatagramBatch& out);
  void receive(Time now, Bytes datagram, DatagramBatch& out);
  void advance(Time now, DatagramBatch& out);
  Time wakeup() const { return std::min(refresh_at_, request_ ? request_->due : never); }
  /// Does nothing before it is ready.
  void send(const Address& peer, std::string_view text, DatagramBatch& out);
  /// Gives the allocation back.
  void leave(Time now, DatagramBatch& out);
  /// The NAT gave it another port: everything begins anew there.
  void move(Time now, const Path& path, DatagramBatch& out);

  State state() const { return state_; }
  const Path& path() const { return config_.path; }
  const std::vector<Address>& relayed() const { return relayed_; }
  std::vector<Data> take_received() { return std::exchange(received_, {}); }
  /// Error codes that came, but for 401 and 438 that only brought a nonce.
  const std::vector<int>& errors() const { return errors_; }
  /// The key of the user, and the integrity of each answer that ought to have had one.
  bool answers_were_authentic() const { return answers_were_authentic_; }

 private:
  struct Step {
    stun::Method method = stun::Method::allocate;
    std::size_t peer = 0;
    bool ends = false;
  };
  struct Request {
    Step step;
    Buffer bytes;
    stun::TransactionId transaction{};
    Time due{};
    Duration timeout{};
    int transmissions = 0;
  };

  void queue_peers();
  void next(Time now, DatagramBatch& out);
  void begin(Time now, const Step& step, DatagramBatch& out);
  void transmit(Time now, DatagramBatch& out);
  void answered(Time now, const Received& answer, DatagramBatch& out);
  void succeeded(Time now, const Received& answer);
  void fail(int code);
  void take_indication(const Received& message);

  Config config_;
  State state_ = State::allocating;
  std::deque<Step> steps_;
  std::optional<Request> request_;
  int challenges_ = 0;  ///< in a row
  Time refresh_at_ = never;
  std::vector<Address> relayed_;
  std::vector<Data> received_;
  std::vector<int> errors_;
  bool answers_were_authentic_ = true;
};

}  // namespace parley::test
