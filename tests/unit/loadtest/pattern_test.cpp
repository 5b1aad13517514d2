#include "loadtest/pattern.hpp"

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::loadtest;

namespace {

const Pattern example{.room = 1,
                      .publisher = 2,
                      .track = 3,
                      .layer = 1,
                      .frame = 40,
                      .reference = 39,
                      .packet = 1,
                      .packets = 3,
                      .sent = Time{seconds(7)}};

Buffer written(std::size_t size) {
  Buffer payload(size);
  write(example, payload);
  return payload;
}

}  // namespace

TEST_CASE("a pattern says who made it, whatever its size") {
  for (const std::size_t size : {pattern_size, pattern_size + 1, std::size_t{1100}})
    CHECK(read_pattern(written(size)) == example);
}

TEST_CASE("a pattern that is damaged anywhere is not taken for one") {
  const Buffer whole = written(100);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Buffer damaged = whole;
    damaged[i] ^= 1;
    INFO("byte " << i);
    CHECK_FALSE(read_pattern(damaged));
  }
}

TEST_CASE("a pattern that is cut off or lengthened is not taken for one") {
  Buffer payload = written(100);
  for (std::size_t size = 0; size < payload.size(); ++size) CHECK_FALSE(read_pattern(Bytes(payload).first(size)));
  payload.push_back(0);
  CHECK_FALSE(read_pattern(payload));
}

TEST_CASE("the marker by which plaintext is found stands in every pattern") {
  CHECK(as_text(written(100)).find(plaintext_marker) != std::string_view::npos);
}
