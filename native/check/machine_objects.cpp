// Names, calls, and what is put into objects.
#include "check/machine.hpp"
#include "check/text.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace op = wire::op;

namespace {

// The kind of container that takes values by such opcodes.
constexpr Kind container_for(Role role) {
  return role == Role::appended ? Kind::list : role == Role::assigned ? Kind::dict : Kind::set;
}

}  // namespace

void Machine::load_name(std::uint8_t code) {
  switch (code) {
    case op::GLOBAL: load_global(); break;
    case op::STACK_GLOBAL: load_stack_global(); break;
    case op::EXT1: load_extension(take<std::uint8_t>()); break;
    case op::EXT2: load_extension(take<std::uint16_t>()); break;
    case op::EXT4: load_extension(take<std::int32_t>()); break;
    case op::PERSID: load_persistent(true); break;
    case op::BINPERSID: load_persistent(false); break;
    case op::NEXT_BUFFER: load_next_buffer(); break;
    case op::READONLY_BUFFER: load_readonly_buffer(); break;
    default: load_call(code); break;
  }
}

void Machine::load_call(std::uint8_t code) {
  switch (code) {
    case op::REDUCE: load_reduce(); break;
    case op::NEWOBJ: load_newobj(); break;
    case op::NEWOBJ_EX: load_newobj_ex(); break;
    case op::INST: load_inst(); break;
    case op::OBJ: load_obj(); break;
    case op::BUILD: load_build(); break;
    default: fail("invalid load key");
  }
}

// Puts the values from `from` on into what is beneath them. Containers take them as their items, what was made by a
// call takes anything, to be judged later; nothing else is ever acted upon.
void Machine::extend(std::size_t from, Role role) {
  if (from == 0 || from - 1 < fence_) fail_underflow();
  Value* values = stack_ + from;
  const auto count = static_cast<std::size_t>(top_ - values);
  top_ = values;
  if (count == 0) return;
  const Value target = values[-1];
  if (graph.size() + count >= limits_.objects) [[unlikely]]
    fail_limit("more objects than the limit allows");
  const bool container = target.is(container_for(role));
  if (!container && !target.is_any(made_kinds)) report(Problem::wrong_target, target);
  if (target.is_any(container_kinds | made_kinds) && target != Graph::empty_tuple()) {
    graph.extend(static_cast<Index>(target.payload()), container ? Role::items : role, values, count);
    watch_depth(target);
  }
}

void Machine::load_setitems(std::size_t from) {
  if (from == 0 || from - 1 < fence_) fail_underflow();
  if ((depth() - from) % 2 != 0) fail("odd number of items for SETITEMS");
  extend(from, Role::assigned);
}

void Machine::load_build() {
  require(2);
  const Value* state = --top_;
  const Value target = state[-1];
  if (!target.is_any(made_kinds)) return report(Problem::wrong_target, target);
  if (graph.size() >= limits_.objects) fail_limit("more objects than the limit allows");
  graph.extend(static_cast<Index>(target.payload()), Role::state, state, 1);
  watch_depth(target);
  const Value callee = graph.callee(graph.node(target));
  if (!callee.is(Kind::global)) return;
  Global& global = graph.globals[callee.payload()];
  global.uses |= Global::restored;
  if (!pauses_at.empty() && global.name == pauses_at) pause();
}

void Machine::expect_tuple(Value args) {
  if (!args.is(Kind::tuple)) report(Problem::wrong_argument, args);
}

void Machine::load_reduce() {
  require(2);
  expect_tuple(top_[-1]);
  collect(Kind::call, depth() - 2);
}

void Machine::load_newobj() {
  require(2);
  expect_tuple(top_[-1]);
  collect(Kind::instance, depth() - 2);
}

void Machine::load_newobj_ex() {
  require(3);
  expect_tuple(top_[-2]);
  if (!top_[-1].is(Kind::dict)) report(Problem::wrong_argument, top_[-1]);
  collect(Kind::instance, depth() - 3);
}

void Machine::load_inst() {
  const std::size_t from = pop_mark();
  const std::string_view module = take_line();
  const std::string_view name = take_line();
  if (!is_ascii(reinterpret_cast<const std::uint8_t*>(module.data()), module.size() + 1 + name.size())) {
    fail("names of INST must be ASCII");
  }
  collect(Kind::tuple, from);
  const Value args = pop();
  push_global(module, name);
  push(args);
  collect(Kind::object, depth() - 2);
}

void Machine::load_obj() {
  const std::size_t from = pop_mark();
  if (depth() - from < 1) fail_underflow();
  collect(Kind::tuple, from + 1);
  collect(Kind::object, from);
}

void Machine::push_global(std::string_view module, std::string_view name) {
  if (protocol < 3) renames_.apply(module, name);
  push({Kind::global, graph.globals.intern(module, name, offset())});
}

void Machine::load_global() {
  const std::string_view module = take_line();
  const std::string_view name = take_line();
  for (const std::string_view text : {module, name}) {
    if (!is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), false)) fail("name is not UTF-8");
  }
  push_global(module, name);
}

// The text of a name from the stack, which stays where it is.
bool Machine::name_of(Value value, std::string_view& text) {
  if (!value.is(Kind::text)) return false;
  std::string scratch;
  text = literals_.text(value, scratch);
  if (text.data() == scratch.data()) text = graph.globals.keep(std::move(scratch));
  return true;
}

void Machine::load_stack_global() {
  require(2);
  std::string_view module, name;
  const bool known = name_of(top_[-2], module) && name_of(top_[-1], name);
  const bool perhaps = top_[-2].is_any(bit(Kind::text) | made_kinds | kinds_of(Kind::persistent, Kind::extension)) &&
                       top_[-1].is_any(bit(Kind::text) | made_kinds | kinds_of(Kind::persistent, Kind::extension));
  if (!known && !perhaps) fail("STACK_GLOBAL requires str");
  top_ -= 2;
  if (known) return push_global(module, name);
  push({Kind::global, graph.globals.intern_computed(offset())});
  report(Problem::computed_name, top_[-1]);
}

void Machine::load_extension(std::int64_t code) {
  if (code <= 0) fail("EXT specifies code <= 0");
  push_node(Kind::extension, nullptr, 0);
  report(Problem::extension, top_[-1]);
}

void Machine::load_persistent(bool as_line) {
  if (as_line) {
    take_line(true);
    push_node(Kind::persistent, nullptr, 0);
  } else {
    require(1);
    collect(Kind::persistent, depth() - 1);
  }
  report(Problem::persistent_id, top_[-1]);
}

void Machine::load_next_buffer() {
  push_node(Kind::buffer, nullptr, 0);
  graph.nodes.back().first = static_cast<Index>(next_buffer_);
  if (next_buffer_++ >= buffers_) report(Problem::no_buffer, top_[-1]);
}

void Machine::load_readonly_buffer() {
  require(1);
  const Value value = top_[-1];
  if (value.is_any(kinds_of(Kind::bytes, Kind::buffer) | made_kinds)) return;
  if (!value.is(Kind::bytearray)) fail("a bytes-like object is required");
  collect(Kind::buffer, depth() - 1);
}

}  // namespace brinery::checker
