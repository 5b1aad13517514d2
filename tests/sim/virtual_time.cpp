#include "tests/sim/virtual_time.hpp"

#include <openssl/rand.h>
#include <sys/time.h>

#include "sfu/base/random.hpp"

namespace parley::sim {

namespace {

// The two states here are the process's, as the clock and the random source that they stand in for are.
Time virtual_now{seconds(1)};
Random openssl_random = Random::from_number(0);

int random_bytes(unsigned char* bytes, int size) {
  openssl_random.fill({bytes, static_cast<std::size_t>(size)});
  return 1;
}

int always_seeded() { return 1; }

}  // namespace

void set_virtual_time(Time now) { virtual_now = now; }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void seed_openssl(std::uint64_t seed) {
  openssl_random = Random::from_number(seed);
  static const RAND_METHOD method{.seed = nullptr,
                                  .bytes = random_bytes,
                                  .cleanup = nullptr,
                                  .add = nullptr,
                                  .pseudorand = random_bytes,
                                  .status = always_seeded};
  RAND_set_rand_method(&method);
}
#pragma GCC diagnostic pop

}  // namespace parley::sim

extern "C" int gettimeofday(timeval* __restrict result, void* __restrict) noexcept {
  const auto since_epoch = parley::sim::virtual_now.time_since_epoch();
  const auto whole = std::chrono::duration_cast<parley::seconds>(since_epoch);
  result->tv_sec = whole.count();
  result->tv_usec = std::chrono::duration_cast<parley::microseconds>(since_epoch - whole).count();
  return 0;
}
