#include "turn/reservations.hpp"

#include "sfu/base/crypto.hpp"

namespace parley::turn {

namespace {

std::uint32_t number(ReservedPort reserved) { return reserved.port * 2U + reserved.v4; }

/// In units of two seconds, so that the lowest bit is free; wraps around after a day and a half.
std::uint16_t second_of(Time time) { return static_cast<std::uint16_t>(unix_seconds(time) & 0xfffe); }

}  // namespace

ReservationToken Reservations::make(std::uint16_t second, ReservedPort reserved, std::string_view user) const {
  const auto second_and_family = static_cast<std::uint16_t>(second | reserved.v4);
  Buffer text(11 + 4 + user.size());
  Writer(text).bytes(as_bytes("reservation")).u16(reserved.port).u16(second_and_family).bytes(as_bytes(user));
  ReservationToken token{};
  Writer(token).u16(reserved.port).u16(second_and_family).bytes(Bytes(hmac_sha256(key_, text)).first(4));
  return token;
}

ReservationToken Reservations::add(Time now, ReservedPort reserved, std::string_view user) {
  held_.insert(number(reserved));
  deadlines_.set(number(reserved), now + lifetime);
  return make(second_of(now + lifetime), reserved, user);
}

std::optional<ReservedPort> Reservations::read(Time now, Bytes token, std::string_view user) const {
  if (token.size() != ReservationToken{}.size()) return std::nullopt;
  Reader reader(token);
  ReservedPort reserved{reader.u16(), true};
  const std::uint16_t second_and_family = reader.u16();
  reserved.v4 = (second_and_family & 1) != 0;
  const auto second = static_cast<std::uint16_t>(second_and_family & 0xfffe);
  if (!equal_in_constant_time(make(second, reserved, user), token)) return std::nullopt;
  const auto left = static_cast<std::uint16_t>(second - second_of(now));
  return left <= std::chrono::duration_cast<seconds>(lifetime).count() ? std::optional(reserved) : std::nullopt;
}

bool Reservations::holds(ReservedPort reserved) const { return held_.contains(number(reserved)); }

bool Reservations::release(ReservedPort reserved) {
  deadlines_.remove(number(reserved));
  return held_.erase(number(reserved)) > 0;
}

std::optional<ReservedPort> Reservations::take_expired(Time now) {
  const auto due = deadlines_.take_due(now);
  if (!due) return std::nullopt;
  held_.erase(*due);
  return ReservedPort{static_cast<std::uint16_t>(*due / 2), *due % 2 == 1};
}

}  // namespace parley::turn
