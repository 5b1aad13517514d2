#include "sfu/net/file.hpp"

#include <array>
#include <fstream>

namespace parley::net {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  for (std::array<char, 4096> buffer; stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  if (!stream.eof()) return std::nullopt;  // a directory can be opened, but not read
  return text;
}

}  // namespace parley::net
