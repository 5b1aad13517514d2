#pragma once
// Full intra request, RFC 5104 section 4.3.1 (type 206, FMT 4): a key frame is needed, repeated with the same number until it
// comes.

#include <cstdint>
#include <optional>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "sfu/base/ids.hpp"

namespace parley::rtp {

struct Fir {
  struct Request {
    Ssrc media;
    std::uint8_t number = 0;  ///< a new request has a new number
    bool operator==(const Request&) const = default;
  };
  Ssrc sender;
  std::vector<Request> requests;
  bool operator==(const Fir&) const = default;
};

std::optional<Fir> parse_fir(Bytes body);
void write(const Fir& fir, Writer& out);

}  // namespace parley::rtp
