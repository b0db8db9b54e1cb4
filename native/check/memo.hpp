// The checker's memo: as the decoder's, it costs what is stored in it, whatever the indices.
#pragma once

#include <unordered_map>

#include "check/array.hpp"
#include "check/value.hpp"

namespace brinery::checker {

class Memo {
 public:
  // Whether there is such an entry; `value` is set then.
  bool get(std::uint64_t index, Value& value) const {
    if (index < dense_.size() && dense_[index] != nothing()) [[likely]] {
      value = dense_[index];
      return true;
    }
    if (sparse_.empty()) return false;
    const auto found = sparse_.find(index);
    if (found == sparse_.end()) return false;
    value = found->second;
    return true;
  }
  void put(std::uint64_t index, Value value) {
    if (index == dense_.size() && sparse_.empty()) [[likely]] {
      dense_.push_back(value);
      ++count_;
    } else {
      put_elsewhere(index, value);
    }
  }
  // MEMOIZE: the index is the number of entries so far.
  void append(Value value) { put(count_, value); }
  [[nodiscard]] std::size_t size() const { return count_; }
  // Exchanges the memory of an empty memo.
  void exchange(Array<Value>& memory) { dense_.swap(memory); }

 private:
  static constexpr std::uint64_t most_gap = 1024;
  // No value has it: there are not so many extensions.
  static constexpr Value nothing() { return {Kind::extension, ~std::uint64_t{0} >> 8}; }

  void put_elsewhere(std::uint64_t index, Value value) {
    const bool dense = index < dense_.size() || index <= most_gap + 2 * count_;
    if (!dense) {
      count_ += sparse_.insert_or_assign(index, value).second ? 1 : 0;
      return;
    }
    if (!sparse_.empty()) count_ -= sparse_.erase(index);
    if (index >= dense_.size()) dense_.resize(index + 1, nothing());
    count_ += dense_[index] == nothing() ? 1 : 0;
    dense_[index] = value;
  }

  Array<Value> dense_;
  std::unordered_map<std::uint64_t, Value> sparse_;  // indices far beyond what there is
  std::size_t count_ = 0;
};

}  // namespace brinery::checker
