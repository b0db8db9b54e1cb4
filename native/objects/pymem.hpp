// Containers on Python's allocator, so that tracemalloc sees what the codec uses.
#pragma once

#include <new>
#include <vector>

#include "objects/ref.hpp"

namespace brinery {

template <class T>
struct PyMemAllocator {
  using value_type = T;
  PyMemAllocator() = default;
  template <class U>
  PyMemAllocator(const PyMemAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor): allocator rebinding
  T* allocate(std::size_t n) {
    if (n > static_cast<std::size_t>(PY_SSIZE_T_MAX) / sizeof(T)) throw std::bad_alloc();
    void* memory = PyMem_Malloc(n * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) noexcept { PyMem_Free(memory); }
  template <class U>
  bool operator==(const PyMemAllocator<U>&) const noexcept {
    return true;
  }
};

template <class T>
using Vector = std::vector<T, PyMemAllocator<T>>;

}  // namespace brinery
