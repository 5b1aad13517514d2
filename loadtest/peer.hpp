#pragma once
// A complete client without a browser, as a machine: it publishes synthetic tracks over one peer connection, receives everybody
// else's over another, judges what it gets, and does by itself what a good client does when the network or the server fails: ICE
// restart, new connection, start over. It knows no signaling protocol: what must be said to the server and what the server says
// are the plain values below, and whoever drives it translates.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "loadtest/data_traffic.hpp"
#include "loadtest/publisher.hpp"
#include "loadtest/subscriber.hpp"
#include "sfu/base/machine.hpp"
#include "sfu/control/types.hpp"

namespace parley::loadtest {

// ---- what the peer says to the server

/// What the client sends, or of a player what it wants to receive.
struct PublishOffer {
  std::uint32_t number = 0;  ///< comes back with the answer
  struct Section {
    std::string mid;
    control::Kind kind = control::Kind::audio;
  };
  std::string sdp;
  std::vector<Section> tracks;
  bool replace = false;  ///< of a new connection that takes the place of the old one
};
struct SubscribeAnswer {
  std::uint32_t revision = 0;
  std::string sdp;
};
/// The receiving connection does not work: please offer it again, with new ICE credentials or as a new one.
struct AskForOffer {
  bool replace = false;
};
using ToServer = std::variant<PublishOffer, SubscribeAnswer, AskForOffer>;

// ---- what the server says to the peer

struct PublishAnswer {
  std::uint32_t number = 0;  ///< an answer to another offer than the last one is ignored
  std::string sdp;
};
/// The PublishOffer was refused; a new one is made later.
struct PublishRefused {
  std::uint32_t number = 0;
};
struct SubscribeOffer {
  struct Section {
    std::string mid;
    TrackId track;
  };
  std::uint32_t revision = 0;
  std::string sdp;
  std::vector<Section> tracks;
  bool replace = false;
};
/// The media has moved to another worker: both connections are dead.
struct Moved {};
/// The way to the server was gone and is there again; what was said into it last may be lost.
struct Resumed {};
using FromServer = std::variant<PublishAnswer, PublishRefused, SubscribeOffer, Moved, Resumed>;

struct PeerOutput {
  Outbox outbox;
  std::vector<ToServer> signals;
};

struct PeerSettings {
  Address address;  ///< connections take this port and the ones above it, each a new one
  std::vector<SourceSettings> tracks;
  std::string cname = "peer";
  /// How closely what it receives is looked at: one packet in so many, or with clips one track.
  std::uint32_t verify_one_in = 1;
  Scrutiny::Content content = Scrutiny::Content::patterns;
  /// Not empty: offers to receive a track of each of these kinds (WHEP) instead of publishing, and gets no SubscribeOffer.
  std::vector<sdp::Kind> plays{};
  /// The one SRTP profile that it takes; nothing: both.
  std::optional<transport::SrtpProfile> profile{};
  bool same_port = false;  ///< connections take this address and the ones above it instead
  /// Takes part in data topics, on the publishing connection, with tracks or without.
  std::optional<DataSettings> data{};
};

class Peer {
 public:
  /// Between two attempts to revive a connection, so that an outage is not answered by a storm.
  static constexpr Duration repair_interval = seconds(4);
  /// When so many ICE restarts have not helped, a new connection is made.
  static constexpr int restarts_before_replacement = 2;
  /// A description that comes back refused is sent again after this.
  static constexpr Duration retry_interval = seconds(1);

  /// `certificate` and `cipher` must outlive the peer.
  Peer(const transport::Certificate& certificate, transport::Cipher& cipher, PeerSettings settings, Random random);

  /// Begins to publish, or to play. The server's offer begins the receiving connection.
  void start(Time now, PeerOutput& out);
  void receive(Time now, const Path& path, MutableBytes datagram, PeerOutput& out);
  void receive(Time now, const FromServer& message, PeerOutput& out);
  void advance(Time now, PeerOutput& out);
  Time wakeup() const;
  /// The network has changed and the peer knows it: both connections go on from `address` and the next port.
  void move(Time now, Address address);
  /// Restarts ICE on both connections.
  void restart_ice(PeerOutput& out);
  /// Says goodbye on both connections.
  void leave(Time now, PeerOutput& out);

  /// Null before start().
  Publisher* publisher() { return publisher_.get(); }
  const Publisher* publisher() const { return publisher_.get(); }
  /// Null before the first offer.
  Subscriber* subscriber() { return subscriber_.get(); }
  const Subscriber* subscriber() const { return subscriber_.get(); }

  /// What was said and heard on data topics; null when it takes no part in them.
  const DataQuality* data() const { return data_ ? &data_->quality() : nullptr; }
  /// The sum over everything that was ever received.
  Quality quality(Time now) const;
  void add_quality(Time now, Quality& sum) const;
  /// Tracks that are to be received now, and those of them of which something was shown.
  std::size_t tracks_expected() const { return subscriber_ ? subscriber_->tracks().size() : 0; }
  std::size_t tracks_shown() const;
  /// When the connections were ready for media, each for the first time.
  std::optional<Time> publishing_since() const;
  std::optional<Time> receiving_since() const;

 private:
  void handle(Time now, const PublishAnswer& answer, PeerOutput& out);
  void handle(Time now, const PublishRefused& refused, PeerOutput& out);
  void handle(Time now, const SubscribeOffer& offer, PeerOutput& out);
  void handle(Time now, const Moved& moved, PeerOutput& out);
  void handle(Time now, const Resumed& resumed, PeerOutput& out);

  /// Repairs of one of the two connections.
  struct Repair {
    Time allowed{};
    int attempts = 0;
  };

  bool publishes() const { return !settings_.tracks.empty() || settings_.data; }
  bool plays() const { return !settings_.plays.empty(); }
  void make_subscriber(Time now);
  void offer(Time now, bool replace, PeerOutput& out);
  void publish(bool replace, PeerOutput& out);
  void play(Time now, PeerOutput& out);
  /// Keeps of the subscriber what outlasts it.
  void forget_subscriber(Time now);
  /// How to revive the connection, if that is to be done now: true stands for a new connection.
  std::optional<bool> needs_repair(Time now, const Connection& connection, Repair& repair) const;
  Time repair_wakeup(const Connection& connection, const Repair& repair) const;

  const transport::Certificate* certificate_;
  transport::Cipher* cipher_;
  PeerSettings settings_;
  Random random_;
  Ports ports_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<Subscriber> subscriber_;
  std::optional<DataTraffic> data_;
  std::optional<PublishOffer> unanswered_;
  std::uint32_t offers_ = 0;
  Time retry_offer_ = never;
  Repair publisher_repair_;
  Repair subscriber_repair_;
  std::optional<Time> publishing_since_;  ///< of publishers and subscribers that are gone
  std::optional<Time> receiving_since_;
  Quality past_;
};

}  // namespace parley::loadtest
