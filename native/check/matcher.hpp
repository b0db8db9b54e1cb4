// Values against patterns.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "check/machine.hpp"
#include "check/reach.hpp"
#include "check/rules.hpp"

namespace brinery::checker {

// The entry of what made a value; null where it is unknown, or nothing was called.
class Makers {
 public:
  Makers(const Machine& machine, const std::vector<const Entry*>& entries, const Rules& rules)
      : machine_(machine), graph_(machine.graph), entries_(entries), rules_(rules) {}
  [[nodiscard]] const Entry* of(Value value) const;
  // The entry that the made value counts as made by: of the class that a helper was given, say.
  [[nodiscard]] const Entry* kind_of(Value value) const;

 private:
  // getattr of a global and a text is the global of that dotted name, such as a class method. Null: it is none.
  [[nodiscard]] const Entry* attribute(Value callee) const;

  const Machine& machine_;
  const Graph& graph_;
  const std::vector<const Entry*>& entries_;
  const Rules& rules_;
};

class Matcher {
 public:
  Matcher(const Machine& machine, const Rules& rules, const std::vector<const Entry*>& entries);

  // Whether values are what an entry asks for. Throws OutOfWork.
  bool matches(const Entry& entry, const Pattern& pattern, Value value);
  bool matches(const Entry& entry, const Arguments& arguments, const Value* values, std::size_t count);

  // A container that was matched as one of keys, or was made of keys: what its hashes cost is for KeyCosts.
  std::unordered_set<Index> keyed;
  // Whether a value can be a key, as far as its kind tells.
  [[nodiscard]] bool may_be_key(Value value) const;
  [[nodiscard]] const Reach& reach() const { return reach_; }
  [[nodiscard]] const Makers& makers() const { return makers_; }
  // Whether a value may stand anywhere.
  bool may_stand(Value value);

  struct OutOfWork {};

 private:
  bool test(const Entry& entry, const Pattern& pattern, Value value);
  bool holds_only(Value value, Kinds allowed);
  bool is_state(const Entry& entry, Value value);
  bool is_attributes(const Entry& entry, Value value);
  bool is_field(const Entry& entry, Value key);
  bool is_sized(const Pattern& pattern, Value value);
  std::int64_t size_of_literal(Value value);
  bool is_global(const Pattern& pattern, Value value) const;
  bool is_made(const Pattern& pattern, Value value) const;
  bool either_matches(const Entry& entry, const Pattern& pattern, Value value);
  bool each_matches(const Entry& entry, const Pattern& pattern, Value value);
  void spend(std::uint64_t steps) {
    if (steps > work_left_) throw OutOfWork();
    work_left_ -= steps;
  }

  const Machine& machine_;
  const Graph& graph_;
  const Rules& rules_;
  const std::vector<const Entry*>& entries_;
  Makers makers_;
  Reach reach_;
  std::uint64_t work_left_;
  std::string scratch_;
  // What containers came to: met again, they are not looked through again.
  struct Question {
    const Pattern* pattern;
    std::uint64_t word;
    bool operator==(const Question&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Question& question) const {
      return (reinterpret_cast<std::uintptr_t>(question.pattern) ^ question.word) * 0x9E3779B97F4A7C15U >> 7;
    }
  };
  std::unordered_map<Question, bool, Hash> answers_;
  // Names of attributes that were found harmless lately, for an entry.
  struct Field {
    const Entry* entry = nullptr;
    std::uint64_t word = 0;
  };
  std::array<Field, 256> fields_{};
};

}  // namespace brinery::checker
