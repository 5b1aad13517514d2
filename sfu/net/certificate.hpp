#pragma once
// A certificate that a server makes for itself, so that phones in the same network can use the camera: browsers ask for
// HTTPS. They warn about it once; a real one is given with --cert and --key.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sfu/base/address.hpp"
#include "sfu/base/time.hpp"

namespace parley::net {

struct PemPair {
  std::string certificate;
  std::string key;
};

/// ECDSA P-256, signed by itself, valid for a year, for these names and addresses. Throws SystemError.
PemPair make_certificate(Time now, const std::vector<std::string>& names, const std::vector<Address>& addresses);

/// When the first certificate of a PEM text expires; nothing when it is none.
std::optional<Time> certificate_expiry(std::string_view pem);

/// The host names for which the first certificate of a PEM text is good (RFC 6125), wildcards left out.
std::vector<std::string> certificate_names(std::string_view pem);

}  // namespace parley::net
