// What a stream would do, held against rules.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/machine.hpp"
#include "check/matcher.hpp"
#include "check/rules.hpp"

namespace brinery::checker {

enum class Severity : std::uint8_t { low, medium, high };

struct Finding {
  const char* code;
  Severity severity;
  std::string message;
  std::uint64_t offset;
  std::optional<std::size_t> global;  // by number
  std::size_t number;                 // in the order they were found
};

class Judge {
 public:
  // Holds on to both. REQUIRES: the machine has run
  Judge(const Machine& machine, const Rules& rules);

  void run();

  std::vector<Finding> findings;  // by offset
  // By the number of a global.
  [[nodiscard]] bool is_misused(std::size_t global) const { return misused_[global]; }
  [[nodiscard]] const Entry* entry(std::size_t global) const { return entries_[global]; }

 private:
  void judge_globals();
  void judge_events();
  void judge_event(const Event& event);
  void judge_failure();
  void judge_root();
  void judge_made();
  void judge_node(Value value);
  void judge_call(Value value, const Entry& entry);
  void judge_keywords(Value value, const Entry& entry);
  void judge_contents(Value value, const Entry& entry);
  void judge_run(Value value, const Entry& entry, Role role, const Value* values, std::size_t count);
  void judge_keys();

  [[nodiscard]] std::optional<std::size_t> global_of(Value value) const;
  [[nodiscard]] std::string name_of(Value value) const;
  void find(const char* code, Severity severity, std::string message, std::uint64_t offset,
            std::optional<std::size_t> global = std::nullopt);

  const Machine& machine_;
  const Graph& graph_;
  std::vector<const Entry*> entries_;
  std::vector<bool> misused_;
  Matcher matcher_;
};

}  // namespace brinery::checker
