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
#include <thread>
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

void run_sink(std::uint16_t port, const std::string& counter) {
  cpu_set_t second_core;
  CPU_ZERO(&second_core);
  CPU_SET(1, &second_core);
  ::sched_setaffinity(0, sizeof second_core, &second_core);
  auto* received = map_counter(counter);
  net::UdpSocket socket(port, "--port");
  Drops drops;
  *received = 1;  // ready
  while (::getppid() != 1) *received += socket.receive_batch(drops).size();
  std::exit(0);
}

Sink::Sink(std::uint16_t port, const std::string& enter) : counter_file_("/dev/shm/parley-sink-" + std::to_string(::getpid())) {
  counter_ = map_counter(counter_file_);
  std::vector<std::string> words;
  std::istringstream before(enter);
  for (std::string word; before >> word;) words.push_back(word);
  for (const auto& word : {std::string("/proc/self/exe"), std::string("sink"), std::to_string(port), counter_file_})
    words.push_back(word);
  char self[4096] = {};
  if (::readlink("/proc/self/exe", self, sizeof self - 1) < 0) throw std::runtime_error("cannot find this program");
  words[words.size() - 4] = self;
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::execvp(arguments[0], arguments.data());
    std::_Exit(127);
  }
  for (int i = 0; *counter_ == 0; ++i) {
    if (i == 500) throw std::runtime_error("the sink did not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Sink::~Sink() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::munmap(counter_, sizeof *counter_);
  ::unlink(counter_file_.c_str());
}

std::uint64_t Sink::received() const { return *counter_ - 1; }

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
