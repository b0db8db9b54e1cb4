// Large pages behind large blocks of memory.
#pragma once

#include <cstddef>

namespace brinery::wire {

// Asks the kernel for huge pages behind a large allocation about to be filled: page faults, not copying, are what
// big payloads cost.
void advise_huge_pages(void* data, std::size_t size);

}  // namespace brinery::wire
