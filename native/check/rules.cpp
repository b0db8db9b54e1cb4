#include "check/rules.hpp"

#include <utility>

namespace brinery::checker {

namespace {

std::string joined(std::string_view module, std::string_view name) {
  std::string both(module);
  both += '\0';
  both += name;
  return both;
}

template <class Table>
const Entry* entry_in(const Table& table, const std::string& key) {
  const auto found = table.find(key);
  return found != table.end() ? found->second.get() : nullptr;
}

}  // namespace

void Rules::add(const std::string& module, const std::string& name, std::shared_ptr<const Entry> entry) {
  if (name != "*") {
    entries_.insert_or_assign(joined(module, name), std::move(entry));
  } else if (module.ends_with(".*")) {
    packages_.insert_or_assign(module.substr(0, module.size() - 2), std::move(entry));
  } else {
    modules_.insert_or_assign(module, std::move(entry));
  }
}

const Entry* Rules::find_whole_module(std::string_view module) const {
  if (!modules_.empty()) {
    if (const Entry* entry = entry_in(modules_, std::string(module)); entry != nullptr) return entry;
  }
  for (std::string_view package = module; !packages_.empty() && !package.empty();) {
    if (const Entry* entry = entry_in(packages_, std::string(package)); entry != nullptr) return entry;
    const std::size_t dot = package.rfind('.');
    package = package.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return nullptr;
}

void Rules::settle() {
  while (base_ != nullptr && !has_wildcards() && base_->entries_.size() <= 2 * entries_.size()) {
    const std::shared_ptr<const Rules> base = std::move(base_);
    entries_.insert(base->entries_.begin(), base->entries_.end());
    modules_ = base->modules_;
    packages_ = base->packages_;
    base_ = base->base_;
  }
}

const Entry* Rules::find(std::string_view module, std::string_view name) const {
  const std::string key = joined(module, name);
  for (const Rules* rules = this; rules != nullptr; rules = rules->base_.get()) {
    if (const Entry* entry = entry_in(rules->entries_, key); entry != nullptr) return entry;
    if (const Entry* entry = rules->find_whole_module(module); entry != nullptr) return entry;
  }
  return nullptr;
}

std::size_t Rules::size() const {
  std::size_t size = 0;
  for (const Rules* rules = this; rules != nullptr; rules = rules->base_.get()) {
    size += rules->entries_.size() + rules->modules_.size() + rules->packages_.size();
  }
  return size;
}

}  // namespace brinery::checker
