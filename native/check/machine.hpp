// Pickle opcodes to a graph of what they would build: the decoder's loop on values that are only described.
//
// It follows objects/decoder.hpp opcode for opcode, runs nothing, imports nothing and knows nothing of Python, so that
// what it says of a stream holds for what the decoder makes of it. `fuzz/checked.py` compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "check/graph.hpp"
#include "check/literal.hpp"
#include "check/memo.hpp"
#include "wire/reader.hpp"

namespace brinery::checker {

struct Limits {
  std::uint64_t objects = 100'000'000;  // nodes and values in them
  std::uint64_t depth = 20'000;         // of objects in objects
  std::uint64_t memo = 100'000'000;     // entries
  std::uint64_t digits = 4'300;         // of an int as decimal text, whose conversion costs their square
  std::uint64_t work = 20'000'000;      // steps of hashing and comparing keys and members, beyond one for each byte
};

// What is wrong on the way without keeping the machine from going on.
enum class Problem : std::uint8_t {
  persistent_id,
  extension,
  wrong_target,    // BUILD, APPEND(S), SETITEM(S), ADDITEMS on what does not take them
  wrong_argument,  // REDUCE and its like on something else than a tuple
  computed_name,   // STACK_GLOBAL on something else than text
  undecodable,     // a STRING that is not ASCII
  no_buffer,
  many_digits,
  too_deep,
};

struct Event {
  Problem problem;
  std::uint64_t offset;
  Value target;
};

// Why the machine had to stop.
struct Failure {
  const char* message = nullptr;  // null: it came to STOP
  std::uint64_t offset = 0;       // of the opcode
  bool limit = false;             // rather than a broken stream
};

// Memory that one machine leaves to the next: writing to fresh pages costs more than all else.
struct Memory {
  Array<Node> nodes;
  Array<Value> items;
  Array<Segment> segments;
  Array<Value> stack;
  Array<std::size_t> marks;
  Array<Value> memo;
  using Word = std::uint32_t;
  Array<Word> words, word_stack;  // of skim()
  bool lent = false;

  static constexpr std::size_t most_kept = 4 * 1024 * 1024;  // bytes of each
};

class Machine {
 public:
  static constexpr std::uint64_t any_buffers = ~std::uint64_t{0};

  // The bytes have to stay where they are. `buffers` is how many out-of-band buffers there are, `offset` where the
  // pickle starts.
  Machine(const std::uint8_t* begin, const std::uint8_t* end, const Renames& renames, const Limits& limits,
          std::uint64_t buffers, std::uint64_t offset);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { give_back(); }
  // Takes memory to work in, unless another has it; it is given back in the end.
  void borrow(Memory& memory);

  // Goes on to STOP, or to where it cannot go on, or to where it is to pause.
  void run();
  // What run() goes on with after a pause. REQUIRES: offset is not beyond the end
  void jump(std::uint64_t offset) { in_.cursor = begin_ + offset; }

  Graph graph;
  Value root = Graph::empty_tuple();
  std::vector<Event> events;
  Failure failure;
  int protocol = 0;
  std::string pauses_at;  // the name of a class: run() stops behind each BUILD of an instance of it
  bool paused = false;
  [[nodiscard]] const Literals& literals() const { return literals_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] std::uint64_t start_offset() const { return start_; }
  // Behind STOP, or of the opcode that it stopped at.
  [[nodiscard]] std::uint64_t end_offset() const { return static_cast<std::uint64_t>(in_.cursor - begin_); }
  // What is left on the stack.
  [[nodiscard]] std::span<const Value> stack() const { return {stack_, top_}; }
  // Of the marks that are open, how many there are, and the position in the stack of the first value above each.
  [[nodiscard]] std::size_t open_marks() const { return marks_.size(); }
  [[nodiscard]] std::size_t mark_position(std::size_t mark) const {
    return mark + 1 < marks_.size() ? marks_[mark + 1] : fence_;
  }
  // Whether that is a value of the stream.
  [[nodiscard]] bool has_made(Value value) const;

 private:
  void exchange(Memory& memory);
  void give_back();
  void run_opcodes();
  void run_common();
  void load_opcode();

  [[noreturn]] void fail(const char* message);
  [[noreturn]] void fail_limit(const char* message);
  [[noreturn]] void fail_underflow();
  [[noreturn]] void pause();
  void report(Problem problem, Value target);
  void need(std::uint64_t size) {
    if (in_.left() < size) [[unlikely]]
      fail("pickle data was truncated");
  }
  template <class Integer>
  Integer take() {
    need(sizeof(Integer));
    return in_.take<Integer>();
  }
  std::string_view take_line(bool may_be_empty = false);
  [[nodiscard]] std::uint64_t offset() const { return static_cast<std::uint64_t>(opcode_ - begin_); }

  void push(Value value) {
    if (top_ == limit_) [[unlikely]]
      grow_stack();
    *top_++ = value;
  }
  void push_scalar(Kind kind) { push({kind, offset()}); }
  void push_node(Kind kind, const Value* values, std::size_t count);
  void grow_stack();
  void watch_depth(Value deepest);
  [[nodiscard]] std::size_t depth() const { return static_cast<std::size_t>(top_ - stack_); }
  void require(std::size_t count) {
    if (depth() < fence_ + count) [[unlikely]]
      fail_underflow();
  }
  Value pop() {
    require(1);
    return *--top_;
  }
  void push_mark() {
    marks_.push_back(fence_);
    fence_ = depth();
  }
  // Position of the first value above the mark.
  std::size_t pop_mark();
  // Replaces the values from `from` on by a node of them.
  void collect(Kind kind, std::size_t from);
  void put(std::uint64_t index);

  // machine_scalars.cpp
  void load_scalar(std::uint8_t code);
  void load_int_line(bool with_suffix);
  void load_float_line();
  void load_string_line();
  void load_counted_string(std::uint64_t size);
  void load_text(std::uint64_t size);
  void load_bytes(Kind kind, std::uint64_t size);
  std::uint64_t take_signed_size(const char* message);
  std::uint64_t take_index_line();

  // machine_objects.cpp
  void load_name(std::uint8_t code);
  void load_call(std::uint8_t code);
  void extend(std::size_t from, Role role);
  void load_setitems(std::size_t from);
  void load_build();
  void load_reduce();
  void load_newobj();
  void load_newobj_ex();
  void load_inst();
  void load_obj();
  void load_global();
  void load_stack_global();
  void load_extension(std::int64_t code);
  void load_persistent(bool as_line);
  void load_next_buffer();
  void load_readonly_buffer();
  void push_global(std::string_view module, std::string_view name);
  void expect_tuple(Value args);
  bool name_of(Value value, std::string_view& text);

  wire::Reader in_;
  const std::uint8_t* begin_;
  std::uint64_t start_;
  const std::uint8_t* opcode_;
  Literals literals_;
  const Renames& renames_;
  Limits limits_;
  std::uint64_t buffers_;
  std::uint64_t next_buffer_ = 0;
  bool deep_ = false;  // too_deep has been reported

  Array<Value> memory_;  // of the stack
  Value* stack_ = nullptr;
  Value* top_ = nullptr;
  Value* limit_ = nullptr;
  std::size_t fence_ = 0;  // what is below belongs to an outer mark
  Array<std::size_t> marks_;
  Memo memo_;
  Memory* borrowed_ = nullptr;
};

}  // namespace brinery::checker
