#include "tests/sim/quality/case.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/sim/quality/cases.hpp"

namespace parley::quality {

namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::string Figure::wanted() const {
  const std::string after = unit.empty() ? "" : " " + unit;
  if (least == -std::numeric_limits<double>::infinity()) return "<= " + number(most) + after;
  if (most == std::numeric_limits<double>::infinity()) return ">= " + number(least) + after;
  return number(least) + " - " + number(most) + after;
}

Figure at_least(std::string name, double least, double measured, std::string unit) {
  return {.name = std::move(name), .measured = measured, .least = least, .unit = std::move(unit)};
}

Figure at_most(std::string name, double most, double measured, std::string unit) {
  return {.name = std::move(name), .measured = measured, .most = most, .unit = std::move(unit)};
}

Figure between(std::string name, double least, double most, double measured, std::string unit) {
  return {.name = std::move(name), .measured = measured, .least = least, .most = most, .unit = std::move(unit)};
}

bool Outcome::reached() const {
  return std::ranges::all_of(figures, [](const Figure& figure) { return figure.reached(); });
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all = shared_link_cases();
    for (const auto& more : {downlink_cases(), engine_cases()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return cases;
}

const Case* find_case(std::string_view name) {
  const auto found = std::ranges::find(all_cases(), name, &Case::name);
  return found == all_cases().end() ? nullptr : &*found;
}

}  // namespace parley::quality
