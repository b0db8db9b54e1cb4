#include "check/skim.hpp"

#include <algorithm>

#include "check/text.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace op = wire::op;

namespace {

// Of a value its kind is known, and how deep it is: one byte, and 24 bits above it.
using Word = Memory::Word;

constexpr int depth_shift = 8;
constexpr Word most_depth = (Word{1} << 24) - 1;
constexpr Word word_of(Kind kind) { return static_cast<Word>(kind); }
constexpr Word one_deep(Kind kind) { return word_of(kind) | Word{1} << depth_shift; }
constexpr Kind kind_of(Word word) { return static_cast<Kind>(word & 0xff); }
constexpr Word depth_of(Word word) { return word >> depth_shift; }

// What is the same wherever it is fetched to.
constexpr Kinds fixed_kinds = cheap_keys | kinds_of(Kind::big_integer, Kind::tuple, Kind::frozenset);

class Skimmer {
 public:
  Skimmer(const std::uint8_t* cursor, const std::uint8_t* end, const Limits& limits, Memory& memory)
      : in_{cursor, end}, limits_(limits), memory_(memory), marks_(memory.marks), memo_(memory.words) {
    marks_.clear_but(Memory::most_kept);
    memo_.clear_but(Memory::most_kept);
    deepest_ = static_cast<Word>(std::min<std::uint64_t>(limits.depth, most_depth - 1));
    grow();
  }

  // Whether it came to STOP.
  bool run();
  [[nodiscard]] const std::uint8_t* cursor() const { return in_.cursor; }
  [[nodiscard]] int protocol() const { return protocol_; }

 private:
  void grow() {
    Array<Word>& stack = memory_.word_stack;
    const auto used = static_cast<std::size_t>(top_ - stack_);
    stack.reserve(stack.capacity() + 1);
    stack_ = stack.begin();
    top_ = stack_ + used;
    limit_ = stack_ + stack.capacity();
  }
  [[nodiscard]] const Word* floor() const { return stack_ + fence_; }
  template <class Length>
  bool skip_counted(Kind kind);
  bool pop_mark(Word*& from);
  bool collect(Kind kind, Word* from, std::size_t key_step);
  bool extend(Kind kind, Word* from, std::size_t key_step);
  bool load(std::uint8_t code);

  wire::Reader in_;
  const Limits& limits_;
  Memory& memory_;
  Array<std::size_t>& marks_;
  Array<Word>& memo_;
  Word* stack_ = nullptr;
  Word* top_ = nullptr;
  Word* limit_ = nullptr;
  std::size_t fence_ = 0;
  std::uint64_t objects_ = 1;
  Word deepest_ = 0;
  int protocol_ = 0;
};

// The text, bytes or wide int at the reader, which is at the opcode.
template <class Length>
bool Skimmer::skip_counted(Kind kind) {
  if (in_.left() < 1 + sizeof(Length)) return false;
  const auto size = static_cast<std::uint64_t>(wire::load_little<Length>(in_.cursor + 1));
  const std::uint8_t* from = in_.cursor + 1 + sizeof(Length);
  if (static_cast<std::uint64_t>(in_.end - from) < size) return false;
  if (kind == Kind::text ? !is_utf8(from, size, true) : from == in_.end) return false;
  if (kind == Kind::integer && size > sizeof(std::int64_t)) kind = Kind::big_integer;
  in_.cursor = from + size;
  *top_++ = word_of(kind);
  return true;
}

bool Skimmer::pop_mark(Word*& from) {
  if (marks_.empty()) return false;
  from = stack_ + fence_;
  fence_ = marks_.back();
  marks_.pop_back();
  return true;
}

// Adds what is above `from` to what is beneath: the deepest value counts, and every key, which are all with 1 for
// `key_step`, every other with 2, none with 0.
bool Skimmer::extend(Kind kind, Word* from, std::size_t key_step) {
  if (from == stack_ || from - 1 < floor() || kind_of(from[-1]) != kind) return false;
  Word deep = 0;
  Kinds keys = 0;
  for (const Word* at = from; at != top_; ++at) deep = std::max(deep, depth_of(*at));
  if (key_step == 2 && (top_ - from) % 2 != 0) return false;
  for (const Word* at = from; key_step != 0 && at != top_; at += key_step) keys |= bit(kind_of(*at));
  if ((keys & ~cheap_keys) != 0 || deep >= deepest_) return false;
  objects_ += static_cast<std::uint64_t>(top_ - from);
  from[-1] = word_of(kind) | std::max(depth_of(from[-1]), deep + 1) << depth_shift;
  top_ = from;
  return true;
}

// A new container of what is above `from`.
bool Skimmer::collect(Kind kind, Word* from, std::size_t key_step) {
  if (top_ == limit_) {
    const auto at = from - stack_;
    grow();
    from = stack_ + at;
  }
  std::copy_backward(from, top_, top_ + 1);
  ++top_;
  *from = one_deep(kind);
  ++objects_;
  return extend(kind, from + 1, key_step);
}

// Anything that is not common; false where there is more to be known. The reader is at the opcode.
bool Skimmer::load(std::uint8_t code) {
  Word* from = nullptr;
  switch (code) {
    case op::BINUNICODE8: return skip_counted<std::uint64_t>(Kind::text);
    case op::SHORT_BINBYTES: return skip_counted<std::uint8_t>(Kind::bytes);
    case op::BINBYTES: return skip_counted<std::uint32_t>(Kind::bytes);
    case op::BINBYTES8: return skip_counted<std::uint64_t>(Kind::bytes);
    case op::BYTEARRAY8: return skip_counted<std::uint64_t>(Kind::bytearray);
    case op::LONG1: return skip_counted<std::uint8_t>(Kind::integer);
    case op::SHORT_BINUNICODE: return skip_counted<std::uint8_t>(Kind::text);
    case op::BINUNICODE: return skip_counted<std::uint32_t>(Kind::text);
    default: break;
  }
  ++in_.cursor;
  switch (code) {
    case op::LIST: return pop_mark(from) && collect(Kind::list, from, 0);
    case op::DICT: return pop_mark(from) && collect(Kind::dict, from, 2);
    case op::TUPLE: return pop_mark(from) && collect(Kind::tuple, from, 0);
    case op::FROZENSET: return pop_mark(from) && collect(Kind::frozenset, from, 1);
    case op::TUPLE1:
    case op::TUPLE2:
    case op::TUPLE3: {
      const std::ptrdiff_t size = code - op::TUPLE1 + 1;
      return top_ - floor() >= size && collect(Kind::tuple, top_ - size, 0);
    }
    case op::EMPTY_SET: *top_++ = one_deep(Kind::set); return true;
    case op::ADDITEMS: return pop_mark(from) && extend(Kind::set, from, 1);
    case op::APPEND: return top_ - floor() >= 2 && extend(Kind::list, top_ - 1, 0);
    case op::SETITEM: return top_ - floor() >= 3 && extend(Kind::dict, top_ - 2, 2);
    case op::PROTO:
      if (!in_.has(1)) return false;
      protocol_ = *in_.cursor++;
      return protocol_ <= wire::highest_protocol;
    case op::FRAME: return in_.has(8) && in_.take<std::uint64_t>() <= in_.left();
    default: return false;
  }
}

bool Skimmer::run() {
  for (;;) {
    const std::uint8_t* cursor = in_.cursor;
    const std::uint8_t* const end = in_.end;
    Word* top = top_;
    // Common opcodes, with the reader and the stack in registers.
    bool common = true;
    while (common && cursor != end && top != limit_) {
      const auto left = static_cast<std::size_t>(end - cursor);
      const auto scalar = [&](Kind kind, std::size_t size) {
        common = left >= size;
        if (!common) return;
        *top++ = word_of(kind);
        cursor += size;
      };
      switch (*cursor) {
        case op::NONE: scalar(Kind::none, 1); break;
        case op::NEWTRUE:
        case op::NEWFALSE: scalar(Kind::boolean, 1); break;
        case op::BININT1: scalar(Kind::integer, 2); break;
        case op::BININT2: scalar(Kind::integer, 3); break;
        case op::BININT: scalar(Kind::integer, 5); break;
        case op::BINFLOAT: scalar(Kind::number, 9); break;
        case op::SHORT_BINUNICODE: {
          common = left >= 2 && left - 2 >= cursor[1] && is_ascii(cursor + 2, cursor[1]);
          if (common) scalar(Kind::text, 2 + static_cast<std::size_t>(cursor[1]));
          break;
        }
        case op::BINUNICODE: {
          const std::size_t size = left >= 5 ? wire::load_little<std::uint32_t>(cursor + 1) : left;
          common = left >= 5 && left - 5 >= size && is_ascii(cursor + 5, size);
          if (common) scalar(Kind::text, 5 + size);
          break;
        }
        case op::MEMOIZE:
          common = top != floor();
          if (!common) break;
          memo_.push_back(top[-1]);
          ++cursor;
          break;
        case op::BINPUT:
          common = left >= 2 && top != floor() && cursor[1] == memo_.size();
          if (!common) break;
          memo_.push_back(top[-1]);
          cursor += 2;
          break;
        case op::LONG_BINPUT:
          common = left >= 5 && top != floor() && wire::load_little<std::uint32_t>(cursor + 1) == memo_.size();
          if (!common) break;
          memo_.push_back(top[-1]);
          cursor += 5;
          break;
        case op::BINGET:
        case op::LONG_BINGET: {
          const std::size_t size = *cursor == op::BINGET ? 2 : 5;
          common = left >= size;
          if (!common) break;
          const std::size_t index = size == 2 ? cursor[1] : wire::load_little<std::uint32_t>(cursor + 1);
          common = index < memo_.size() && (bit(kind_of(memo_[index])) & fixed_kinds) != 0;
          if (!common) break;
          *top++ = memo_[index];
          cursor += size;
          break;
        }
        case op::MARK:
          marks_.push_back(fence_);
          fence_ = static_cast<std::size_t>(top - stack_);
          ++cursor;
          break;
        case op::EMPTY_TUPLE: scalar(Kind::tuple, 1); break;
        case op::EMPTY_LIST:
          scalar(Kind::list, 1);
          ++objects_;
          break;
        case op::EMPTY_DICT:
          scalar(Kind::dict, 1);
          ++objects_;
          break;
        case op::APPENDS:
        case op::SETITEMS: {
          Word* from = nullptr;
          top_ = top;
          const bool list = *cursor == op::APPENDS;
          if (!pop_mark(from) || !extend(list ? Kind::list : Kind::dict, from, list ? 0 : 2)) return false;
          top = top_;
          ++cursor;
          break;
        }
        default: common = false; break;
      }
    }
    in_.cursor = cursor;
    top_ = top;
    if (in_.cursor == end || objects_ > limits_.objects || memo_.size() > limits_.memo) return false;
    if (top_ == limit_) {
      grow();
    } else if (*cursor == op::STOP) {
      ++in_.cursor;
      return top_ != floor();
    } else if (!load(*cursor)) {
      return false;
    }
  }
}

}  // namespace

Skimmed skim(const std::uint8_t* begin, const std::uint8_t* end, std::uint64_t offset, const Limits& limits,
             Memory& memory) {
  Skimmer skimmer(begin + offset, end, limits, memory);
  Skimmed skimmed;
  skimmed.plain = skimmer.run();
  skimmed.end = static_cast<std::uint64_t>(skimmer.cursor() - begin);
  skimmed.protocol = skimmer.protocol();
  memory.words.clear_but(Memory::most_kept);
  memory.word_stack.clear_but(Memory::most_kept);
  memory.marks.clear_but(Memory::most_kept);
  return skimmed;
}

}  // namespace brinery::checker
