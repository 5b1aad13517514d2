// The packet path alone, for callgrind: what the Engine does for one call in virtual time, without a socket. Instruction counts
// repeat whatever else the machine is doing, so that tests/bench/instructions can guard them. Collection is on only inside of
// the Engine's work.

#include <valgrind/callgrind.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/local_call.hpp"

namespace {

using namespace parley;

class Collect : public test::Meter {
 public:
  void begin() override { CALLGRIND_TOGGLE_COLLECT; }
  void end() override { CALLGRIND_TOGGLE_COLLECT; }
};

loadtest::SourceSettings camera() {
  auto source = loadtest::camera();
  source.frames_per_second = 30;
  source.layers = {{"", 5 * loadtest::Source::maximum_payload}};
  return source;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "video";
  test::CallShape shape;
  if (which == "video") shape = {.tracks = {camera()}, .publishers = 2, .viewers = 40};
  if (which == "audio") shape = {.tracks = {loadtest::microphone()}, .publishers = 1, .viewers = 40};
  if (which == "meeting") shape = {.tracks = {loadtest::microphone(), camera()}, .publishers = 5, .meeting = true};
  if (shape.tracks.empty()) return std::fprintf(stderr, "packet_path video|audio|meeting\n"), 2;
  test::LocalCall call(shape, *Address::parse("127.0.0.1", 40000));
  const auto before = call.forwarded();
  Collect collect;
  call.run(seconds(2), collect);
  std::printf("%llu\n", static_cast<unsigned long long>(call.forwarded() - before));
}
