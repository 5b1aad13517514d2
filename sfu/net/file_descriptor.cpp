#include "sfu/net/file_descriptor.hpp"

#include <unistd.h>

namespace parley::net {

void FileDescriptor::reset(int number) {
  if (number_ >= 0) ::close(number_);
  number_ = number;
}

}  // namespace parley::net
