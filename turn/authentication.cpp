#include "turn/authentication.hpp"

#include <algorithm>

#include "sfu/base/crypto.hpp"
#include "turn/context.hpp"

namespace parley::turn {

namespace {

using stun::Attribute;

/// RFC 8489 section 14.3: fewer than 509 bytes.
constexpr std::size_t largest_username = 508;

constexpr Refusal malformed{Reason::bad_request, 400};
constexpr Refusal wrong{Reason::wrong_credentials, 401};

std::optional<std::string> find_username(const Context& context, const stun::Message& request, const Allocation* allocation) {
  if (const auto name = request.find(Attribute::username)) return std::string(as_text(*name));
  const Bytes hash = *request.find(Attribute::userhash);
  // A time-limited name can't be found by its hash, but the one that has an allocation already can.
  if (allocation) {
    const std::string text = allocation->username + ":" + context.config.realm;
    if (equal_in_constant_time(sha256(as_bytes(text)), hash)) return allocation->username;
  }
  return context.credentials.find_user(hash);
}

/// The algorithm that the client chose; nothing when what it says of algorithms is not what we had offered.
std::optional<PasswordAlgorithm> read_algorithm(const stun::Message& request) {
  const auto offered = request.find(Attribute::password_algorithms);
  const auto chosen = request.find(Attribute::password_algorithm);
  if (!offered && !chosen) return PasswordAlgorithm::md5;
  if (!offered || !chosen || !std::ranges::equal(*offered, password_algorithms())) return std::nullopt;
  Reader reader(*chosen);
  const auto algorithm = static_cast<PasswordAlgorithm>(reader.u16());
  const bool has_parameters = reader.u16() != 0;
  const bool known = algorithm == PasswordAlgorithm::md5 || algorithm == PasswordAlgorithm::sha256;
  return reader.ok() && known && !has_parameters ? std::optional(algorithm) : std::nullopt;
}

std::optional<Key> find_key(Time now, const Context& context, const stun::Message& request, const std::string& username,
                            PasswordAlgorithm algorithm, const Allocation* allocation) {
  const bool known = allocation && allocation->username == username && allocation->algorithm == algorithm;
  const std::vector<Key> keys = known ? std::vector{allocation->key} : context.credentials.keys(now, username, algorithm);
  // The stronger one decides: the other may stand there only for servers that do not know it.
  const auto fits = [&](const Key& key) {
    return request.has_integrity_sha256() ? request.integrity_sha256_is_valid(key.bytes())
                                          : request.integrity_is_valid(key.bytes());
  };
  const auto found = std::ranges::find_if(keys, fits);
  return found == keys.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

Bytes password_algorithms() {
  static constexpr std::array<std::uint8_t, 8> value{0, 2, 0, 0, 0, 1, 0, 0};
  return value;
}

std::variant<Proof, Refusal> authenticate(Time now, const Context& context, const Address& client, const stun::Message& request,
                                          const Allocation* allocation) {
  // 1. Without MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256: 401, with what the client needs for them.
  if (!request.has_integrity() && !request.has_integrity_sha256()) return Refusal{Reason::challenged, 401};

  // 2. With them, but without USERNAME or USERHASH, REALM and NONCE: 400.
  const auto name = request.find(Attribute::username);
  const auto nonce = request.find(Attribute::nonce);
  const bool named = (name && name->size() <= largest_username) || (!name && request.has(Attribute::userhash));
  if (!named || !nonce || !request.has(Attribute::realm)) return malformed;

  // 3. Our nonces say that we know password algorithms. Then either both attributes are there, and PASSWORD-ALGORITHMS is what
  //    we sent, or neither is, which means MD5. Anything else, as when somebody on the way has taken SHA-256 out: 400.
  const auto algorithm = read_algorithm(request);
  if (!algorithm) return malformed;

  // 4. A name that is not known: 401.
  const auto username = find_username(context, request, allocation);
  if (!username) return wrong;

  // 5. An integrity that was made with another password: 401, also where the nonce is stale.
  const auto key = find_key(now, context, request, *username, *algorithm, allocation);
  if (!key) return wrong;

  // 6. A nonce that is no longer valid: 438.
  if (!context.nonces.is_fresh(now, client, as_text(*nonce))) return Refusal{Reason::stale_nonce, 438};
  return Proof{*username, *key, *algorithm, request.has_integrity_sha256()};
}

}  // namespace parley::turn
