#include "turn/address_limits.hpp"

#include "sfu/base/crypto.hpp"

namespace parley::turn {

AddressLimits::AddressLimits(const Limits& limits, std::uint64_t secret)
    : bytes_{limits.unproved_bytes_per_second, limits.unproved_bytes_at_once},
      refusals_{limits.refusals_per_second, limits.refusals_at_once},
      secret_(secret),
      entries_(entries) {}

AddressLimits::Entry& AddressLimits::find(const Address& client) {
  std::array<std::uint8_t, 24> text{};
  Writer writer(text);
  writer.u64(secret_).bytes(client.customer().octets());
  return entries_[Reader(sha256(writer.written())).u64() % entries];
}

bool AddressLimits::allow_answer(Time now, const Path& client, std::size_t request_size, std::size_t answer_size) {
  if (client.protocol == Protocol::tcp || answer_size <= request_size) return true;
  return find(client.remote).bytes.take(now, bytes_, answer_size - request_size);
}

bool AddressLimits::allow_refusal(Time now, const Path& client, std::size_t request_size, std::size_t answer_size) {
  return find(client.remote).refusals.take(now, refusals_, 1) && allow_answer(now, client, request_size, answer_size);
}

}  // namespace parley::turn
