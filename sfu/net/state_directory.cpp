#include "sfu/net/state_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sfu/net/file_descriptor.hpp"
#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Marks a directory as ours, so that `--state /tmp` does not close /tmp to everybody else.
constexpr const char* mark = "parley-state";

}  // namespace

std::string StateDirectory::default_path() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) return std::string(state) + "/parley";
  if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.local/state/parley";
  return "/var/lib/parley";
}

StateDirectory::StateDirectory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  const bool made = ::mkdir(path_.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw SystemError("The state directory " + path_ + " cannot be made");
  if (std::filesystem::is_directory(path_, error) && ::faccessat(AT_FDCWD, path_.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    throw SystemError("The state directory " + path_ + " cannot be used by whoever runs this");
  const bool ours = made || std::filesystem::exists(file(mark), error) || std::filesystem::is_empty(path_, error);
  if (!ours)
    throw SystemError::sentence("The directory " + path_ +
                                " holds files of something else. Choose an empty or a new one with --state.");
  if (::chmod(path_.c_str(), 0700) != 0) throw SystemError("The state directory " + path_ + " cannot be made private");
  write(mark, "Parley keeps its secret and its certificate here. Delete the directory to make new ones.\n");
}

std::optional<std::string> StateDirectory::read(std::string_view name) const {
  std::ifstream stream(file(name), std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void StateDirectory::write(std::string_view name, std::string_view text) const {
  const std::string path = file(name);
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const FileDescriptor descriptor(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!descriptor || ::write(descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(descriptor.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
    throw SystemError(path + " cannot be written");
}

}  // namespace parley::net
