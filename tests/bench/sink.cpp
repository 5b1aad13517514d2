#include "tests/bench/sink.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "sfu/net/udp_socket.hpp"

namespace parley::bench {
namespace {

std::atomic<std::uint64_t>* map_counter(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT, 0600);
  if (descriptor < 0 || ::ftruncate(descriptor, sizeof(std::uint64_t)) != 0) throw std::runtime_error("cannot open " + file);
  void* memory = ::mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (memory == MAP_FAILED) throw std::runtime_error("cannot map " + file);
  return static_cast<std::atomic<std::uint64_t>*>(memory);
}

}  // namespace

void run_sink(std::uint16_t port, const std::string& counter, int ready) {
  cpu_set_t second_core;
  CPU_ZERO(&second_core);
  CPU_SET(1, &second_core);
  ::sched_setaffinity(0, sizeof second_core, &second_core);
  auto* received = map_counter(counter);
  net::UdpSocket socket(port, "--port");
  Drops drops;
  if (::write(ready, "!", 1) != 1) std::exit(1);
  while (::getppid() != 1) *received += socket.receive_batch(drops).size();
  std::exit(0);
}

Sink::Sink(std::uint16_t port, const std::string& enter) : counter_file_("/dev/shm/parley-sink-" + std::to_string(::getpid())) {
  counter_ = map_counter(counter_file_);
  int ready[2];
  char self[4096] = {};
  if (::pipe(ready) != 0 || ::readlink("/proc/self/exe", self, sizeof self - 1) < 0)
    throw std::runtime_error("cannot start the sink");
  std::vector<std::string> words;
  std::istringstream before(enter);
  for (std::string word; before >> word;) words.push_back(word);
  for (const auto& word : {std::string(self), std::string("sink"), std::to_string(port), counter_file_, std::to_string(ready[1])})
    words.push_back(word);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::execvp(arguments[0], arguments.data());
    std::_Exit(127);
  }
  ::close(ready[1]);
  char byte = 0;
  const auto heard = ::read(ready[0], &byte, 1);  // nothing comes when the sink ends before it is ready
  ::close(ready[0]);
  if (heard != 1) throw std::runtime_error("the sink did not start");
}

Sink::~Sink() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::munmap(counter_, sizeof *counter_);
  ::unlink(counter_file_.c_str());
}

std::uint64_t Sink::received() const { return *counter_; }

void Sink::catch_up(std::uint64_t expected) const {
  using Clock = std::chrono::steady_clock;
  auto last = received();
  auto since = Clock::now();
  while (last < expected) {
    const auto current = received();
    if (current != last) {
      last = current;
      since = Clock::now();
    } else if (Clock::now() - since > std::chrono::milliseconds(20)) {
      return;
    }
  }
}

}  // namespace parley::bench
