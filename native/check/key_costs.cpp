#include "check/key_costs.hpp"

#include <algorithm>
#include <array>

#include "check/hashes.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace {

// As many keys with one hash cost no more than the bytes that they take.
constexpr std::size_t few_keys = 64;
constexpr std::uint64_t most_cost = std::uint64_t{1} << 40;
constexpr Kinds composed = kinds_of(Kind::tuple, Kind::frozenset) | made_kinds;

}  // namespace

KeyCosts::KeyCosts(const Machine& machine, const Matcher& matcher)
    : machine_(machine),
      graph_(machine.graph),
      matcher_(matcher),
      work_left_(machine.limits().work + (machine.end_offset() - machine.start_offset())) {}

bool KeyCosts::is_leaf(Value value) const { return !value.is_any(composed); }

KeyCosts::Facts KeyCosts::leaf(Value value) const {
  const Literals& literals = machine_.literals();
  switch (value.kind()) {
    case Kind::none: return {1, 1, true};
    case Kind::boolean:
    case Kind::integer: return {hash_integer(literals.integer(value)), 1, true};
    case Kind::big_integer: {
      const std::string_view argument = literals.argument(value);
      const std::uint8_t code = *literals.at(value);
      const bool text = code == wire::op::INT || code == wire::op::LONG;
      return {text ? hash_integer_text(argument) : hash_wide_integer(argument), 1 + argument.size() / 8, true};
    }
    case Kind::number: {
      const double number = literals.number(value);
      // each NaN is hashed by where it is
      return {number == number ? hash_float(number) : value.word(), 1, true};
    }
    case Kind::text:
    case Kind::bytes: return {hash_text(literals.argument(value)), 1, true};
    default: return {value.word(), 1, value.is(Kind::global) && matcher_.may_be_key(value)};
  }
}

// What is composed is hashed by its items, or taken to be by what its maker is called with.
void KeyCosts::open(Value value) {
  frames_.push_back({value, value.is(Kind::frozenset) ? 0 : tuple_hash_start, 1, graph_.node(value).count, 0});
  known_[value.word()] = {value.word(), 1, matcher_.may_be_key(value)};  // as it is in a cycle, before it is closed
}

void KeyCosts::fold(Frame& frame, const Facts& facts) {
  frame.hash =
      frame.value.is(Kind::frozenset) ? fold_set_hash(frame.hash, facts.hash) : fold_tuple_hash(frame.hash, facts.hash);
  frame.cost = std::min(frame.cost + facts.cost, most_cost);
  ++frame.next;
  if (!facts.good && !frame.value.is_any(made_kinds)) known_[frame.value.word()].good = false;
}

KeyCosts::Facts KeyCosts::close() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  Facts& facts = known_[frame.value.word()];
  // what its class makes of its parts is not known
  if (frame.value.is(Kind::tuple)) facts.hash = end_tuple_hash(frame.hash, frame.count);
  if (frame.value.is(Kind::frozenset)) facts.hash = frame.hash;
  facts.cost = frame.cost;
  return facts;
}

KeyCosts::Facts KeyCosts::facts_of_flat(Value tuple) {
  const Node& node = graph_.node(tuple);
  Facts facts{tuple_hash_start, 1, true};
  for (Index i = 0; i < node.count; ++i) {
    const Facts item = leaf(graph_.items[node.first + i]);
    facts.hash = fold_tuple_hash(facts.hash, item.hash);
    facts.cost += item.cost;
    facts.good = facts.good && item.good;
  }
  facts.hash = end_tuple_hash(facts.hash, node.count);
  return facts;
}

KeyCosts::Facts KeyCosts::facts_of(Value value) {
  if (is_leaf(value)) return leaf(value);
  if (value.is(Kind::tuple) && (graph_.node(value).kinds & composed) == 0) return facts_of_flat(value);
  if (const auto known = known_.find(value.word()); known != known_.end()) return known->second;
  open(value);
  for (;;) {
    Frame& frame = frames_.back();
    if (frame.next == frame.count) {
      const Facts facts = close();
      if (frames_.empty()) return facts;
      fold(frames_.back(), facts);
      continue;
    }
    const Value next = graph_.items[graph_.node(frame.value).first + frame.next];
    if (is_leaf(next)) {
      fold(frame, leaf(next));
    } else if (const auto known = known_.find(next.word()); known != known_.end()) {
      fold(frame, known->second);
    } else {
      open(next);
    }
  }
}

// Each key of a group with one hash is compared with those before it.
std::uint64_t KeyCosts::collision_work(std::vector<std::uint64_t>& hashes) {
  std::ranges::sort(hashes);
  std::uint64_t work = 0;
  for (auto at = hashes.begin(); at != hashes.end();) {
    const auto next = std::find_if(at, hashes.end(), [&](std::uint64_t hash) { return hash != *at; });
    const auto same = static_cast<std::uint64_t>(next - at);
    work += same * (same - 1) / 2;
    at = next;
  }
  return work;
}

KeyCosts::Verdict KeyCosts::judge(Index index, Value& culprit) {
  const Node& node = graph_.nodes[index];
  std::vector<std::uint64_t> hashes;
  Verdict verdict = Verdict::good;
  const auto look = [&](Value key) {
    const Facts facts = facts_of(key);
    if (facts.cost > work_left_) verdict = Verdict::too_much;
    work_left_ -= std::min(facts.cost, work_left_);
    if (!facts.good && verdict == Verdict::good) {
      verdict = Verdict::bad_key;
      culprit = key;
    }
    hashes.push_back(facts.hash);
  };
  graph_.for_each_run(node, [&](Role role, Index first, Index count) {
    const Index step = role == Role::assigned || (role == Role::items && node.kind() == Kind::dict) ? 2 : 1;
    if (role == Role::state || role == Role::appended || (role == Role::items && (made_kinds & bit(node.kind())) != 0))
      return;
    for (Index i = 0; verdict != Verdict::too_much && i < count; i += step) {
      const Value key = graph_.items[first + i];
      if (!key.is_any(cheap_keys)) look(key);
    }
  });
  if (verdict != Verdict::good || hashes.size() < few_keys) return verdict;
  const std::uint64_t work = collision_work(hashes);
  if (work > work_left_) return Verdict::too_much;
  work_left_ -= work;
  return verdict;
}

}  // namespace brinery::checker
