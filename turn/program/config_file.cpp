#include "turn/program/config_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "sfu/net/system_error.hpp"
#include "sfu/net/file.hpp"

namespace parley::turn {
namespace {

net::SystemError complaint(const std::string& file, const YAML::Mark& mark, const std::string& what) {
  return net::SystemError::sentence(file + ": Line " + std::to_string(mark.line + 1) + ": " + what);
}

/// A scalar is one value, a list of scalars several.
std::vector<std::string> values_of(const std::string& file, const YAML::Node& node) {
  const std::vector<YAML::Node> nodes = node.IsSequence() ? std::vector<YAML::Node>(node.begin(), node.end()) : std::vector{node};
  std::vector<std::string> values;
  for (const YAML::Node& one : nodes) {
    if (!one.IsScalar()) throw complaint(file, node.Mark(), "a value or a list of values was expected.");
    values.push_back(one.Scalar());
  }
  return values;
}

}  // namespace

std::vector<std::string> read_config_file(const std::string& file, const std::function<Known(const std::string&)>& known) try {
  std::vector<std::string> words;
  std::set<std::string> seen;
  const auto text = net::read_file(file);
  if (!text) throw net::SystemError::sentence("The configuration file " + file + " cannot be read.");
  const YAML::Node root = YAML::Load(*text);
  if (root.IsNull()) return words;
  if (!root.IsMap()) throw complaint(file, root.Mark(), "lines of the form \"name: value\" were expected.");
  for (const auto& entry : root) {
    const auto name = entry.first.as<std::string>();
    const Known state = known(name);
    if (state == Known::no) throw complaint(file, entry.first.Mark(), "There is no option \"" + name + "\"; see --help.");
    if (!seen.insert(name).second)
      throw complaint(file, entry.first.Mark(), name + " is there twice. Several values are a list: [first, second].");
    if (state == Known::given) continue;
    for (const std::string& value : values_of(file, entry.second)) words.insert(words.end(), {"--" + name, value});
  }
  std::ranges::reverse(words);
  return words;
} catch (const YAML::Exception& exception) {
  throw complaint(file, exception.mark, exception.msg + ".");
}

}  // namespace parley::turn
