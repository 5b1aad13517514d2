#pragma once
// The YAML file of --config: "name: value" or "name: [value, value]", with the names of the command line.

#include <functional>
#include <string>
#include <vector>

namespace parley::turn {

/// Whether a name is an option, and whether the command line has given it already: then the file is not asked.
enum class Known { no, yes, given };

/// Words for the command line parser, the last one first, as CLI11 wants them: "--name", "value". Throws SystemError, which
/// names the line.
std::vector<std::string> read_config_file(const std::string& file, const std::function<Known(const std::string&)>& known);

}  // namespace parley::turn
