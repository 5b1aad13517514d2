#pragma once
// A vector whose first elements lie within itself. What is made anew for each message is small nearly always, and then asks for
// no memory; what is larger works all the same.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <vector>

namespace parley {

/// Up to `Inside` elements need no memory of their own.
template <typename Item, std::size_t Inside>
class InlineVector {
  static_assert(std::is_trivially_copyable_v<Item> && std::is_trivially_destructible_v<Item>);

 public:
  using value_type = Item;
  using iterator = Item*;
  using const_iterator = const Item*;

  InlineVector() {}
  InlineVector(std::initializer_list<Item> items) : InlineVector(items.begin(), items.end()) {}
  template <std::input_iterator Iterator>
  InlineVector(Iterator begin, Iterator end) {
    for (; begin != end; ++begin) push_back(*begin);
  }
  InlineVector(const InlineVector& other) : outside_(other.outside_) { copy_inside(other); }
  InlineVector(InlineVector&& other) noexcept : outside_(std::move(other.outside_)) {
    copy_inside(other);
    other.clear();
  }
  InlineVector& operator=(const InlineVector& other) {
    if (this == &other) return *this;
    outside_ = other.outside_;
    copy_inside(other);
    return *this;
  }
  InlineVector& operator=(InlineVector&& other) noexcept {
    if (this == &other) return *this;
    outside_ = std::move(other.outside_);
    copy_inside(other);
    other.clear();
    return *this;
  }
  ~InlineVector() = default;

  bool empty() const { return size() == 0; }
  std::size_t size() const { return outside_.empty() ? size_ : outside_.size(); }
  Item* data() { return outside_.empty() ? inside() : outside_.data(); }
  const Item* data() const { return outside_.empty() ? inside() : outside_.data(); }
  Item* begin() { return data(); }
  Item* end() { return data() + size(); }
  const Item* begin() const { return data(); }
  const Item* end() const { return data() + size(); }
  Item& operator[](std::size_t index) { return data()[index]; }
  const Item& operator[](std::size_t index) const { return data()[index]; }
  Item& front() { return data()[0]; }
  const Item& front() const { return data()[0]; }
  Item& back() { return data()[size() - 1]; }
  const Item& back() const { return data()[size() - 1]; }

  void push_back(const Item& item) {
    if (outside_.empty() && size_ < Inside) {
      new (inside() + size_++) Item(item);
    } else {
      const Item copy = item;  // it may be one of ours
      if (outside_.empty()) outside_.assign(inside(), inside() + size_);
      outside_.push_back(copy);
    }
  }
  /// New elements are Item().
  void resize(std::size_t size) {
    if (size == 0) return clear();
    while (this->size() < size) push_back(Item());
    if (outside_.empty())
      size_ = size;
    else
      outside_.resize(size);
  }
  void clear() {
    outside_.clear();
    size_ = 0;
  }

  bool operator==(const InlineVector& other) const { return std::ranges::equal(*this, other); }

 private:
  Item* inside() { return reinterpret_cast<Item*>(bytes_.data()); }
  const Item* inside() const { return reinterpret_cast<const Item*>(bytes_.data()); }
  void copy_inside(const InlineVector& other) {
    size_ = other.size_;
    std::memcpy(bytes_.data(), other.bytes_.data(), size_ * sizeof(Item));
  }

  std::size_t size_ = 0;  ///< of those inside, while there are none outside
  std::vector<Item> outside_;
  alignas(Item) std::array<std::byte, Inside * sizeof(Item)> bytes_;  // not set to anything: that would cost more than its use
};

}  // namespace parley
