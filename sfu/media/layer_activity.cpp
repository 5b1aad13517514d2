#include "sfu/media/layer_activity.hpp"

#include <algorithm>

namespace parley::media {

void LayerActivity::receive(Time now, Layer layer) {
  if (layer.value < maximum_layers) last_[layer.value] = now;
}

bool LayerActivity::active(Time now, Layer layer) const {
  return layer.value < maximum_layers && last_[layer.value] && now - *last_[layer.value] < timeout;
}

std::optional<Layer> LayerActivity::lowest_active(Time now) const {
  for (Layer layer; layer.value < maximum_layers; ++layer.value)
    if (active(now, layer)) return layer;
  return {};
}

std::optional<Layer> LayerActivity::nearest_active(Time now, Layer wanted) const {
  for (Layer layer = wanted;; --layer.value) {
    if (active(now, layer)) return layer;
    if (layer.value == 0) return lowest_active(now);
  }
}

void LayerActivity::advance(Time now) {
  for (std::size_t i = 0; i < maximum_layers; ++i)
    if (!active(now, Layer{i})) last_[i].reset();
}

Time LayerActivity::wakeup() const {
  Time earliest = never;
  for (const auto& last : last_)
    if (last) earliest = std::min(earliest, *last + timeout);
  return earliest;
}

}  // namespace parley::media
