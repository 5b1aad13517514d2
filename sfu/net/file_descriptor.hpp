#pragma once
// A file descriptor that closes itself: the one thing that every class of net/ owns.

#include <utility>

namespace parley::net {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Takes ownership. A negative number is "none".
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.number_, -1));
    return *this;
  }
  ~FileDescriptor() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// Closes what it owns, and owns `number` from now on.
  void reset(int number = -1);

 private:
  int number_ = -1;
};

}  // namespace parley::net
