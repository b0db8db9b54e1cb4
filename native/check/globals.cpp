#include "check/globals.hpp"

namespace brinery::checker {

void Renames::apply(std::string_view& module, std::string_view& name) const {
  std::string both(module);
  both += '\0';
  both += name;
  if (const auto found = names_.find(both); found != names_.end()) {
    module = found->second.first;
    name = found->second.second;
  } else if (const auto renamed = modules_.find(std::string(module)); renamed != modules_.end()) {
    module = renamed->second;
  }
}

Globals::Number Globals::intern(std::string_view module, std::string_view name, std::uint64_t offset) {
  const auto next = static_cast<Number>(all_.size());
  const auto [at, fresh] = numbers_.try_emplace({module, name}, next);
  if (fresh) all_.push_back({module, name, offset});
  return at->second;
}

Globals::Number Globals::intern_computed(std::uint64_t offset) {
  all_.push_back({"?", "?", offset, 0, true});
  return static_cast<Number>(all_.size() - 1);
}

}  // namespace brinery::checker
