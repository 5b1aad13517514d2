#include "sfu/net/library_clock.hpp"

#include <dlfcn.h>
#include <sys/time.h>

#include <catch2/catch.hpp>

#include "sfu/net/clock.hpp"

using namespace parley;

TEST_CASE("libraries get the time that a step of the wall clock does not disturb") {
  net::steady_library_clock();
  // What the dynamic linker gives to them: this program's, and not libc's.
  using Function = int (*)(timeval*, void*);
  const auto found = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "gettimeofday"));
  Dl_info here, there;
  REQUIRE(dladdr(reinterpret_cast<void*>(&net::steady_library_clock), &here) != 0);
  REQUIRE(dladdr(reinterpret_cast<void*>(found), &there) != 0);
  CHECK(here.dli_fbase == there.dli_fbase);

  const net::Clock clock;
  const auto told = [&] {
    timeval time{};
    found(&time, nullptr);
    return Time(seconds(time.tv_sec) + microseconds(time.tv_usec));
  };
  // The wall clock may have been stepped between the two readings of it, but not by the hour.
  CHECK(std::chrono::abs(told() - clock.now()) < seconds(3600));
  const Time first = told();
  CHECK(told() >= first);
}
