#pragma once
// The server's half of ICE (RFC 8445, a lite agent): it sends no checks, only answers them, and learns the peer's addresses
// from them. Who knows the password may open several 5-tuples (Wi-Fi, mobile, TCP); the last one nominated carries what is sent.
// A valid check is also consent to receive (RFC 7675); without one for 30 s nothing more is sent. What a lite agent can't do: see
// that somebody who knows the password, and can forge his source address, directs what he would receive himself at another host.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/outbox.hpp"
#include "sfu/base/time.hpp"

namespace parley::stun {
class Message;
}

namespace parley::transport {

/// `a=ice-ufrag` (4 to 256 ice-chars) and `a=ice-pwd` (22 to 256), RFC 8839 section 5.4.
struct IceCredentials {
  std::string ufrag;
  std::string password;
  bool operator==(const IceCredentials&) const = default;
};

class IceLite {
 public:
  /// RFC 7675 section 5.1: consent expires 30 s after the last valid check.
  static constexpr Duration consent_lifetime = seconds(30);
  /// 5-tuples of one peer; a phone with Wi-Fi, mobile data, IPv4, IPv6 and TCP on each has 8.
  static constexpr std::size_t max_paths = 8;

  /// How the 5-tuples changed because of a check.
  struct Change {
    std::optional<Path> added;
    std::optional<Path> forgotten;
  };

  /// When the selected 5-tuple has been silent for so long while another one speaks, that one takes over. A client that is
  /// alive reports every second at the latest.
  static constexpr Duration silence_before_move = seconds(2);

  explicit IceLite(IceCredentials local);

  const IceCredentials& local() const { return generations_.back().local; }
  /// Checks must name this ufrag from now on; before, any.
  void set_remote_ufrag(std::string ufrag);
  /// Later checks may use these credentials or the ones before, until a 5-tuple is nominated with these.
  void restart(IceCredentials local);

  Change receive(Time now, const Path& path, Bytes datagram, Outbox& out);
  /// Authenticated media has come from this 5-tuple. After a NAT has given the client another port, Firefox's consent checks open
  /// the new 5-tuple without nominating it (Chromium nominates in each check): what the client sends from is what it uses.
  /// True: selected() has moved to it.
  bool heard(Time now, const Path& path);
  void remove(const Path& path);
  void advance(Time now);
  Time wakeup() const;

  bool knows(const Path& path) const;
  /// Where to send: the most recently nominated 5-tuple whose consent is fresh.
  const std::optional<Path>& selected() const { return selected_; }
  /// True when there was a selected 5-tuple and the consent of all has expired.
  bool consent_expired() const { return was_selected_ && !selected_; }
  std::vector<Path> paths() const;

 private:
  struct Generation {
    IceCredentials local;
    std::string remote_ufrag;  ///< empty: not known yet
  };
  struct Tuple {
    Path path;
    Time last_check;
    std::uint64_t nominated = 0;  ///< ordinal of its last nomination; 0: never
    Time last_heard{};            ///< check or media
  };

  /// Whose credentials the check was made with; or null, and it is answered and counted.
  const Generation* authenticate(const Path& path, const stun::Message& request, std::size_t size, Outbox& out) const;
  const Generation* generation_of(std::string_view username) const;
  Change accept(Time now, const Path& path);
  void nominate(const Path& path, const Generation& generation);
  std::optional<Path> make_room();
  void select(Time now);

  std::vector<Generation> generations_;  ///< one, or two while a restart is under way
  std::vector<Tuple> tuples_;
  std::optional<Path> selected_;
  bool was_selected_ = false;
  std::uint64_t nominations_ = 0;
};

}  // namespace parley::transport
