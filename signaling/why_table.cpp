// What `parley why` prints: a line for each subscription, in columns that are as wide as they need to be.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "signaling/why.hpp"

namespace parley::signaling {
namespace {

using Json = nlohmann::json;

constexpr std::size_t columns = 6;
using Line = std::array<std::string, columns>;

/// Characters, not bytes; names are in any script.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

/// The server may be somebody else's: nothing that it says may move a terminal's cursor.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
  return text;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>()) : "";
}

std::uint64_t number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string rate(std::uint64_t bits_per_second) {
  const std::uint64_t kilobits = (bits_per_second + 500) / 1000;
  return kilobits > 0 ? std::to_string(kilobits) + " kbit/s" : "";
}

/// "640 x 360, layer 1.0.2, 480 kbit/s"
std::string picture(const Json& subscription, const char* name) {
  const auto found = subscription.find(name);
  if (found == subscription.end() || !found->is_object()) return "-";
  if (found->value("paused", Json(false)) == Json(true)) return "paused";
  std::string text;
  const auto add = [&](const std::string& part) { text += text.empty() || part.empty() ? part : ", " + part; };
  if (text_of(subscription, "kind") == "video") {
    if (const auto width = number_of(*found, "width"))
      add(std::to_string(width) + " x " + std::to_string(number_of(*found, "height")));
    add("layer " + std::to_string(number_of(*found, "encoding")) + "." + std::to_string(number_of(*found, "spatial")) + "." +
        std::to_string(number_of(*found, "temporal")));
  }
  add(rate(number_of(*found, "bitrate")));
  return text.empty() ? "-" : text;
}

Line line_of(const Json& subscription) {
  const std::string name = text_of(subscription, "name");
  const std::string source = text_of(subscription, "source");
  const std::string state = text_of(subscription, "state");
  const std::string current = picture(subscription, "current");
  return {name.empty() ? text_of(subscription, "participant") : name,
          source == "other" ? text_of(subscription, "kind") : source,
          current == "-" ? state : current,
          picture(subscription, "wanted"),
          text_of(subscription, "limit").empty() ? "-" : text_of(subscription, "limit"),
          text_of(subscription, "why")};
}

void append(const Line& line, const std::array<std::size_t, columns>& widths, std::string& out) {
  for (std::size_t i = 0; i < columns; ++i) {
    out += line[i];
    if (i + 1 < columns) out.append(widths[i] - width_of(line[i]) + 2, ' ');
  }
  out += "\n";
}

std::string headline(const Json& report, const std::vector<Json>& subscriptions) {
  std::uint64_t estimate = 0;
  for (const Json& subscription : subscriptions) estimate = std::max(estimate, number_of(subscription, "estimate"));
  const std::string name = text_of(report, "name");
  const std::string identity = text_of(report, "participant");
  return (name.empty() ? identity : name + " (" + identity + ")") + " in room " + text_of(report, "room") +
         (estimate > 0 ? ", whose connection carries about " + rate(estimate) : "") + "\n";
}

}  // namespace

std::optional<std::string> why_table(std::string_view text) {
  const Json report = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!report.is_object() || !report.contains("subscriptions") || !report["subscriptions"].is_array()) return std::nullopt;
  std::vector<Json> subscriptions;
  for (const Json& subscription : report["subscriptions"])
    if (subscription.is_object()) subscriptions.push_back(subscription);
  std::string out = headline(report, subscriptions);
  if (subscriptions.empty()) return out + "Nothing is received.\n";
  std::vector<Line> lines{{"FROM", "WHAT", "GETS", "COULD GET", "LIMIT", "WHY"}};
  for (const Json& subscription : subscriptions) lines.push_back(line_of(subscription));
  std::array<std::size_t, columns> widths{};
  for (const Line& line : lines)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  for (const Line& line : lines) append(line, widths, out);
  return out;
}

}  // namespace parley::signaling
