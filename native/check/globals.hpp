// The globals that a pickle names, each once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace brinery::checker {

// What Python 3 calls what pickles of protocols 0-2 name as Python 2 did: _compat_pickle's tables.
class Renames {
 public:
  void add_module(std::string from, std::string to) { modules_.insert_or_assign(std::move(from), std::move(to)); }
  void add_name(const std::string& module, const std::string& name, std::string to_module, std::string to_name) {
    names_.insert_or_assign(module + '\0' + name, std::pair(std::move(to_module), std::move(to_name)));
  }
  // Changes them in place to views of its own, where there is something to change.
  void apply(std::string_view& module, std::string_view& name) const;

 private:
  std::unordered_map<std::string, std::string> modules_;
  std::unordered_map<std::string, std::pair<std::string, std::string>> names_;
};

struct Global {
  // How it is used.
  static constexpr std::uint8_t called = 1;    // by REDUCE, INST or OBJ
  static constexpr std::uint8_t made = 2;      // an instance by NEWOBJ
  static constexpr std::uint8_t restored = 4;  // an instance by BUILD
  static constexpr std::uint8_t stands = 8;    // as a value

  std::string_view module, name;
  std::uint64_t offset;  // of the first opcode that names it
  std::uint8_t uses = 0;
  bool computed = false;  // its name is not in the stream
};

class Globals {
 public:
  using Number = std::uint32_t;

  // The number of a global, whose names must stay where they are.
  Number intern(std::string_view module, std::string_view name, std::uint64_t offset);
  // One whose name cannot be known without running something.
  Number intern_computed(std::uint64_t offset);
  // Keeps a text for as long as this lives.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  Global& operator[](std::size_t number) { return all_[number]; }
  const Global& operator[](std::size_t number) const { return all_[number]; }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }

 private:
  std::vector<Global> all_;
  // In order rather than by hash: whoever writes the stream chooses the names.
  std::map<std::pair<std::string_view, std::string_view>, Number> numbers_;
  std::deque<std::string> kept_;
};

}  // namespace brinery::checker
