#pragma once
// A person with a client in the simulator: a loadtest::Peer for the media, and the little that stands between it and the Hub. It
// joins, keeps track of who is in the room, says what its Peer wants to be said, and comes back when its WebSocket is lost.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "loadtest/peer.hpp"
#include "sfu/base/time.hpp"
#include "signaling/hub.hpp"
#include "tests/sim/network.hpp"

namespace parley::sim {

/// What a client wants of the WebSocket, in the order in which it wants it.
struct ClientOutput {
  loadtest::PeerOutput peer;
  std::vector<signaling::RequestMessage> requests;
};

class Client {
 public:
  struct Settings {
    ClientNumber number = 1;
    std::uint64_t room = 1;  ///< what its media says about itself; the token says the same
    std::string token;
    std::vector<loadtest::SourceSettings> tracks;
    std::optional<loadtest::DataSettings> data{};
  };

  Client(const transport::Certificate& certificate, transport::Cipher& cipher, Settings settings, Random random);

  ClientNumber number() const { return settings_.number; }
  std::uint64_t room() const { return settings_.room; }
  loadtest::Peer& peer() { return peer_; }
  const loadtest::Peer& peer() const { return peer_; }

  // ---- signaling
  /// A WebSocket is open: joins, or takes up the session again.
  void connected(Time now, ClientOutput& out);
  void receive(Time now, const signaling::Message& message, const std::string& mark, ClientOutput& out);
  void leave(Time now, ClientOutput& out);
  bool joined() const { return joined_; }
  bool left() const { return left_; }
  /// What the server told us that it could not do.
  const std::vector<Error>& errors() const { return errors_; }
  /// What the server told last of the picture of each track that is received.
  const std::map<TrackId, signaling::message::Quality>& qualities() const { return qualities_; }
  /// What it told last that somebody watches of each track that is sent.
  const std::map<TrackId, signaling::message::Encodings>& wanted() const { return wanted_; }
  /// The identities of the others, as the server has told us.
  const std::map<ParticipantId, std::string>& others() const { return others_; }

  // ---- media
  void receive(Time now, const Path& path, MutableBytes datagram, ClientOutput& out);
  void advance(Time now, ClientOutput& out);
  Time wakeup() const { return peer_.wakeup(); }

  /// Frames shown of what `publisher` sends, the fewest of its tracks; nothing when a track is missing.
  std::optional<std::uint64_t> frames_from(ClientNumber publisher, std::size_t tracks) const;
  /// Sums over everything that is received now.
  Counters<loadtest::ProbeCount> received() const;
  /// The longest time between two shown frames of any track, since forgive() if it was called.
  Duration longest_gap() const;
  void forgive(Time now);
  /// Empty, or what is wrong with what has been received.
  std::string complaint() const;

 private:
  void handle(Time now, const signaling::message::Joined& joined, ClientOutput& out);
  void handle(Time now, const signaling::message::Resumed& resumed, ClientOutput& out);
  void handle(Time now, const signaling::message::Published& published, ClientOutput& out);
  void handle(Time now, const signaling::message::Offer& offer, ClientOutput& out);
  void handle(Time now, const signaling::message::Moved& moved, ClientOutput& out);
  void handle(Time now, const signaling::message::ParticipantJoined& joined, ClientOutput& out);
  void handle(Time now, const signaling::message::ParticipantLeft& left, ClientOutput& out);
  void handle(Time now, const signaling::message::Failed& failed, ClientOutput& out);
  void handle(Time, const signaling::message::Quality& quality, ClientOutput&) {
    qualities_.insert_or_assign(quality.track, quality);
  }
  void handle(Time, const signaling::message::Encodings& encodings, ClientOutput&) {
    wanted_.insert_or_assign(encodings.track, encodings);
  }
  template <typename Other>
  void handle(Time, const Other&, ClientOutput&) {}

  void join(ClientOutput& out);
  void meet(const std::vector<signaling::ParticipantInfo>& participants);
  /// Turns what the peer wants to say into requests.
  void speak(ClientOutput& out);

  Settings settings_;
  loadtest::Peer peer_;
  std::string session_;
  std::string mark_;  ///< of the message being handled
  bool joined_ = false;
  bool left_ = false;
  std::map<ParticipantId, std::string> others_;
  std::vector<Error> errors_;
  std::map<TrackId, signaling::message::Quality> qualities_;
  std::map<TrackId, signaling::message::Encodings> wanted_;
};

}  // namespace parley::sim
