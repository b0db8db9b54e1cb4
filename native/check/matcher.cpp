#include "check/matcher.hpp"

#include <algorithm>

namespace brinery::checker {

namespace {

constexpr Kinds plain_kinds = scalar_kinds | container_kinds;
constexpr Kinds data_kinds = plain_kinds | made_kinds | bit(Kind::buffer);
// Persistent ids and extensions are found where they are.
constexpr Kinds standing_kinds = data_kinds | kinds_of(Kind::global, Kind::persistent, Kind::extension);
constexpr std::uint64_t least_work = 10'000'000;
constexpr std::uint64_t work_a_byte = 32;

// So are globals that nothing is known of.
std::vector<bool> standing(const std::vector<const Entry*>& entries) {
  std::vector<bool> made;
  made.reserve(entries.size());
  for (const Entry* entry : entries) made.push_back(entry == nullptr || entry->may_stand());
  return made;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char byte) { return (static_cast<std::uint8_t>(byte) & 0xc0) != 0x80; }));
}

bool is_dunder(std::string_view name) { return name.size() >= 4 && name.starts_with("__") && name.ends_with("__"); }

}  // namespace

const Entry* Makers::of(Value value) const {
  if (!value.is_any(made_kinds)) return nullptr;
  const Value callee = graph_.callee(graph_.node(value));
  if (callee.is(Kind::global)) return entries_[callee.payload()];
  if (const Entry* found = attribute(callee)) return found;
  // calling what a trusted one made is up to that one
  const Entry* entry = nullptr;
  for (Value maker = callee; maker.is_any(made_kinds);) {
    maker = graph_.callee(graph_.node(maker));
    if (maker.is(Kind::global)) entry = entries_[maker.payload()];
  }
  return entry != nullptr && entry->is_trusted() ? entry : nullptr;
}

const Entry* Makers::attribute(Value callee) const {
  if (!callee.is(Kind::call)) return nullptr;
  const Node& node = graph_.node(callee);
  const Value function = graph_.callee(node);
  if (!function.is(Kind::global)) return nullptr;
  const Global& named = graph_.globals[function.payload()];
  const Value args = graph_.items[node.first + 1];
  if (named.module != "builtins" || named.name != "getattr" || !args.is(Kind::tuple)) return nullptr;
  const Node& tuple = graph_.node(args);
  if (tuple.count != 2) return nullptr;
  const Value owner = graph_.items[tuple.first], name = graph_.items[tuple.first + 1];
  if (!owner.is(Kind::global) || !name.is(Kind::text)) return nullptr;
  const Global& global = graph_.globals[owner.payload()];
  std::string scratch;
  return rules_.find(global.module,
                     std::string(global.name) + "." + std::string(machine_.literals().text(name, scratch)));
}

const Entry* Makers::kind_of(Value value) const {
  const Entry* entry = of(value);
  if (entry == nullptr) return nullptr;
  if (!entry->makes_name.empty()) return rules_.find(entry->makes_module, entry->makes_name);
  if (!entry->makes_argument) return entry;
  const Value args = graph_.items[graph_.node(value).first + 1];
  if (!args.is(Kind::tuple) || graph_.node(args).count <= *entry->makes_argument) return entry;
  const Value made = graph_.items[graph_.node(args).first + *entry->makes_argument];
  return made.is(Kind::global) ? entries_[made.payload()] : entry;
}

Matcher::Matcher(const Machine& machine, const Rules& rules, const std::vector<const Entry*>& entries)
    : machine_(machine),
      graph_(machine.graph),
      rules_(rules),
      entries_(entries),
      makers_(machine, entries, rules),
      reach_(graph_, standing(entries)),
      work_left_(least_work + work_a_byte * (machine.end_offset() - machine.start_offset())) {}

// Whether a value is of the kinds, and so is all in it.
bool Matcher::holds_only(Value value, Kinds allowed) {
  if ((reach_.bit_of(value) & ~allowed) != 0) return false;
  if (!value.is_any(container_kinds) && !value.is(Kind::call)) return true;
  if (value.is(Kind::call) && reach_.kind_of(value) == Kind::call) return true;
  // often nothing in the whole stream is of another kind
  if ((graph_.all_kinds & (~allowed | bit(Kind::global))) == 0) return true;
  return (reach_.within(value) & ~allowed) == 0;
}

bool Matcher::may_stand(Value value) { return holds_only(value, standing_kinds); }

bool Matcher::may_be_key(Value value) const {
  const Kinds known = cheap_keys | kinds_of(Kind::big_integer, Kind::tuple, Kind::frozenset);
  const Kind kind = reach_.kind_of(value);
  if ((bit(kind) & known) != 0) return true;
  if (value.is(Kind::global)) return entries_[value.payload()] != nullptr && entries_[value.payload()]->may_stand();
  const Entry* entry = makers_.kind_of(value);
  return entry != nullptr && (entry->hashable || entry->is_trusted());
}

// A pattern is a tree, parsed with a bound on its depth, and each step into a value is one into it.
// NOLINTBEGIN(misc-no-recursion)

bool Matcher::matches(const Entry& entry, const Arguments& arguments, const Value* values, std::size_t count) {
  const std::vector<Pattern>& patterns = arguments.patterns;
  if (count < arguments.required || (count > patterns.size() && !arguments.any_more)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!matches(entry, patterns[std::min(i, patterns.size() - 1)], values[i])) return false;
  }
  return true;
}

bool Matcher::matches(const Entry& entry, const Pattern& pattern, Value value) {
  spend(1);
  const bool looks_inside = !pattern.children.empty() && value.is_node();
  if (!looks_inside) return test(entry, pattern, value);
  const Question question{&pattern, value.word()};
  if (const auto known = answers_.find(question); known != answers_.end()) return known->second;
  const bool answer = test(entry, pattern, value);
  answers_.emplace(question, answer);
  return answer;
}

bool Matcher::test(const Entry& entry, const Pattern& pattern, Value value) {
  switch (pattern.shape) {
    case Shape::any: return may_stand(value);
    case Shape::plain: return holds_only(value, plain_kinds);
    case Shape::data: return holds_only(value, data_kinds);
    case Shape::type: return value.is(Kind::global) && reach_.bit_of(value) == bit(Kind::global);
    case Shape::key: return may_be_key(value) && may_stand(value);
    case Shape::state: return is_state(entry, value);
    case Shape::kinds: return (bit(reach_.kind_of(value)) & pattern.kinds) != 0 && may_stand(value);
    case Shape::complex:
      return value.is(Kind::call) && makers_.of(value) != nullptr &&
             makers_.of(value) == rules_.find("builtins", "complex");
    case Shape::range: {
      if (!value.is(Kind::integer)) return false;
      const std::int64_t number = machine_.literals().integer(value);
      return pattern.low <= number && number <= pattern.high;
    }
    case Shape::size: return is_sized(pattern, value);
    case Shape::literal: return value.is(Kind::text) && machine_.literals().text(value, scratch_) == pattern.text;
    case Shape::global: return is_global(pattern, value);
    case Shape::made: return is_made(pattern, value);
    case Shape::either: return either_matches(entry, pattern, value);
    case Shape::each:
    case Shape::exact_tuple:
    case Shape::dict: return each_matches(entry, pattern, value);
  }
  return false;
}

bool Matcher::either_matches(const Entry& entry, const Pattern& pattern, Value value) {
  for (const auto& child : pattern.children) {
    if (matches(entry, *child, value)) return true;
  }
  return false;
}

bool Matcher::is_sized(const Pattern& pattern, Value value) {
  if ((bit(reach_.kind_of(value)) & pattern.kinds) == 0) return false;
  if (value.is_any(scalar_kinds)) return size_of_literal(value) <= pattern.high;
  // bytes of a call have no more bytes than there are characters, or bytes, that they are made from
  const Value args = graph_.items[graph_.node(value).first + 1];
  if (!args.is(Kind::tuple)) return false;
  if (graph_.node(args).count == 0) return true;
  const Value source = graph_.items[graph_.node(args).first];
  return source.is_any(kinds_of(Kind::text, Kind::bytes)) && size_of_literal(source) <= pattern.high;
}

// In characters or bytes.
std::int64_t Matcher::size_of_literal(Value value) {
  if (!value.is(Kind::text)) return static_cast<std::int64_t>(machine_.literals().bytes(value).size());
  const std::string_view text = machine_.literals().text(value, scratch_);
  spend(text.size() / 8);
  return static_cast<std::int64_t>(characters(text));
}

bool Matcher::is_global(const Pattern& pattern, Value value) const {
  if (!value.is(Kind::global)) return false;
  const Global& global = graph_.globals[value.payload()];
  if (global.module == pattern.text && global.name == pattern.name) return true;
  const Entry* entry = entries_[value.payload()];
  return entry != nullptr && !entry->is_trusted() && entry == rules_.find(pattern.text, pattern.name);
}

bool Matcher::is_made(const Pattern& pattern, Value value) const {
  const Entry* entry = makers_.kind_of(value);
  return entry != nullptr && entry == rules_.find(pattern.text, pattern.name);
}

bool Matcher::each_matches(const Entry& entry, const Pattern& pattern, Value value) {
  const auto& children = pattern.children;
  const Kind kind = reach_.kind_of(value);
  if (pattern.shape == Shape::dict ? kind != Kind::dict : (bit(kind) & pattern.kinds) == 0) return false;
  if (value.is_any(made_kinds)) {  // a set of a list
    const Value args = graph_.items[graph_.node(value).first + 1];
    if (!args.is(Kind::tuple)) return false;
    if (graph_.node(args).count == 0) return true;
    value = graph_.items[graph_.node(args).first];
    if (!value.is_any(kinds_of(Kind::list, Kind::tuple))) return false;
  }
  const Node& node = graph_.node(value);
  if (pattern.shape == Shape::exact_tuple && node.count != children.size()) return false;
  const std::size_t period = pattern.shape == Shape::exact_tuple ? std::max<std::size_t>(children.size(), 1)
                             : pattern.shape == Shape::dict      ? 2
                                                                 : 1;
  bool good = true;
  graph_.for_each_run(node, [&](Role role, Index first, Index count) {
    if (role != Role::items) return;
    for (Index i = 0; good && i < count; ++i) good = matches(entry, *children[i % period], graph_.items[first + i]);
  });
  if (good && pattern.shape == Shape::each && children[0]->shape == Shape::key)
    keyed.insert(static_cast<Index>(value.payload()));
  return good;
}

// NOLINTEND(misc-no-recursion)

bool Matcher::is_state(const Entry& entry, Value value) {
  if (!value.is(Kind::tuple)) return is_attributes(entry, value);
  const Node& node = graph_.node(value);
  if (node.count != 2) return false;
  const Value* halves = graph_.items.begin() + node.first;
  return std::all_of(halves, halves + 2, [&](Value half) { return half.is(Kind::none) || is_attributes(entry, half); });
}

// A dict of attributes by name, none of which stands in front of what the class has.
bool Matcher::is_attributes(const Entry& entry, Value value) {
  if (!value.is(Kind::dict)) return false;
  bool good = true;
  graph_.for_each_run(graph_.node(value), [&](Role role, Index first, Index count) {
    if (role != Role::items) return;
    spend(count);
    for (Index i = 0; good && i + 1 < count; i += 2) {
      const Value held = graph_.items[first + i + 1];
      good = is_field(entry, graph_.items[first + i]) && (held.is_any(scalar_kinds) || may_stand(held));
    }
  });
  return good;
}

bool Matcher::is_field(const Entry& entry, Value key) {
  Field& known = fields_[(key.word() >> 8 ^ key.word() >> 16) % fields_.size()];
  if (known.entry == &entry && known.word == key.word()) return true;
  if (!key.is(Kind::text)) return false;
  const std::string_view name = machine_.literals().text(key, scratch_);
  spend(name.size() / 8);
  if (is_dunder(name) || entry.forbidden_fields.contains(name)) return false;
  known = {&entry, key.word()};
  return true;
}

}  // namespace brinery::checker
