#include "turn/credentials.hpp"

#include <algorithm>
#include <charconv>

#include "sfu/base/crypto.hpp"

namespace parley::turn {

namespace {

std::string join(std::string_view user, std::string_view realm) { return std::string(user) + ":" + std::string(realm); }

/// The number before the first colon, or the whole name where there is none.
std::optional<std::int64_t> expiry_of(std::string_view username) {
  const std::string_view digits = username.substr(0, username.find(':'));
  std::int64_t expiry = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), expiry);
  if (error != std::errc{} || digits.empty() || end != digits.data() + digits.size()) return std::nullopt;
  return expiry;
}

}  // namespace

Key::Key(PasswordAlgorithm algorithm, std::string_view user, std::string_view realm, std::string_view password) {
  // RFC 8489 sections 18.5.1.1 and 18.5.1.2.
  const std::string text = join(user, realm) + ":" + std::string(password);
  if (algorithm == PasswordAlgorithm::sha256) {
    bytes_ = sha256(as_bytes(text));
    size_ = 32;
  } else {
    std::ranges::copy(md5(as_bytes(text)), bytes_.begin());
    size_ = 16;
  }
}

std::string password_of(std::string_view secret, std::string_view username) {
  return base64_encode(hmac_sha1(as_bytes(secret), as_bytes(username)));
}

TimeLimited make_time_limited(std::string_view secret, std::string_view user, Time expiry) {
  std::string username = std::to_string(unix_seconds(expiry)) + ":" + std::string(user);
  std::string password = password_of(secret, username);
  return {std::move(username), std::move(password)};
}

void Credentials::add_user(std::string name, std::string password) {
  hashes_[sha256(as_bytes(join(name, realm_)))] = name;
  passwords_[std::move(name)] = std::move(password);
}

std::vector<Key> Credentials::keys(Time now, std::string_view username, PasswordAlgorithm algorithm) const {
  if (const auto known = passwords_.find(username); known != passwords_.end())
    return {Key(algorithm, username, realm_, known->second)};
  std::vector<Key> keys;
  const auto expiry = expiry_of(username);
  if (!expiry || *expiry <= unix_seconds(now)) return keys;
  for (const std::string& secret : secrets_) keys.emplace_back(algorithm, username, realm_, password_of(secret, username));
  return keys;
}

std::optional<std::string> Credentials::find_user(Bytes userhash) const {
  std::array<std::uint8_t, 32> hash{};
  if (userhash.size() != hash.size()) return std::nullopt;
  std::ranges::copy(userhash, hash.begin());
  const auto known = hashes_.find(hash);
  return known == hashes_.end() ? std::nullopt : std::optional(known->second);
}

std::string_view account_of(std::string_view username) {
  const auto colon = username.find(':');
  return colon == std::string_view::npos || !expiry_of(username) ? username : username.substr(colon + 1);
}

}  // namespace parley::turn
