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

bool skip_fixed(Reader& in, std::size_t size) {
  if (!in.has(size)) return false;
  in.cursor += size;
  return true;
}

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

void mark_fetched(Scan& scan, std::size_t index) {
  if (index >= scan.fetch_end) {
    scan.fetch_end = index + 1;
    if (index / 64 >= scan.fetched.size()) scan.fetched.resize(index / 32 + 1);
  }
  scan.fetched[index / 64] |= std::uint64_t{1} << (index % 64);
}

template <class Index>
bool take_put(Reader& in, std::size_t& memo_size) {
  if (!in.has(1 + sizeof(Index))) return false;
  ++in.cursor;
  return in.take<Index>() == memo_size++;
}

template <class Index>
bool take_get(Reader& in, std::size_t memo_size, Scan& found) {
  if (!in.has(1 + sizeof(Index))) return false;
  ++in.cursor;
  const std::size_t index = in.take<Index>();
  if (index >= memo_size) return false;
  mark_fetched(found, index);
  return true;
}

}  // namespace

bool worth_scanning(const std::uint8_t* begin, const std::uint8_t* end) {
  constexpr std::size_t sample_size = 2048;
  constexpr std::size_t dict_weight = 8;  // a dict that need not be made saves more than an entry that need not be kept
  Reader in{begin, end};
  if (in.left() > sample_size) in.end = begin + sample_size;
  std::size_t opcodes_seen = 0;
  std::size_t gain = 0;
  bool after_dict = false;
  for (; in.has(1); ++opcodes_seen) {
    const std::uint8_t code = *in.cursor;
    const std::uint8_t step = steps[code];
    bool good = true;
    if (step == step_memoize || step == step_put1 || step == step_put4) {
      gain += after_dict ? dict_weight : 1;
      good = skip_fixed(in, step == step_memoize ? 1 : step == step_put1 ? 2 : 5);
    } else if (step <= longest_fixed) {
      good = skip_fixed(in, step);
    } else if (step == step_counted1) {
      good = skip_counted<std::uint8_t>(in);
    } else if (step == step_counted4) {
      good = skip_counted<std::uint32_t>(in);
    } else if (step == step_get1 || step == step_get4) {
      good = skip_fixed(in, step == step_get1 ? 2 : 5);
    } else if (step == step_two_lines) {
      good = skip_lines(in, 2);
    } else {
      good = false;
    }
    if (!good) break;
    after_dict = code == op::EMPTY_DICT;
  }
  return gain * 4 >= opcodes_seen;
}

Scan scan(const std::uint8_t* begin, const std::uint8_t* end) {
  Scan found;
  std::size_t memo_size = 0;
  for (Reader in{begin, end}; in.has(1);) {
    const std::uint8_t step = steps[*in.cursor];
    bool good = true;
    switch (step) {
      default: good = skip_fixed(in, step); break;
      case step_memoize:
        ++in.cursor;
        ++memo_size;
        break;
      case step_counted1: good = skip_counted<std::uint8_t>(in); break;
      case step_get1: good = take_get<std::uint8_t>(in, memo_size, found); break;
      case step_get4: good = take_get<std::uint32_t>(in, memo_size, found); break;
      case step_put1: good = take_put<std::uint8_t>(in, memo_size); break;
      case step_put4: good = take_put<std::uint32_t>(in, memo_size); break;
      case step_counted4: good = skip_counted<std::uint32_t>(in); break;
      case step_counted8: good = skip_counted<std::uint64_t>(in); break;
      case step_line: good = skip_lines(in, 1); break;
      case step_two_lines: good = skip_lines(in, 2); break;
      case step_give_up: good = false; break;
      case step_stop:
        found.memo_size = memo_size;
        found.regular = true;
        return found;
    }
    if (!good) return {};
  }
  return {};
}

}  // namespace brinery::wire
