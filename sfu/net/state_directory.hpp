#pragma once
// Where a server keeps its secret and its certificate between two starts: a directory that only its owner can read.

#include <optional>
#include <string>
#include <string_view>

namespace parley::net {

class StateDirectory {
 public:
  /// $XDG_STATE_HOME/parley, or ~/.local/state/parley, or /var/lib/parley for somebody without a home.
  static std::string default_path();

  /// Makes the directory, with mode 0700, unless it is there. Throws SystemError when it belongs to something else.
  explicit StateDirectory(std::string path);

  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// Nothing when there is no such file.
  std::optional<std::string> read(std::string_view name) const;
  /// Replaces the file as a whole, with mode 0600. Throws SystemError.
  void write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

}  // namespace parley::net
