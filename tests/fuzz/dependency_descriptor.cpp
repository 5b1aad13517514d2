// Fuzz target: the dependency descriptor. The first byte is the size of a descriptor whose structure the second one refers to.
// Whatever is read can be limited and reads the same afterwards.

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "sfu/media/dependency_reader.hpp"
#include "tests/captures/dependency_writer.hpp"

using namespace parley;
using namespace parley::rtp;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(Bytes value, DependencyStructure& structure) {
  DependencyStructure attached;
  const auto parsed = parse_dependency_descriptor(value, &structure, attached);
  if (!parsed) return;
  if (parsed->has_structure) structure = attached;
  require(structure.template_count <= DependencyStructure::maximum_templates);
  require(structure.target_count <= DependencyStructure::maximum_targets);
  require(parsed->end <= value.size() * 8);
  Buffer limited(value.size() + 8);
  limited.resize(limit_targets(value, *parsed, structure.target_count, 1, limited));
  require(limited.empty() == !parsed->resolved);
  if (limited.empty() || limited.size() > maximum_dependency_descriptor) return;
  const auto again = parse_dependency_descriptor(limited, &structure, attached);
  require(again && again->resolved && again->indications == parsed->indications && again->active_targets == 1u);
  require(again->frame_number == parsed->frame_number && again->has_structure == parsed->has_structure);
  require(!again->has_structure || attached == structure);
}

void read_as_stream(Bytes first, Bytes second) {
  media::DependencyReader reader;
  media::MediaPacket packet;
  for (const Bytes value : {first, second, first}) {
    ++packet.sequence;
    if (!reader.read(value, packet)) continue;
    Buffer stored(value.begin(), value.end()), buffer(maximum_dependency_descriptor);
    packet.descriptor = stored;
    media::Rewritten numbers;
    numbers.limit(0, 0);
    require(reader.limit(packet, numbers, buffer).size() >= 3);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input = Bytes(data, size).subspan(1);
  const Bytes first = input.first(data[0] < input.size() ? data[0] : input.size()), second = input.subspan(first.size());
  DependencyStructure structure;
  check(first, structure);
  check(second, structure);
  read_as_stream(first, second);
  return 0;
}

std::vector<std::vector<std::uint8_t>> seeds() {
  std::vector<std::vector<std::uint8_t>> result;
  for (const bool key_mode : {false, true}) {
    for (const std::uint32_t spatial : {1u, 3u}) {
      const captures::DependencyWriter writer{.spatial_layers = spatial, .key_mode = key_mode};
      const auto key = writer.write({.key = true, .number = 1}), delta = writer.write({.temporal = 1, .number = 2});
      auto& seed = result.emplace_back();
      seed.push_back(static_cast<std::uint8_t>(key.size()));
      seed.insert(seed.end(), key.begin(), key.end());
      seed.insert(seed.end(), delta.begin(), delta.end());
      seed.insert(seed.end(), {0x78, 0xFF, 0x80});  // flags for everything that a frame can bring itself
    }
  }
  return result;
}
