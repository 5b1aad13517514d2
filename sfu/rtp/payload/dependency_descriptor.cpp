#include "sfu/rtp/payload/dependency_descriptor.hpp"

#include <algorithm>

#include "sfu/base/bits.hpp"

namespace parley::rtp {
namespace {

constexpr std::size_t mandatory_size = 3;
constexpr std::size_t flag_count = 5;
constexpr std::uint32_t active_targets_flag = 0x08;
constexpr std::uint32_t template_id_values = 64;

enum class NextLayer : std::uint8_t { same, temporal, spatial, none };

/// template_layers(), A.8.3
bool read_layers(BitReader& reader, DependencyStructure& out) {
  DependencyStructure::Template layer;
  for (out.template_count = 0; out.template_count < DependencyStructure::maximum_templates;) {
    out.templates[out.template_count++] = layer;
    switch (static_cast<NextLayer>(reader.bits(2))) {
      case NextLayer::same:
        break;
      case NextLayer::temporal:
        if (++layer.temporal == DependencyStructure::maximum_temporal) return false;
        break;
      case NextLayer::spatial:
        layer.temporal = 0;
        if (++layer.spatial == DependencyStructure::maximum_spatial) return false;
        break;
      case NextLayer::none:
        out.spatial_count = static_cast<std::uint8_t>(layer.spatial + 1);
        return reader.ok();
    }
  }
  return false;
}

std::uint64_t read_indications(BitReader& reader, std::size_t target_count) {
  std::uint64_t indications = 0;
  for (std::size_t target = 0; target < target_count; ++target) indications |= std::uint64_t{reader.bits(2)} << (2 * target);
  return indications;
}

void skip_template_references(BitReader& reader, std::size_t template_count) {
  for (; template_count > 0 && reader.ok(); --template_count)
    while (reader.bit()) reader.bits(4);
}

void read_chains(BitReader& reader, DependencyStructure& out) {
  out.chain_count = static_cast<std::uint8_t>(reader.below(out.target_count + 1u));
  if (out.chain_count == 0) return;
  for (std::size_t target = 0; target < out.target_count; ++target) reader.below(out.chain_count);
  for (std::size_t i = 0; i < std::size_t{out.template_count} * out.chain_count && reader.ok(); ++i) reader.bits(4);
}

/// decode_target_layers(): a target is as high as the highest frame in it.
void find_target_layers(DependencyStructure& out) {
  for (std::size_t target = 0; target < out.target_count; ++target) {
    auto& layers = out.targets[target];
    for (const auto& it : std::span(out.templates).first(out.template_count)) {
      if ((it.indications >> (2 * target) & 3) == 0) continue;
      layers.spatial = std::max(layers.spatial, it.spatial);
      layers.temporal = std::max(layers.temporal, it.temporal);
    }
  }
}

/// template_dependency_structure(), A.8.3
bool read_structure(BitReader& reader, DependencyStructure& out) {
  out = {};
  out.template_offset = static_cast<std::uint8_t>(reader.bits(6));
  out.target_count = static_cast<std::uint8_t>(reader.bits(5) + 1);
  if (!read_layers(reader, out)) return false;
  for (auto& it : std::span(out.templates).first(out.template_count)) it.indications = read_indications(reader, out.target_count);
  skip_template_references(reader, out.template_count);
  read_chains(reader, out);
  find_target_layers(out);
  if (reader.bit()) {
    for (auto& it : std::span(out.sizes).first(out.spatial_count)) {
      it.width = static_cast<std::uint16_t>(reader.bits(16) + 1);
      it.height = static_cast<std::uint16_t>(reader.bits(16) + 1);
    }
  }
  return reader.ok();
}

void skip_frame_references(BitReader& reader) {
  for (auto size = reader.bits(2); size != 0; size = reader.bits(2)) reader.bits(4 * size);
}

std::uint16_t position(const BitReader& reader) { return static_cast<std::uint16_t>(reader.position()); }

}  // namespace

std::uint32_t DependencyStructure::targets_within(std::uint8_t spatial, std::uint8_t temporal) const {
  std::uint32_t within = 0;
  for (std::size_t target = 0; target < target_count; ++target)
    if (targets[target].spatial <= spatial && targets[target].temporal <= temporal) within |= 1u << target;
  return within;
}

std::optional<DependencyDescriptor> parse_dependency_descriptor(Bytes value, const DependencyStructure* known,
                                                                DependencyStructure& attached) {
  if (value.size() > maximum_dependency_descriptor) return {};
  BitReader reader(value);
  DependencyDescriptor result;
  result.start_of_frame = reader.bit();
  result.end_of_frame = reader.bit();
  const std::uint32_t template_id = reader.bits(6);
  result.frame_number = static_cast<std::uint16_t>(reader.bits(16));
  const bool extended = value.size() > mandatory_size;
  result.has_structure = extended && reader.bit();
  const bool has_active = extended && reader.bit();
  const bool own_indications = extended && reader.bit(), own_references = extended && reader.bit(),
             own_chains = extended && reader.bit();
  if (result.has_structure) {
    if (!read_structure(reader, attached)) return {};
    known = &attached;
  }
  if (!reader.ok()) return {};
  if (!known) return result;
  result.structure_end = position(reader);
  if (has_active) result.active_targets = reader.bits(known->target_count);
  result.active_end = position(reader);

  const std::uint32_t index = (template_id + template_id_values - known->template_offset) % template_id_values;
  if (index >= known->template_count) return result;
  const auto& its_template = known->templates[index];
  result.spatial = its_template.spatial;
  result.temporal = its_template.temporal;
  result.indications = own_indications ? read_indications(reader, known->target_count) : its_template.indications;
  if (own_references) skip_frame_references(reader);
  for (std::size_t chain = 0; own_chains && chain < known->chain_count; ++chain) reader.bits(8);
  if (!reader.ok()) return {};
  result.end = position(reader);
  result.resolved = true;
  return result;
}

void rewrite_frame_number(std::uint16_t frame_number, MutableBytes value) {
  if (value.size() < mandatory_size) return;
  value[1] = static_cast<std::uint8_t>(frame_number >> 8);
  value[2] = static_cast<std::uint8_t>(frame_number);
}

std::size_t limit_targets(Bytes value, const DependencyDescriptor& parsed, std::uint8_t target_count, std::uint32_t active,
                          MutableBytes out) {
  if (!parsed.resolved) return 0;
  BitReader reader(value);
  BitWriter writer(out);
  writer.copy(reader, mandatory_size * 8);
  const std::uint32_t flags = value.size() > mandatory_size ? reader.bits(flag_count) : 0;
  writer.bits(flags | active_targets_flag, flag_count);
  writer.copy(reader, parsed.structure_end - reader.position());
  writer.bits(active, target_count);
  reader.bits(parsed.active_end - reader.position());
  writer.copy(reader, parsed.end - reader.position());
  return writer.ok() ? writer.size() : 0;
}

}  // namespace parley::rtp
