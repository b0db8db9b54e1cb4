// An array of owned references that only grows at its end. What std::vector has not: adding without the code that
// makes room, for loops that must not call anything.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "objects/pymem.hpp"

namespace brinery {

class RefArray {
 public:
  RefArray() = default;
  RefArray(const RefArray&) = delete;
  RefArray& operator=(const RefArray&) = delete;
  RefArray(RefArray&& other) noexcept { swap(other); }
  RefArray& operator=(RefArray&& other) noexcept {
    RefArray moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~RefArray() {
    clear();
    if (items_ != nullptr) PyMemAllocator<Ref>().deallocate(items_, capacity_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool full() const { return size_ == capacity_; }
  [[nodiscard]] PyObject* operator[](std::size_t i) const { return items_[i].get(); }
  [[nodiscard]] std::span<const Ref> items() const { return {items_, size_}; }

  void push(Ref object) {
    if (full()) [[unlikely]]
      grow();
    std::construct_at(items_ + size_, std::move(object));
    ++size_;
  }
  // REQUIRES: !full()
  void push_in_place(PyObject* object) {
    std::construct_at(items_ + size_, Ref::borrow(object));
    ++size_;
  }
  // Finalizers run while the items go: use it only on an array that nobody else sees.
  void clear() {
    while (size_ > 0) std::destroy_at(items_ + --size_);
  }
  void swap(RefArray& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  [[gnu::noinline]] void grow() {
    const std::size_t capacity = capacity_ == 0 ? 32 : capacity_ * 2;
    Ref* items = PyMemAllocator<Ref>().allocate(capacity);
    std::uninitialized_move(items_, items_ + size_, items);
    std::destroy(items_, items_ + size_);
    PyMemAllocator<Ref>().deallocate(items_, capacity_);
    items_ = items;
    capacity_ = capacity;
  }

  Ref* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace brinery
