#pragma once
// Memory for what is worked out within one call and forgotten at its end: it lies on the stack, so that nothing is allocated.

#include <array>
#include <cstddef>
#include <memory_resource>

namespace parley {

/// `std::pmr::vector<T> vector(memory.resource())` lives in it; what does not fit is allocated as ever. Nothing is freed before
/// the end: reserve() what will be needed.
template <std::size_t Bytes>
class StackMemory {
 public:
  StackMemory() = default;
  StackMemory(const StackMemory&) = delete;
  StackMemory& operator=(const StackMemory&) = delete;

  std::pmr::memory_resource* resource() { return &resource_; }

 private:
  alignas(std::max_align_t) std::array<std::byte, Bytes> bytes_;
  std::pmr::monotonic_buffer_resource resource_{bytes_.data(), bytes_.size()};
};

}  // namespace parley
