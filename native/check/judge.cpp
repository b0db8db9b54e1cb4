#include "check/judge.hpp"

#include <algorithm>

#include "check/key_costs.hpp"
#include "check/text.hpp"

namespace brinery::checker {

namespace {

constexpr std::size_t most_findings = 1000;
constexpr std::size_t longest_name = 200;

// Names are whatever the stream says, of any length.
std::string shortened(std::string_view name) {
  if (name.size() <= longest_name) return std::string(name);
  std::size_t size = longest_name;
  while (size > 0 && (static_cast<std::uint8_t>(name[size]) & 0xc0) == 0x80) --size;
  return std::string(name.substr(0, size)) + "...";
}

std::vector<const Entry*> entries_of(const Globals& globals, const Rules& rules) {
  std::vector<const Entry*> entries;
  entries.reserve(globals.size());
  for (const Global& global : globals) {
    entries.push_back(global.computed ? nullptr : rules.find(global.module, global.name));
  }
  return entries;
}

// What an entry says of such values, and of every other one where they are pairs; null where it says nothing.
std::pair<const Pattern*, const Pattern*> patterns_for(const Entry& entry, Role role) {
  const auto pointer = [](const std::optional<Pattern>& pattern) { return pattern ? &*pattern : nullptr; };
  if (role == Role::assigned) return {pointer(entry.assigned_key), pointer(entry.assigned_value)};
  const Pattern* pattern = pointer(role == Role::state      ? entry.state
                                   : role == Role::appended ? entry.appended
                                                            : entry.added);
  return {pattern, pattern};
}

const char* verb_of(Role role) {
  switch (role) {
    case Role::state: return "a state that its entry does not allow";
    case Role::appended: return "items that its entry does not let append";
    case Role::assigned: return "keys or values that its entry does not let set";
    default: return "members that its entry does not let add";
  }
}

}  // namespace

Judge::Judge(const Machine& machine, const Rules& rules)
    : machine_(machine),
      graph_(machine.graph),
      entries_(entries_of(machine.graph.globals, rules)),
      misused_(graph_.globals.size()),
      matcher_(machine, rules, entries_) {}

void Judge::run() {
  judge_globals();
  judge_events();
  judge_failure();
  try {
    judge_made();
    judge_root();
    judge_keys();
  } catch (const Matcher::OutOfWork&) {
    find("limit", Severity::medium, "what is called, and with what, takes more work to check than the stream is long",
         machine_.end_offset());
  }
  std::ranges::sort(findings, {}, [](const Finding& each) { return std::pair(each.offset, each.number); });
}

std::string Judge::name_of(Value value) const {
  const std::optional<std::size_t> global = global_of(value);
  if (!global) return "what is no global";
  const Global& named = graph_.globals[*global];
  return shortened(named.module) + "." + shortened(named.name);
}

// The global that a value is, or that made it.
std::optional<std::size_t> Judge::global_of(Value value) const {
  if (value.is_any(made_kinds)) value = graph_.callee(graph_.node(value));
  return value.is(Kind::global) ? std::optional<std::size_t>(value.payload()) : std::nullopt;
}

void Judge::find(const char* code, Severity severity, std::string message, std::uint64_t offset,
                 std::optional<std::size_t> global) {
  if (global) misused_[*global] = misused_[*global] || entries_[*global] != nullptr;
  if (findings.size() > most_findings) return;
  if (findings.size() == most_findings) {
    code = "more";
    message = "there is more to be found than is listed";
    global.reset();
  }
  findings.push_back({code, severity, std::move(message), offset, global, findings.size()});
}

void Judge::judge_globals() {
  for (std::size_t number = 0; number < entries_.size(); ++number) {
    const Global& global = graph_.globals[number];
    if (entries_[number] != nullptr || global.computed) continue;
    find("unknown-global", Severity::high, "nobody has vouched for " + name_of({Kind::global, number}), global.offset,
         number);
  }
}

void Judge::judge_events() {
  for (const Event& event : machine_.events) judge_event(event);
}

void Judge::judge_event(const Event& event) {
  const std::optional<std::size_t> global = global_of(event.target);
  const auto report = [&](const char* code, Severity severity, const char* message) {
    find(code, severity, message, event.offset, global);
  };
  switch (event.problem) {
    case Problem::persistent_id:
      return report("persistent-id", Severity::medium, "a persistent id asks whoever loads it for an object");
    case Problem::extension:
      return report("extension", Severity::high, "an extension code stands for a global that is registered elsewhere");
    case Problem::wrong_target:
      if (event.target.is(Kind::global))
        return report("build-on-class", Severity::high, "changes a global instead of an object of this stream");
      return report("wrong-target", Severity::high, "puts something into what does not take it");
    case Problem::wrong_argument:
      return report("wrong-argument", Severity::high, "calls with something else than a tuple of arguments");
    case Problem::computed_name:
      return report("computed-name", Severity::high, "the name of a global is computed, and cannot be known");
    case Problem::undecodable: return report("broken-stream", Severity::medium, "a Python 2 string is not ASCII");
    case Problem::no_buffer: return report("broken-stream", Severity::medium, "not enough out-of-band buffers");
    case Problem::many_digits:
      return report("limit", Severity::medium, "an int is written in more decimal digits than the limit allows");
    case Problem::too_deep:
      return report("limit", Severity::medium, "objects are nested more deeply than the limit allows");
  }
}

void Judge::judge_failure() {
  const Failure& failure = machine_.failure;
  if (failure.message != nullptr)
    find(failure.limit ? "limit" : "broken-stream", Severity::medium, failure.message, failure.offset);
}

void Judge::judge_root() {
  if (machine_.failure.message != nullptr || matcher_.may_stand(machine_.root)) return;
  find("misused-global", Severity::high, "a function, or what may not stand as a value, is part of the result",
       machine_.end_offset() - 1, global_of(machine_.root));
}

void Judge::judge_made() {
  for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
    const Kind kind = graph_.nodes[index].kind();
    if ((bit(kind) & made_kinds) != 0) judge_node({kind, index});
  }
}

void Judge::judge_node(Value value) {
  const Node& node = graph_.node(value);
  const Value callee = graph_.callee(node);
  const Entry* entry = matcher_.makers().of(value);
  if (entry == nullptr) {
    if (!callee.is(Kind::global)) find("computed-callee", Severity::high, "calls what is no global", node.offset);
    return;  // an unknown global has been found
  }
  if (entry->is_trusted()) return;
  judge_call(value, *entry);
  if (const Entry* made = matcher_.makers().kind_of(value)) judge_contents(value, *made);
}

void Judge::judge_call(Value value, const Entry& entry) {
  const Node& node = graph_.node(value);
  const Value args = graph_.items[node.first + 1];
  if (!args.is(Kind::tuple)) return;  // has been found
  const bool callable =
      entry.role == Entry::Role::made || (entry.role == Entry::Role::function && node.kind() != Kind::instance);
  if (!callable || entry.arguments.empty()) {
    return find("misused-global", Severity::high, name_of(value) + " is not to be called in this way", node.offset,
                global_of(value));
  }
  const Node& tuple = graph_.node(args);
  const Value* values = graph_.items.begin() + tuple.first;
  const bool fits = std::ranges::any_of(
      entry.arguments, [&](const Arguments& each) { return matcher_.matches(entry, each, values, tuple.count); });
  if (!fits)
    find("forbidden-argument", Severity::high,
         name_of(value) + " is called with arguments that its entry does not allow", node.offset, global_of(value));
  if (node.count == 3) judge_keywords(value, entry);
  // what a set is made of is hashed, whatever the pattern says of it
  const Kind made = matcher_.reach().kind_of(value);
  if ((made == Kind::set || made == Kind::frozenset) && tuple.count > 0 && values->is_any(container_kinds)) {
    matcher_.keyed.insert(static_cast<Index>(values->payload()));
  }
}

void Judge::judge_keywords(Value value, const Entry& entry) {
  const Node& node = graph_.node(value);
  const Value keywords = graph_.items[node.first + 2];
  if (!keywords.is(Kind::dict)) return;  // has been found
  bool good = true;
  graph_.for_each_run(graph_.node(keywords), [&](Role, Index first, Index count) {
    for (Index i = 0; good && i + 1 < count; i += 2) {
      std::string scratch;
      const Value key = graph_.items[first + i];
      const auto known =
          key.is(Kind::text) ? entry.keywords.find(machine_.literals().text(key, scratch)) : entry.keywords.end();
      good = known != entry.keywords.end() && matcher_.matches(entry, known->second, graph_.items[first + i + 1]);
    }
  });
  if (!good)
    find("forbidden-argument", Severity::high,
         name_of(value) + " is called with keyword arguments that its entry does not allow", node.offset,
         global_of(value));
}

void Judge::judge_contents(Value value, const Entry& entry) {
  graph_.for_each_run(graph_.node(value), [&](Role role, Index first, Index count) {
    if (role != Role::items) judge_run(value, entry, role, graph_.items.begin() + first, count);
  });
}

void Judge::judge_run(Value value, const Entry& entry, Role role, const Value* values, std::size_t count) {
  const auto [first, second] = patterns_for(entry, role);
  bool good = first != nullptr && second != nullptr;
  for (std::size_t i = 0; good && i < count; ++i) {
    good = matcher_.matches(entry, i % 2 == 0 ? *first : *second, values[i]);
  }
  if (good) return;
  find(role == Role::state ? "forbidden-state" : "forbidden-items", Severity::high,
       name_of(value) + " is given " + verb_of(role), graph_.node(value).offset, global_of(value));
}

void Judge::judge_keys() {
  KeyCosts costs(machine_, matcher_);
  const auto judge = [&](Index index) {
    Value culprit{Kind::none, 0};
    switch (costs.judge(index, culprit)) {
      case KeyCosts::Verdict::good: return;
      case KeyCosts::Verdict::bad_key:
        return find("bad-key", Severity::high,
                    "a key or member cannot be hashed, or is by code that nobody has vouched for",
                    graph_.nodes[index].offset, global_of(culprit));
      case KeyCosts::Verdict::too_much:
        return find("limit", Severity::medium, "hashing and comparing keys takes more work than the limit allows",
                    graph_.nodes[index].offset);
    }
  };
  for (const Index index : graph_.keyed) judge(index);
  for (const Index index : matcher_.keyed) {
    if (graph_.nodes[index].keyed == 0) judge(index);
  }
}

}  // namespace brinery::checker
