#include "signaling/why.hpp"

#include <nlohmann/json.hpp>

#include "signaling/json_words.hpp"

namespace parley::signaling {
namespace {

using Json = nlohmann::ordered_json;
using Entry = WhySummary::Entry;

std::string megabits(std::uint64_t bits_per_second) {
  const std::uint64_t tenths = (bits_per_second + 50'000) / 100'000;
  if (tenths == 0) return std::to_string(bits_per_second / 1000) + " kbit/s";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " Mbit/s";
}

const std::string& name_or(const std::string& name, const std::string& identity) { return name.empty() ? identity : name; }

std::string explain_view(const View& view) {
  if (!view.visible) return "It is not on the screen.";
  if (view.maximum != control::MaximumLayers{}) return "The page asks for no more than this.";
  return "It is shown at " + std::to_string(view.width) + " x " + std::to_string(view.height) + " pixels.";
}

std::string explain_limit(const std::string& viewer, const std::string& publisher, const Entry& entry,
                          const control::QualityChanged& quality) {
  switch (quality.limit) {
    case control::Limit::none:
      return "This is everything that " + publisher + " sends.";
    case control::Limit::bandwidth:
      return viewer + "'s connection carries " + megabits(quality.estimate_bits_per_second) + " now.";
    case control::Limit::viewport:
      return explain_view(entry.subscription.view.value_or(View{}));
    case control::Limit::publisher:
      return publisher + "'s browser sends no better picture now.";
    case control::Limit::cpu:
      return "A processor, " + publisher + "'s or " + viewer + "'s, has no time for more.";
    case control::Limit::policy:
      break;
  }
  return entry.track.kind == control::Kind::audio ? "The room forwards its loudest voices only."
                                                  : "The room forwards those who spoke last only.";
}

Json write(const View& view) {
  return {{"visible", view.visible}, {"width", view.width}, {"height", view.height}, {"priority", view.priority}};
}

Json write(const WhySummary& summary, const Entry& entry) {
  const Subscription& subscription = entry.subscription;
  Json json = {{"participant", entry.publisher},
               {"name", entry.publisher_name},
               {"track", json::text(entry.track.track)},
               {"kind", json::text(entry.track.kind)},
               {"source", json::text(entry.track.source)},
               {"codec", entry.track.codec},
               {"muted", entry.track.muted},
               {"state", json::text(subscription.state ? subscription.state->state : control::SubscriptionState::waiting)},
               {"view", subscription.view ? write(*subscription.view) : Json()}};
  if (const auto& quality = subscription.quality) {
    json["current"] = json::write_picture<Json>(quality->current);
    json["wanted"] = json::write_picture<Json>(quality->wanted);
    json["limit"] = json::text(quality->limit);
    json["estimate"] = quality->estimate_bits_per_second;
  }
  json["why"] = explain(summary, entry);
  return json;
}

}  // namespace

std::string explain(const WhySummary& summary, const Entry& entry) {
  using control::SubscriptionState;
  const std::string& publisher = name_or(entry.publisher_name, entry.publisher);
  if (entry.track.muted) return publisher + " has turned it off.";
  const auto& [view, state, quality] = entry.subscription;
  if (!state || state->state == SubscriptionState::waiting || state->state == SubscriptionState::refused)
    return state && !state->message.empty() ? state->message : "Nothing has come so far.";
  if (state->state == SubscriptionState::paused && !quality) return state->message;
  if (!quality) return "All of it is sent.";
  return explain_limit(name_or(summary.name, summary.identity), publisher, entry, *quality);
}

std::string write_why(const WhySummary& summary) {
  Json subscriptions = Json::array();
  for (const Entry& entry : summary.entries) subscriptions.push_back(write(summary, entry));
  const Json json = {{"room", summary.room},
                     {"participant", summary.identity},
                     {"name", summary.name},
                     {"subscriptions", std::move(subscriptions)}};
  // What clients and workers wrote is repeated here; should it not be UTF-8, the reader still gets JSON.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace parley::signaling
