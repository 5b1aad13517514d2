#pragma once
// What an address that has not proved to be who it says may make us send to it. A UDP source can be forged, and then the answers
// go to somebody who never asked: so nobody is sent more than he sent, but for a small allowance (see Limits in config.hpp). The
// table has a fixed size and is filled by a secret hash: addresses that share an entry share an allowance, and nothing grows.

#include <cstdint>
#include <vector>

#include "sfu/base/address.hpp"
#include "turn/config.hpp"
#include "turn/rate_limit.hpp"

namespace parley::turn {

class AddressLimits {
 public:
  AddressLimits(const Limits& limits, std::uint64_t secret);

  /// Whether an answer to a request whose sender is not known may be sent. It is taken off the allowance then.
  bool allow_answer(Time now, const Path& client, std::size_t request_size, std::size_t answer_size);
  /// The same for a refusal, which also counts against the number of refusals.
  bool allow_refusal(Time now, const Path& client, std::size_t request_size, std::size_t answer_size);

 private:
  static constexpr std::size_t entries = 4096;
  struct Entry {
    TokenBucket bytes;
    TokenBucket refusals;
  };
  Entry& find(const Address& client);

  Rate bytes_;
  Rate refusals_;
  std::uint64_t secret_;
  std::vector<Entry> entries_;
};

}  // namespace parley::turn
