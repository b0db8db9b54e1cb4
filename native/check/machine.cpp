#include "check/machine.hpp"

#include <algorithm>

#include "check/text.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace op = wire::op;

namespace {

// Thrown where the machine cannot go on; Machine::failure says why.
struct Stopped {};
// Thrown behind an opcode where the machine is to pause.
struct Paused {};

constexpr std::size_t most_places = 0xffff'0000;  // Index has room for

}  // namespace

Machine::Machine(const std::uint8_t* begin, const std::uint8_t* end, const Renames& renames, const Limits& limits,
                 std::uint64_t buffers, std::uint64_t offset)
    : in_{begin + offset, end},
      begin_(begin),
      start_(offset),
      opcode_(begin + offset),
      literals_(begin, end),
      renames_(renames),
      limits_(limits),
      buffers_(buffers) {
  limits_.objects = std::min<std::uint64_t>(limits_.objects, most_places);
}

void Machine::exchange(Memory& memory) {
  graph.nodes.swap(memory.nodes);
  graph.items.swap(memory.items);
  graph.segments.swap(memory.segments);
  memory_.swap(memory.stack);
  marks_.swap(memory.marks);
  memo_.exchange(memory.memo);
}

void Machine::borrow(Memory& memory) {
  if (memory.lent) return;
  memory.lent = true;
  borrowed_ = &memory;
  exchange(memory);
  graph.reset();
  stack_ = top_ = memory_.begin();
  limit_ = stack_ + memory_.capacity();
}

void Machine::give_back() {
  if (borrowed_ == nullptr) return;
  exchange(*borrowed_);
  borrowed_->nodes.clear_but(Memory::most_kept);
  borrowed_->items.clear_but(Memory::most_kept);
  borrowed_->segments.clear_but(Memory::most_kept);
  borrowed_->stack.clear_but(Memory::most_kept);
  borrowed_->marks.clear_but(Memory::most_kept);
  borrowed_->memo.clear_but(Memory::most_kept);
  borrowed_->lent = false;
}

void Machine::run() {
  paused = false;
  try {
    run_opcodes();
  } catch (const Paused&) {
    paused = true;
  } catch (const Stopped&) {
    in_.cursor = opcode_;
  }
}

bool Machine::has_made(Value value) const {
  if (value.kind() > Kind::extension) return false;
  if (value.is(Kind::global)) return value.payload() < graph.globals.size();
  if (!value.is_node()) return value.payload() >= start_ && literals_.is_there(value);
  return value.payload() < graph.nodes.size() && graph.node(value).kind() == value.kind();
}

void Machine::fail(const char* message) {
  failure = {message, offset(), false};
  throw Stopped{};
}

void Machine::fail_limit(const char* message) {
  failure = {message, offset(), true};
  throw Stopped{};
}

void Machine::pause() { throw Paused{}; }

void Machine::fail_underflow() { fail(marks_.empty() ? "unpickling stack underflow" : "unexpected MARK found"); }

void Machine::report(Problem problem, Value target) { events.push_back({problem, offset(), target}); }

std::string_view Machine::take_line(bool may_be_empty) {
  const std::uint8_t* next = in_.line_end();
  if (next == nullptr) fail("pickle data was truncated");
  const std::string_view line(reinterpret_cast<const char*>(in_.cursor),
                              static_cast<std::size_t>(next - in_.cursor) - 1);
  if (line.empty() && !may_be_empty) fail("pickle data was truncated");
  in_.cursor = next;
  return line;
}

void Machine::grow_stack() {
  const std::size_t used = depth();
  memory_.reserve(memory_.capacity() + 1);
  stack_ = memory_.begin();
  top_ = stack_ + used;
  limit_ = stack_ + memory_.capacity();
}

std::size_t Machine::pop_mark() {
  if (marks_.empty()) [[unlikely]]
    fail("could not find MARK");
  const std::size_t from = fence_;
  fence_ = marks_.back();
  marks_.pop_back();
  return from;
}

void Machine::push_node(Kind kind, const Value* values, std::size_t count) {
  if (graph.size() + count >= limits_.objects) [[unlikely]]
    fail_limit("more objects than the limit allows");
  push(graph.make(kind, offset(), values, count));
  watch_depth(top_[-1]);
}

void Machine::watch_depth(Value deepest) {
  if (graph.depth <= limits_.depth || deep_) [[likely]]
    return;
  deep_ = true;
  report(Problem::too_deep, deepest);
}

void Machine::collect(Kind kind, std::size_t from) {
  Value* values = stack_ + from;
  const auto count = static_cast<std::size_t>(top_ - values);
  top_ = values;
  // what is above the top stays there until the node has taken it
  if (top_ == limit_) grow_stack();
  push_node(kind, stack_ + from, count);
}

void Machine::put(std::uint64_t index) {
  require(1);
  memo_.put(index, top_[-1]);
}

// What is common is done here, with the cursor and the top of the stack in registers; anything else, and what is not
// whole or has no room, is left to load_opcode().
void Machine::run_common() {
  using wire::load_little;
  const std::uint8_t* const begin = begin_;
  const std::uint8_t* const end = in_.end;
  const std::uint8_t* cursor = in_.cursor;
  Value* top = top_;
  Value* limit = limit_;
  Value* floor = stack_ + fence_;
  const auto scalar = [&](Kind kind, std::size_t size) {
    *top++ = {kind, static_cast<std::uint64_t>(cursor - begin)};
    cursor += size;
  };
  const auto leave = [&] {
    in_.cursor = opcode_ = cursor;
    top_ = top;
  };
  const auto member = [&](auto load) {
    leave();
    ++in_.cursor;
    load();
    cursor = in_.cursor;
    top = top_;
    limit = limit_;
    floor = stack_ + fence_;
  };
  while (cursor != end && top != limit) {
    const auto left = static_cast<std::size_t>(end - cursor);
    Value value;
    switch (*cursor) {
      case op::NONE: scalar(Kind::none, 1); continue;
      case op::NEWTRUE:
      case op::NEWFALSE: scalar(Kind::boolean, 1); continue;
      case op::BININT1:
        if (left < 2) return leave();
        scalar(Kind::integer, 2);
        continue;
      case op::BININT2:
        if (left < 3) return leave();
        scalar(Kind::integer, 3);
        continue;
      case op::BININT:
        if (left < 5) return leave();
        scalar(Kind::integer, 5);
        continue;
      case op::BINFLOAT:
        if (left < 9) return leave();
        scalar(Kind::number, 9);
        continue;
      case op::SHORT_BINUNICODE: {
        if (left < 2 || left - 2 < cursor[1] || !is_ascii(cursor + 2, cursor[1])) return leave();
        scalar(Kind::text, 2 + static_cast<std::size_t>(cursor[1]));
        continue;
      }
      case op::BINUNICODE: {
        if (left < 5) return leave();
        const std::size_t size = load_little<std::uint32_t>(cursor + 1);
        if (left - 5 < size || !is_ascii(cursor + 5, size)) return leave();
        scalar(Kind::text, 5 + size);
        continue;
      }
      case op::MEMOIZE:
        if (top == floor) return leave();
        memo_.append(top[-1]);
        ++cursor;
        continue;
      case op::BINPUT:
        if (left < 2 || top == floor) return leave();
        memo_.put(cursor[1], top[-1]);
        cursor += 2;
        continue;
      case op::BINGET:
        if (left < 2 || !memo_.get(cursor[1], value)) return leave();
        *top++ = value;
        cursor += 2;
        continue;
      case op::LONG_BINGET:
        if (left < 5 || !memo_.get(load_little<std::uint32_t>(cursor + 1), value)) return leave();
        *top++ = value;
        cursor += 5;
        continue;
      case op::MARK:
        marks_.push_back(fence_);
        fence_ = static_cast<std::size_t>(top - stack_);
        floor = top;
        ++cursor;
        continue;
      case op::EMPTY_TUPLE:
        *top++ = Graph::empty_tuple();
        ++cursor;
        continue;
      case op::NEWOBJ: member([&] { load_newobj(); }); continue;
      case op::REDUCE: member([&] { load_reduce(); }); continue;
      case op::BUILD: member([&] { load_build(); }); continue;
      case op::EMPTY_LIST: member([&] { push_node(Kind::list, nullptr, 0); }); continue;
      case op::EMPTY_DICT: member([&] { push_node(Kind::dict, nullptr, 0); }); continue;
      case op::APPENDS: member([&] { extend(pop_mark(), Role::appended); }); continue;
      case op::SETITEMS: member([&] { load_setitems(pop_mark()); }); continue;
      case op::TUPLE: member([&] { collect(Kind::tuple, pop_mark()); }); continue;
      case op::TUPLE1:
      case op::TUPLE2:
      case op::TUPLE3:
        if (top - floor < *cursor - op::TUPLE1 + 1) return leave();
        member([&] { collect(Kind::tuple, depth() - (*opcode_ - op::TUPLE1 + 1U)); });
        continue;
      default: return leave();
    }
  }
  leave();
}

void Machine::run_opcodes() {
  for (;;) {
    run_common();
    if (memo_.size() > limits_.memo) fail_limit("more memo entries than the limit allows");
    if (in_.cursor == in_.end) fail("Ran out of input");
    if (*in_.cursor == op::STOP) break;
    if (top_ == limit_) {
      grow_stack();
    } else {
      load_opcode();
    }
  }
  ++in_.cursor;
  root = pop();
  if (root.is(Kind::global)) graph.globals[root.payload()].uses |= Global::stands;
}

// The reader is at the opcode; it is behind it, and its argument, afterwards.
void Machine::load_opcode() {
  const std::uint8_t code = *in_.cursor++;
  switch (code) {
    case op::MEMOIZE: require(1); break;
    case op::BINPUT: put(take<std::uint8_t>()); break;
    case op::LONG_BINPUT: put(take<std::uint32_t>()); break;
    case op::PUT: {
      const std::uint64_t index = take_index_line();
      put(index);
      break;
    }
    case op::BINGET:
    case op::LONG_BINGET:
    case op::GET: {
      Value value;
      const std::uint64_t index = code == op::BINGET        ? take<std::uint8_t>()
                                  : code == op::LONG_BINGET ? take<std::uint32_t>()
                                                            : take_index_line();
      if (!memo_.get(index, value)) fail("Memo value not found");
      push(value);
      break;
    }

    case op::EMPTY_TUPLE: push(Graph::empty_tuple()); break;
    case op::TUPLE1:
    case op::TUPLE2:
    case op::TUPLE3: {
      const std::size_t size = code - op::TUPLE1 + 1U;
      require(size);
      collect(Kind::tuple, depth() - size);
      break;
    }
    case op::TUPLE: collect(Kind::tuple, pop_mark()); break;
    case op::EMPTY_LIST: push_node(Kind::list, nullptr, 0); break;
    case op::LIST: collect(Kind::list, pop_mark()); break;
    case op::APPEND:
      require(2);
      extend(depth() - 1, Role::appended);
      break;
    case op::APPENDS: extend(pop_mark(), Role::appended); break;
    case op::EMPTY_DICT: push_node(Kind::dict, nullptr, 0); break;
    case op::DICT: {
      const std::size_t from = pop_mark();
      if ((depth() - from) % 2 != 0) fail("odd number of items for DICT");
      collect(Kind::dict, from);
      break;
    }
    case op::SETITEM:
      require(3);
      load_setitems(depth() - 2);
      break;
    case op::SETITEMS: load_setitems(pop_mark()); break;
    case op::EMPTY_SET: push_node(Kind::set, nullptr, 0); break;
    case op::ADDITEMS: extend(pop_mark(), Role::added); break;
    case op::FROZENSET: collect(Kind::frozenset, pop_mark()); break;
    case op::POP:
      // a mark that nothing stands above is what is popped
      if (!marks_.empty() && depth() == fence_) {
        pop_mark();
      } else {
        pop();
      }
      break;
    case op::POP_MARK: {
      const std::size_t from = pop_mark();
      top_ = stack_ + from;
      break;
    }
    case op::DUP:
      require(1);
      push(top_[-1]);
      break;

    case op::PROTO:
      protocol = take<std::uint8_t>();
      if (protocol > wire::highest_protocol) fail("unsupported pickle protocol");
      break;
    case op::FRAME: need(take<std::uint64_t>()); break;
    default: load_scalar(code); break;
  }
}

}  // namespace brinery::checker
