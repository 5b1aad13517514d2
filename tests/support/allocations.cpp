#include "tests/support/allocations.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::uint64_t count = 0;
std::uint64_t bytes = 0;

void* take(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory) {
    ++count;
    bytes += ::malloc_usable_size(memory);
  }
  return memory;
}

void give_back(void* memory) {
  if (memory) bytes -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = take(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return take(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace parley::test {

std::uint64_t allocations() { return count; }
std::uint64_t allocated_bytes() { return bytes; }

}  // namespace parley::test
