#pragma once
// First in, first out, in one ring of memory that grows when it must and is used again and again: nothing is allocated in a
// steady state.

#include <cstddef>
#include <utility>
#include <vector>

namespace parley {

template <typename Item>
class Fifo {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// A new last item, for the caller to fill: it holds whatever was there before.
  Item& push() {
    if (size_ == items_.size()) grow();
    return items_[(first_ + size_++) & (items_.size() - 1)];
  }
  void push(const Item& item) { push() = item; }
  /// There must be one.
  const Item& front() const { return items_[first_]; }
  /// The first item, which is in the list no more. There must be one. Valid until the next push().
  const Item& pop() {
    const Item& item = items_[first_];
    // Empty, it begins again at the front: memory that was used a moment ago is still in the processor's cache.
    first_ = --size_ == 0 ? 0 : (first_ + 1) & (items_.size() - 1);
    return item;
  }
  template <typename Predicate>
  void remove_if(Predicate predicate) {
    for (std::size_t left = size_; left > 0; --left) {
      const Item item = pop();  // a copy: push() may use its place
      if (!predicate(item)) push(item);
    }
  }

 private:
  static constexpr std::size_t smallest = 16;  ///< and powers of two of it
  void grow() {
    std::vector<Item> larger(items_.empty() ? smallest : 2 * items_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(items_[(first_ + i) & (items_.size() - 1)]);
    items_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Item> items_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace parley
