// A growing array of trivial values, never initialised beyond what is written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "wire/huge_pages.hpp"

namespace brinery::checker {

template <class T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { std::free(data_); }  // NOLINT(cppcoreguidelines-no-malloc)
  void swap(Array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  // Forgets the values, and the memory too where it is more than `most` bytes.
  void clear_but(std::size_t most) {
    size_ = 0;
    if (capacity_ * sizeof(T) > most) Array().swap(*this);
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return data_[index]; }
  const T& operator[](std::size_t index) const { return data_[index]; }
  [[nodiscard]] T& back() { return data_[size_ - 1]; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]]
      grow(size_ + 1);
    data_[size_++] = value;
  }
  void pop_back() { --size_; }
  // Copies `count` values, which must not be its own, to the end; returns where they are.
  std::size_t append(const T* from, std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      grow(size_ + count);
    if (count > 0) std::memcpy(data_ + size_, from, count * sizeof(T));
    size_ += count;
    return size_ - count;
  }
  // New entries are copies of `value`.
  void resize(std::size_t size, T value) {
    if (size > capacity_) grow(size);
    for (std::size_t i = size_; i < size; ++i) data_[i] = value;
    size_ = size;
  }
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }

 private:
  // A large block grows by moving its pages, not its bytes.
  [[gnu::noinline]] void grow(std::size_t least) {
    constexpr std::size_t smallest = 32;
    constexpr std::size_t huge_from = 4 * 1024 * 1024;
    const std::size_t capacity = std::max({capacity_ * 2, smallest, least});
    if (capacity > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    void* moved = std::realloc(data_, capacity * sizeof(T));  // NOLINT(cppcoreguidelines-no-malloc): see above
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    capacity_ = capacity;
    if (capacity * sizeof(T) >= huge_from) wire::advise_huge_pages(data_, capacity * sizeof(T));
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace brinery::checker
