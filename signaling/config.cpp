// Applying options, from the command line or from a YAML file, with errors that say what would have been right.

#include "signaling/config.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace parley::signaling {
namespace {

/// Levenshtein's distance: how many letters to insert, delete or change.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

const Option& nearest(std::string_view name) {
  return *std::ranges::min_element(options(), {}, [&](const Option& option) { return edit_distance(option.name, name); });
}

std::string quoted(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "\"" : ", \"") + value + "\"";
  return text.empty() ? "nothing" : text;
}

std::string at_line(const YAML::Mark& mark) { return "Line " + std::to_string(mark.line + 1) + ": "; }

/// A scalar is one value, a list of scalars several; anything else is none at all.
std::optional<std::vector<std::string>> values_of(const YAML::Node& node) {
  if (node.IsScalar()) return std::vector<std::string>{node.Scalar()};
  if (!node.IsSequence()) return std::nullopt;
  std::vector<std::string> values;
  for (const YAML::Node& element : node) {
    if (!element.IsScalar()) return std::nullopt;
    values.push_back(element.Scalar());
  }
  return values;
}

std::optional<Error> apply_entry(Config& config, const YAML::Node& key, const YAML::Node& value) {
  const std::string where = at_line(key.Mark());
  if (!key.IsScalar()) return Error{"config_invalid", where + "the name of an option was expected."};
  const auto values = values_of(value);
  if (!values) return Error{"option_invalid", where + key.Scalar() + ": a value or a list of values was expected."};
  auto error = set_option(config, key.Scalar(), *values);
  if (error) error->message = where + error->message;
  return error;
}

}  // namespace

Config default_config() {
  Config config;
  for (const Option& option : options())
    if (!option.fallback.empty()) option.set(config, {option.fallback});
  return config;
}

std::optional<Error> set_option(Config& config, std::string_view name, const std::vector<std::string>& values) {
  const auto option = std::ranges::find(options(), name, &Option::name);
  if (option == options().end())
    return Error{"option_unknown",
                 "There is no option \"" + std::string(name) + "\". The nearest is \"" + nearest(name).name + "\"."};
  if (!option->many && values.size() != 1)
    return Error{"option_invalid", option->name + ": one value was expected, not " + quoted(values) + "."};
  if (const auto expected = option->set(config, values))
    return Error{"option_invalid", option->name + ": " + *expected + " was expected, not " + quoted(values) + "."};
  return std::nullopt;
}

std::optional<Error> check_config(const Config& config, std::uint32_t workers) {
  constexpr std::uint32_t ports = 65536;
  if (!config.http && !config.https) return Error{"config_invalid", "http and https are both off, so nobody could come in."};
  const auto fits = [&](std::uint32_t first) { return first + workers <= ports; };
  if (!fits(config.media_port))
    return Error{"config_invalid", "media-port: " + std::to_string(workers) + " workers take as many ports from " +
                                       std::to_string(config.media_port) + " upwards, and 65535 is the last."};
  for (const Address& address : config.advertise)
    if (!fits(address.port()))
      return Error{"config_invalid", "advertise: " + std::to_string(workers) + " workers take as many ports from " +
                                         address.text() + " upwards, and 65535 is the last."};
  return std::nullopt;
}

std::optional<Error> apply_yaml(Config& config, std::string_view text) try {
  const YAML::Node root = YAML::Load(std::string(text));
  if (root.IsNull()) return std::nullopt;
  if (!root.IsMap()) return Error{"config_invalid", at_line(root.Mark()) + "lines of the form \"name: value\" were expected."};
  Config changed = config;
  std::set<std::string> seen;
  for (const auto& entry : root) {
    if (entry.first.IsScalar() && !seen.insert(entry.first.Scalar()).second)
      return Error{"config_invalid", at_line(entry.first.Mark()) + entry.first.Scalar() +
                                         " is there twice. Several values are a list: [first, second]."};
    if (auto error = apply_entry(changed, entry.first, entry.second)) return error;
  }
  config = std::move(changed);
  return std::nullopt;
} catch (const YAML::Exception& exception) {
  return Error{"config_invalid", at_line(exception.mark) + exception.msg + "."};
}

}  // namespace parley::signaling
