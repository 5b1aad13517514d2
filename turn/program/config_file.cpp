#include "turn/program/config_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "sfu/net/system_error.hpp"

namespace parley::turn {
namespace {

std::string read_text(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw net::SystemError::sentence("The configuration file " + file + " cannot be read.");
  return text.str();
}

net::SystemError complaint(const std::string& file, const YAML::Mark& mark, const std::string& what) {
  return net::SystemError::sentence(file + ": Line " + std::to_string(mark.line + 1) + ": " + what);
}

}  // namespace

std::vector<std::string> read_config_file(const std::string& file, const std::function<Known(const std::string&)>& known) try {
  std::vector<std::string> words;
  const YAML::Node root = YAML::Load(read_text(file));
  if (root.IsNull()) return words;
  if (!root.IsMap()) throw complaint(file, root.Mark(), "lines of the form \"name: value\" were expected.");
  for (const auto& entry : root) {
    const auto name = entry.first.as<std::string>();
    const Known state = known(name);
    if (state == Known::no) throw complaint(file, entry.first.Mark(), "There is no option \"" + name + "\"; see --help.");
    if (state == Known::given) continue;
    const auto values =
        entry.second.IsSequence() ? entry.second.as<std::vector<std::string>>() : std::vector{entry.second.as<std::string>()};
    for (const std::string& value : values) words.insert(words.end(), {"--" + name, value});
  }
  std::ranges::reverse(words);
  return words;
} catch (const YAML::Exception& exception) {
  throw complaint(file, exception.mark, exception.msg + ".");
}

}  // namespace parley::turn
