// Where the collector keeps what is likely to stay: objects just loaded belong there.
#pragma once

#include "objects/ref.hpp"

namespace brinery {

// After a load everything that was made is alive, and looking through it for garbage is in vain; but the collector
// would do so at the next allocation, because so many objects are young. gc.freeze() and gc.unfreeze() together move
// all young objects to the oldest generation, in constant time.
//
// The oldest generation is only looked through now and then, so that there is a limit to what is moved there between
// two times: beyond it the collector works as ever.
class OldGeneration {
 public:
  // Finds the collector's functions. Throws PythonError.
  void load();
  // Moves what is young to the oldest generation. False where that is left to the collector.
  bool take_young();

  int traverse(visitproc visit, void* arg) const;
  void clear();

 private:
  static constexpr Py_ssize_t most_between_collections = 500'000;
  static constexpr Py_ssize_t fewest = 1'000;
  // CPython 3.12 starts with some hundreds of its own; a program freezes thousands.
  static constexpr Py_ssize_t most_frozen_at_start = 1'000;
  static constexpr unsigned longest_wait = 1'024;

  bool is_limit_reached();
  bool is_somebody_freezing();

  Ref get_count_, get_threshold_, get_stats_, get_freeze_count_, freeze_, unfreeze_;
  Py_ssize_t collections_ = -1;  // of the oldest generation, when last looked
  Py_ssize_t taken_ = 0;         // objects moved since then
  unsigned wait_ = 0;            // times not to look whether somebody else has frozen objects
  unsigned next_wait_ = 1;
};

}  // namespace brinery
