#include "wire/scan.hpp"

#include <array>

#include "wire/opcodes.hpp"
#include "wire/reader.hpp"

namespace brinery::wire {

namespace {

// What to do about an opcode: the bytes it takes with its argument, or one of these.
enum Step : std::uint8_t {
  longest_fixed = 9,
  step_stop,
  step_memoize,
  step_put1,
  step_put4,
  step_get1,
  step_get4,
  step_counted1,
  step_counted4,
  step_counted8,
  step_line,
  step_two_lines,
  step_give_up,  // no opcode; or of protocol 0, where text numbers the memo: not worth the trouble
};

constexpr std::uint8_t step_of(std::uint8_t code) {
  switch (code) {
    case op::STOP: return step_stop;
    case op::MEMOIZE: return step_memoize;
    case op::BINPUT: return step_put1;
    case op::LONG_BINPUT: return step_put4;
    case op::BINGET: return step_get1;
    case op::LONG_BINGET: return step_get4;
    case op::PUT:
    case op::GET: return step_give_up;
    default: break;
  }
  if (opcodes[code].name.empty()) return step_give_up;
  switch (opcodes[code].argument) {
    case Argument::none: return 1;
    case Argument::u1: return 2;
    case Argument::u2: return 3;
    case Argument::i4:
    case Argument::u4: return 5;
    case Argument::u8:
    case Argument::f8: return longest_fixed;
    case Argument::line: return step_line;
    case Argument::two_lines: return step_two_lines;
    case Argument::counted1: return step_counted1;
    case Argument::counted4:
    case Argument::counted_i4: return step_counted4;
    case Argument::counted8: return step_counted8;
  }
  return step_give_up;
}

constexpr std::array<std::uint8_t, 256> steps = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t code = 0; code < table.size(); ++code) table[code] = step_of(static_cast<std::uint8_t>(code));
  return table;
}();

template <class Length>
bool skip_counted(Reader& in) {
  if (!in.has(1 + sizeof(Length))) return false;
  ++in.cursor;
  const auto size = in.take<Length>();
  if (size > in.left()) return false;
  in.cursor += size;
  return true;
}

bool skip_lines(Reader& in, int lines) {
  ++in.cursor;
  for (; lines > 0; --lines) {
    const std::uint8_t* next = in.line_end();
    if (next == nullptr) return false;
    in.cursor = next;
  }
  return true;
}

class Scanner {
 public:
  Scanner(const std::uint8_t* begin, const std::uint8_t* end) : in_{begin, end} {}

  Scan run() {
    while (in_.has(1)) {
      const std::uint8_t step = steps[*in_.cursor];
      if (step <= longest_fixed) {
        if (!in_.has(step)) return {};
        in_.cursor += step;
      } else if (step == step_memoize) {
        ++in_.cursor;
        ++found_.memo_size;
      } else if (step == step_stop) {
        found_.fetched.resize(found_.memo_size / 64 + 1);
        found_.regular = true;
        return std::move(found_);
      } else if (!take(step)) {
        return {};
      }
    }
    return {};
  }

 private:
  bool take(std::uint8_t step) {
    switch (step) {
      case step_put1: return put<std::uint8_t>();
      case step_put4: return put<std::uint32_t>();
      case step_get1: return get<std::uint8_t>();
      case step_get4: return get<std::uint32_t>();
      case step_counted1: return skip_counted<std::uint8_t>(in_);
      case step_counted4: return skip_counted<std::uint32_t>(in_);
      case step_counted8: return skip_counted<std::uint64_t>(in_);
      case step_line: return skip_lines(in_, 1);
      case step_two_lines: return skip_lines(in_, 2);
      default: return false;
    }
  }
  template <class Index>
  bool put() {
    if (!in_.has(1 + sizeof(Index))) return false;
    ++in_.cursor;
    return in_.take<Index>() == found_.memo_size++;
  }
  template <class Index>
  bool get() {
    if (!in_.has(1 + sizeof(Index))) return false;
    ++in_.cursor;
    const std::size_t index = in_.take<Index>();
    if (index >= found_.memo_size) return false;
    if (index / 64 >= found_.fetched.size()) found_.fetched.resize(found_.memo_size / 64 + 1);
    found_.fetched[index / 64] |= std::uint64_t{1} << (index % 64);
    return true;
  }

  Reader in_;
  Scan found_;
};

}  // namespace

Scan scan(const std::uint8_t* begin, const std::uint8_t* end) { return Scanner(begin, end).run(); }

}  // namespace brinery::wire
