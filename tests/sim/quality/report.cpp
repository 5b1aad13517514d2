#include "tests/sim/quality/report.hpp"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace parley::quality {

namespace {

std::string line(const std::string& name, const std::string& wanted, const std::string& measured, const char* verdict) {
  char text[256];
  std::snprintf(text, sizeof text, "  %-62.62s %14s %12s  %s\n", name.c_str(), wanted.c_str(), measured.c_str(), verdict);
  return text;
}

std::string measured(const Figure& figure) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g %s", figure.measured, figure.unit.c_str());
  return text;
}

}  // namespace

std::string table(const Case& played, std::uint64_t seed, const Outcome& outcome) {
  std::string out = std::string(played.name) + ": " + std::string(played.what) + " (seed " + std::to_string(seed) + ")\n";
  out += line("", "wanted", "measured", "");
  for (const Figure& figure : outcome.figures)
    out += line(figure.name, figure.wanted(), measured(figure), figure.reached() ? "reached" : "MISSED");
  return out;
}

std::string json(const Case& played, std::uint64_t seed, const Outcome& outcome) {
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const Figure& figure : outcome.figures) {
    nlohmann::ordered_json entry = {{"name", figure.name}, {"unit", figure.unit}, {"measured", figure.measured}};
    if (std::isfinite(figure.least)) entry["least"] = figure.least;
    if (std::isfinite(figure.most)) entry["most"] = figure.most;
    entry["reached"] = figure.reached();
    figures.push_back(entry);
  }
  const nlohmann::ordered_json all = {
      {"case", played.name}, {"what", played.what}, {"seed", seed}, {"reached", outcome.reached()}, {"figures", figures}};
  return all.dump(2);
}

}  // namespace parley::quality
