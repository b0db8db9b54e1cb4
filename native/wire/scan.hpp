// One cheap pass over a pickle that builds nothing: which memo entries are ever fetched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace brinery::wire {

struct Scan {
  // False: the stream is malformed, or numbers its memo in an unusual way. Nothing below holds then.
  bool regular = false;
  std::size_t memo_size = 0;  // entries that are stored
  std::vector<bool> fetched;  // by index: some GET asks for it
};

// Scans up to STOP or `end`, whichever comes first. Linear in the size, allocates one bit per memo entry.
Scan scan(const std::uint8_t* begin, const std::uint8_t* end);

}  // namespace brinery::wire
