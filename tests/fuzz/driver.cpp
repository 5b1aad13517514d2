// Runs one fuzz target without a fuzzing engine: mutates its seeds with a random generator that is seeded by a number, so that
// a crash repeats. The targets have libFuzzer's entry point and can be given to a real engine as they are.
//
//   fuzz_<target> [inputs, default 20000] [seed, default 1]

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sfu/base/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::vector<std::vector<std::uint8_t>> seeds();

namespace {

using parley::Buffer;
using parley::Random;

/// Large enough to pass each limit on the size of a datagram or a description.
constexpr std::size_t max_size = 65536;

std::ptrdiff_t position(Random& random, const Buffer& input) {
  return static_cast<std::ptrdiff_t>(random.below(input.size() + 1));
}

void insert(Buffer& input, std::ptrdiff_t at, const Buffer& piece) {
  input.insert(input.begin() + at, piece.begin(), piece.end());
}

Buffer piece_of(Random& random, const Buffer& source) {
  const std::ptrdiff_t one = position(random, source);
  const std::ptrdiff_t other = position(random, source);
  return {source.begin() + std::min(one, other), source.begin() + std::max(one, other)};
}

void mutate_once(Random& random, Buffer& input, const Buffer& donor) {
  static constexpr std::uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
  if (input.empty()) input.push_back(0);
  std::uint8_t& byte = input[random.below(input.size())];
  switch (random.below(7)) {
    case 0:
      byte = static_cast<std::uint8_t>(byte ^ 1U << random.below(8));
      break;
    case 1:
      byte = static_cast<std::uint8_t>(random.next());
      break;
    case 2:
      byte = telling[random.below(std::size(telling))];
      break;
    case 3:
      input.resize(random.below(input.size() + 1));
      break;
    case 4: {
      const std::ptrdiff_t at = position(random, input);
      input.erase(input.begin() + at, input.begin() + std::min(at + 8, static_cast<std::ptrdiff_t>(input.size())));
      break;
    }
    case 5:
      insert(input, position(random, input), piece_of(random, input));
      break;
    default:
      insert(input, position(random, input), piece_of(random, donor));
      break;
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::uint64_t inputs = argument_count > 1 ? std::stoull(arguments[1]) : 20000;
  const std::uint64_t seed = argument_count > 2 ? std::stoull(arguments[2]) : 1;
  const std::vector<Buffer> corpus = seeds();
  if (corpus.empty()) {
    std::fputs("no seeds\n", stderr);
    return 1;
  }
  for (const Buffer& whole : corpus) LLVMFuzzerTestOneInput(whole.data(), whole.size());
  Random random = Random::from_number(seed);
  for (std::uint64_t round = 0; round < inputs; ++round) {
    Buffer input = corpus[random.below(corpus.size())];
    const Buffer& donor = corpus[random.below(corpus.size())];
    for (std::uint64_t changes = 1 + random.below(6); changes > 0; --changes) mutate_once(random, input, donor);
    input.resize(std::min(input.size(), max_size));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu seeds and %llu mutations of them\n", corpus.size(), static_cast<unsigned long long>(inputs));
  return 0;
}
