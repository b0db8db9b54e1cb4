#include "wire/huge_pages.hpp"

#include <cstdint>

#include <sys/mman.h>

namespace brinery::wire {

void advise_huge_pages(void* data, std::size_t size) {
#ifdef MADV_HUGEPAGE
  constexpr std::uintptr_t huge = 2 * 1024 * 1024;
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  const auto from = (address + huge - 1) & ~(huge - 1);
  const auto to = (address + size) & ~(huge - 1);
  // Only advice: a kernel without it is no error.
  if (to > from) (void)madvise(static_cast<char*>(data) + (from - address), to - from, MADV_HUGEPAGE);
#else
  (void)data;
  (void)size;
#endif
}

}  // namespace brinery::wire
