#pragma once
// Reading a file that somebody has named on the command line, whatever is in it.

#include <optional>
#include <string>

namespace parley::net {

/// All of it; nothing when it is not there, or cannot be read, or is a directory.
std::optional<std::string> read_file(const std::string& path);

}  // namespace parley::net
