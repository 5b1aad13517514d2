// Descriptions from the network: offers, answers, fragments. Seeds: what real browsers wrote.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "sfu/base/bytes.hpp"
#include "tests/fuzz/sdp_exercise.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parley::sdp::exercise(parley::as_text({data, size}));
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<std::vector<std::uint8_t>> result;
  for (const auto& entry : std::filesystem::directory_iterator(PARLEY_SOURCE_DIR "/tests/captures/sdp")) {
    std::ifstream file(entry.path(), std::ios::binary);
    result.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return result;
}
