// What is known of globals: who may be called with what, and given which state.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "check/pattern.hpp"

namespace brinery::checker {

struct Entry {
  enum class Role : std::uint8_t {
    made,      // a class: called, made by NEWOBJ, a value
    function,  // called, never a value
    type,      // a value, never called
    value,     // the same
    trusted,   // anything
  };
  Role role = Role::type;
  std::vector<Arguments> arguments;                      // one of them has to match
  std::map<std::string, Pattern, std::less<>> keywords;  // of NEWOBJ_EX
  std::optional<Pattern> state, appended, added;
  std::optional<Pattern> assigned_key, assigned_value;
  std::set<std::string, std::less<>> forbidden_fields;
  bool hashable = false;
  // What a call gives counts as made by the class that is this argument, or by this global; otherwise by its callee.
  std::optional<std::size_t> makes_argument;
  std::string makes_module, makes_name;
  std::string reason;

  [[nodiscard]] bool is_trusted() const { return role == Role::trusted; }
  [[nodiscard]] bool may_stand() const { return role != Role::function; }
};

class Rules {
 public:
  Rules() = default;
  explicit Rules(std::shared_ptr<const Rules> base) : base_(std::move(base)) {}

  // The name * stands for all names of a module, and of the modules in it where the module ends in ".*".
  void add(const std::string& module, const std::string& name, std::shared_ptr<const Entry> entry);
  // Takes in layers beneath that are not much larger, so that looking up goes through few of them.
  void settle();
  // Null where nothing is known.
  [[nodiscard]] const Entry* find(std::string_view module, std::string_view name) const;
  [[nodiscard]] std::size_t size() const;

 private:
  using Table = std::unordered_map<std::string, std::shared_ptr<const Entry>>;
  // Of a layer with some, these go before the names beneath it.
  [[nodiscard]] bool has_wildcards() const { return !modules_.empty() || !packages_.empty(); }
  [[nodiscard]] const Entry* find_whole_module(std::string_view module) const;

  std::shared_ptr<const Rules> base_;
  Table entries_;
  Table modules_, packages_;
};

}  // namespace brinery::checker
