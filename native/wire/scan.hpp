// One cheap pass over a pickle that builds nothing: which memo entries are ever fetched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace brinery::wire {

struct Scan {
  // False: the stream is malformed, or numbers its memo in an unusual way. Nothing below holds then.
  bool regular = false;
  std::size_t memo_size = 0;           // entries that are stored, numbered as they come
  std::size_t fetch_end = 0;           // above every entry that is fetched
  std::vector<std::uint64_t> fetched;  // one bit an entry below fetch_end: some GET asks for it

  [[nodiscard]] bool is_fetched(std::size_t index) const {
    return index < fetch_end && (fetched[index / 64] >> (index % 64) & 1) != 0;
  }
};

// Whether a scan is likely to pay, going by how the pickle begins: much of it goes to the memo, or state dicts do.
bool worth_scanning(const std::uint8_t* begin, const std::uint8_t* end);

// Scans up to STOP or `end`, whichever comes first. Linear in the size, allocates one bit per memo entry, if any is
// fetched.
Scan scan(const std::uint8_t* begin, const std::uint8_t* end);

}  // namespace brinery::wire
