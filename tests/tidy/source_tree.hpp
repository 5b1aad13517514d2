#pragma once
// The repository's own source files as the tidy tests see them: path, lines, and what each includes.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace parley::tidy {

struct SourceFile {
  std::string path;  ///< from the root: "sfu/net/clock.cpp"
  std::vector<std::string> lines;

  bool is_header() const { return path.ends_with(".hpp"); }
  bool below(std::string_view folder) const { return path.starts_with(folder); }
  /// What is between the quotes, or the angle brackets, of each include line.
  std::vector<std::string> includes(char open, char close) const {
    std::vector<std::string> result;
    for (const std::string& line : lines) {
      const auto begin = line.find(open);
      if (!line.starts_with("#include") || begin == line.npos) continue;
      result.push_back(line.substr(begin + 1, line.find(close, begin + 1) - begin - 1));
    }
    return result;
  }
  std::vector<std::string> own_includes() const { return includes('"', '"'); }
  std::vector<std::string> foreign_includes() const { return includes('<', '>'); }
};

/// Every .cpp and .hpp below these folders.
inline std::vector<SourceFile> read_tree(const std::vector<std::string>& folders) {
  const std::filesystem::path root = PARLEY_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".cpp" && extension != ".hpp")) continue;
      SourceFile file{std::filesystem::relative(entry.path(), root).generic_string(), {}};
      std::ifstream stream(entry.path());
      for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

}  // namespace parley::tidy
