#include "tests/sim/virtual_time.hpp"

#include <dlfcn.h>
#include <openssl/rand.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <cstdarg>

namespace parley::sim {

namespace {

// The two states here are the process's, as the clock and the random source that they stand in for are.
Time virtual_now{seconds(1)};
Random openssl_random = Random::from_number(0);
Random kernel_random = Random::from_number(0);
bool kernel_is_seeded = false;

int random_bytes(unsigned char* bytes, int size) {
  openssl_random.fill({bytes, static_cast<std::size_t>(size)});
  return 1;
}

int always_seeded() { return 1; }

}  // namespace

Random begin_history(std::uint64_t seed) {
  set_virtual_time(calendar_begin);
  seed_openssl(seed);
  seed_kernel(seed);
  return Random::from_number(seed);
}

void set_virtual_time(Time now) { virtual_now = now; }

void seed_kernel(std::uint64_t seed) {
  kernel_random = Random::from_number(seed);
  kernel_is_seeded = true;
}

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

/// usrsctp asks for the kernel's random bytes by number, and for nothing else. All other calls go to where they were meant for.
extern "C" long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_getrandom && parley::sim::kernel_is_seeded) {
    parley::sim::kernel_random.fill({reinterpret_cast<std::uint8_t*>(arguments[0]), static_cast<std::size_t>(arguments[1])});
    return arguments[1];
  }
  static const auto real = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

extern "C" int gettimeofday(timeval* __restrict result, void* __restrict) noexcept {
  const auto since_epoch = parley::sim::virtual_now.time_since_epoch();
  const auto whole = std::chrono::duration_cast<parley::seconds>(since_epoch);
  result->tv_sec = whole.count();
  result->tv_usec = std::chrono::duration_cast<parley::microseconds>(since_epoch - whole).count();
  return 0;
}
