#include "sfu/net/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <utility>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Between fork and exec: nothing here may allocate.
[[noreturn]] void become(const char* executable, char* const* arguments, int inherited, pid_t parent, const char* log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (inherited == ChildProcess::inherited_descriptor)
    ::fcntl(inherited, F_SETFD, 0);
  else
    ::dup2(inherited, ChildProcess::inherited_descriptor);
  if (*log != '\0') {
    const int file = ::open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
  }
  ::execv(executable, arguments);
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const std::string& executable, const std::vector<std::string>& arguments, FileDescriptor inherited,
                           const std::string& log) {
  if (::access(executable.c_str(), X_OK) != 0) throw SystemError(executable + " cannot be run");
  std::vector<char*> pointers{const_cast<char*>(executable.c_str())};
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0);
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ == 0) become(executable.c_str(), pointers.data(), inherited.get(), parent, log.c_str());
  if (id_ < 0) throw SystemError(executable + " cannot be started");
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill();
    id_ = std::exchange(other.id_, -1);
  }
  return *this;
}

void ChildProcess::terminate() {
  if (id_ > 0) ::kill(id_, SIGTERM);
}

void ChildProcess::kill() {
  if (id_ <= 0) return;
  ::kill(id_, SIGKILL);
  ::waitpid(std::exchange(id_, -1), nullptr, 0);
}

bool ChildProcess::ended() {
  if (id_ > 0 && ::waitpid(id_, nullptr, WNOHANG) == id_) id_ = -1;
  return id_ <= 0;
}

bool ChildProcess::ended_within(Duration patience) {
  constexpr Duration step = milliseconds(5);
  for (; patience > Duration{} && !ended(); patience -= step) std::this_thread::sleep_for(step);
  return ended();
}

std::uint32_t process_id() { return static_cast<std::uint32_t>(::getpid()); }

bool error_output_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::string executable_directory() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

}  // namespace parley::net
