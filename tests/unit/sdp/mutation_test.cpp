// Real descriptions with random damage. With the address and undefined-behaviour sanitizers this finds what reading by hand
// doesn't.

#include "sfu/base/random.hpp"
#include "tests/fuzz/sdp_exercise.hpp"
#include "tests/unit/sdp/fixtures.hpp"

using namespace parley;
using namespace parley::sdp;

namespace {

/// A few kinds of damage: a byte, a piece taken out or doubled, a line moved, a number made large, a piece of another
/// description.
std::string damaged(std::string text, const std::vector<std::string>& others, Random& random) {
  const auto place = [&](const std::string& in) { return in.empty() ? 0 : random.below(in.size()); };
  for (std::uint64_t left = 1 + random.below(6); left > 0 && !text.empty(); --left) {
    const std::size_t at = place(text);
    const std::size_t size = 1 + random.below(40);
    switch (random.below(6)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(place(text), text.substr(at, size));
        break;
      case 3: {
        const auto end = text.find('\n', at);
        const auto begin = text.rfind('\n', at);
        if (end == text.npos || begin == text.npos || begin == end) break;
        const std::string line = text.substr(begin + 1, end - begin);
        if (random.below(2) == 0) text.erase(begin + 1, end - begin);
        const auto target = text.find('\n', place(text));
        if (target != text.npos) text.insert(target + 1, line);
        break;
      }
      case 4: {
        const auto digit = text.find_first_of("0123456789", at);
        if (digit != text.npos) text.replace(digit, 1, random.below(2) == 0 ? "4294967296" : "0");
        break;
      }
      default: {
        const std::string& other = others[random.below(others.size())];
        text.insert(at, other.substr(place(other), size * 8));
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("twenty thousand damaged descriptions neither crash nor bring us to write what we did not mean") {
  std::vector<std::string> originals;
  for (const std::string& name : captures()) originals.push_back(capture(name));
  Random random = Random::from_number(8866);
  std::size_t readable = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = damaged(originals[random.below(originals.size())], originals, random);
    exercise(text);
    readable += parse(text) ? 1 : 0;
  }
  // Otherwise the damage is so great that only the first check is tested.
  CHECK(readable > 4'000);
}
