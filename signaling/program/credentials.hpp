#pragma once
// The API key of this server, made at the first start and kept in the state directory: whoever can read it can let people in.

#include <string>

#include "sfu/base/random.hpp"
#include "sfu/net/state_directory.hpp"
#include "signaling/auth.hpp"

namespace parley::signaling {

struct Credentials {
  std::string key;     ///< the token's `iss`
  std::string secret;  ///< what it is signed with
};

/// Whether a server has left its key in this directory, which need not be there.
bool has_credentials(const std::string& state);

/// Reads the file "keys" ("<key>: <secret>", as LiveKit writes it), or makes it. Throws SystemError when it is damaged.
Credentials load_credentials(const net::StateDirectory& state, Random& random);

}  // namespace parley::signaling
