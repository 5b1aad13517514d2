#pragma once
// Ports that EVEN-PORT has reserved for a second allocation (RFC 8656 section 7.2): held back for 30 seconds, and named by a
// token
//
//   port (2 bytes), second until which it is good (2 bytes, the lowest bit is the family), HMAC of them and the user (4 bytes)
//
// Any worker can claim what another one reserved, since the token is signed and the kernel gives a port only once: the worker
// that reserved it does nothing but not hand it out for so long.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "sfu/base/address.hpp"
#include "sfu/base/bytes.hpp"
#include "sfu/base/deadlines.hpp"
#include "sfu/base/time.hpp"

namespace parley::turn {

using ReservationToken = std::array<std::uint8_t, 8>;

/// What a token stands for.
struct ReservedPort {
  std::uint16_t port = 0;
  bool v4 = true;
  bool operator==(const ReservedPort&) const = default;
};

class Reservations {
 public:
  using Key = std::array<std::uint8_t, 32>;
  /// RFC 8656 section 7.2: the reservation is held for at least 30 seconds.
  static constexpr Duration lifetime = seconds(30);

  explicit Reservations(const Key& key) : key_(key) {}

  /// The port has been taken for it already.
  ReservationToken add(Time now, ReservedPort reserved, std::string_view user);
  /// What the token is good for, or nothing when it is forged, somebody else's, or too old.
  std::optional<ReservedPort> read(Time now, Bytes token, std::string_view user) const;
  bool holds(ReservedPort reserved) const;
  /// No longer held back, because somebody has claimed it or it is not wanted any more. True when this worker did hold it.
  bool release(ReservedPort reserved);
  /// A port that nobody has claimed in time.
  std::optional<ReservedPort> take_expired(Time now);
  Time wakeup() const { return deadlines_.next(); }
  std::size_t size() const { return held_.size(); }

 private:
  ReservationToken make(std::uint16_t second, ReservedPort reserved, std::string_view user) const;

  Key key_;
  std::unordered_set<std::uint32_t> held_;  ///< port and family in one number
  Deadlines<std::uint32_t> deadlines_;
};

}  // namespace parley::turn
