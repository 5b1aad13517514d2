#include "sfu/media/layer_meter.hpp"

#include <algorithm>

namespace parley::media {
namespace {

std::int64_t step_of(Time now) { return now.time_since_epoch() / LayerMeter::step + 1; }

}  // namespace

void LayerMeter::Rate::add(Time now, std::size_t size) {
  const std::int64_t current = step_of(now);
  if (current != newest) {
    if (!active(now)) first = current;
    for (std::int64_t next = std::max(newest + 1, current - static_cast<std::int64_t>(steps)); next <= current; ++next)
      bytes[static_cast<std::size_t>(next) % bytes.size()] = 0;
    newest = current;
  }
  bytes[static_cast<std::size_t>(current) % bytes.size()] += static_cast<std::uint32_t>(size);
  last = now;
}

std::uint64_t LayerMeter::Rate::bits_per_second(Time now) const {
  const std::int64_t current = step_of(now);
  std::int64_t oldest = std::max(first, current - static_cast<std::int64_t>(steps));
  // Within its first step there is nothing but that to go by.
  const std::int64_t end = std::max(current, oldest + 1);
  const std::int64_t counted = end - oldest;
  std::uint64_t sum = 0;
  for (; oldest < end && oldest <= newest; ++oldest) sum += bytes[static_cast<std::size_t>(oldest) % bytes.size()];
  return sum * 8 * static_cast<std::uint64_t>(seconds(1) / step) / static_cast<std::uint64_t>(counted);
}

LayerMeter::Encoding* LayerMeter::find(Layer layer) {
  if (layer.value >= LayerActivity::maximum_layers) return nullptr;
  if (layer.value >= encodings_.size()) encodings_.resize(layer.value + 1);
  return &encodings_[layer.value];
}

void LayerMeter::receive(Time now, Layer encoding, const FramePlace& frame, std::size_t bytes) {
  if (auto* const found = find(encoding))
    found
        ->layers[std::min<std::size_t>(frame.spatial, maximum_spatial - 1)]
                [std::min<std::size_t>(frame.temporal, maximum_temporal - 1)]
        .add(now, bytes);
}

void LayerMeter::set_sizes(Layer encoding, const rtp::PictureSizes& sizes) {
  if (auto* const found = find(encoding)) found->sizes = sizes;
}

rtp::PictureSizes LayerMeter::sizes(Layer encoding) const {
  return encoding.value < encodings_.size() ? encodings_[encoding.value].sizes : rtp::PictureSizes{};
}

void LayerMeter::offer(Time now, Layer layer, const Encoding& encoding, OfferedQualities& out) {
  std::array<std::uint64_t, maximum_temporal> below{};  // bits per second of each temporal layer, all spatial layers so far
  for (std::uint8_t spatial = 0; spatial < maximum_spatial; ++spatial) {
    std::uint64_t sum = 0;
    for (std::uint8_t temporal = 0; temporal < maximum_temporal; ++temporal) {
      const Rate& rate = encoding.layers[spatial][temporal];
      if (rate.active(now)) below[temporal] += rate.bits_per_second(now);
      sum += below[temporal];
      const auto& size = encoding.sizes[spatial];
      if (rate.active(now)) out.push_back({{layer, spatial, temporal}, sum, size.width, size.height});
    }
  }
}

OfferedQualities LayerMeter::offered(Time now) const {
  OfferedQualities all;
  for (std::size_t i = 0; i < encodings_.size(); ++i) offer(now, Layer{i}, encodings_[i], all);
  return all;
}

}  // namespace parley::media
