#include "wire/scan.hpp"

#include "wire/opcodes.hpp"
#include "wire/reader.hpp"

namespace brinery::wire {

namespace {

// Skips an argument; false where it runs past the end.
bool skip_argument(Reader& in, Argument argument) {
  std::uint64_t size = 0;
  switch (argument) {
    case Argument::none: return true;
    case Argument::u1: size = 1; break;
    case Argument::u2: size = 2; break;
    case Argument::i4:
    case Argument::u4: size = 4; break;
    case Argument::u8:
    case Argument::f8: size = 8; break;
    case Argument::two_lines:
    case Argument::line:
      for (int lines = argument == Argument::line ? 1 : 2; lines > 0; --lines) {
        const std::uint8_t* next = in.line_end();
        if (next == nullptr) return false;
        in.cursor = next;
      }
      return true;
    case Argument::counted1:
      if (!in.has(1)) return false;
      size = in.take<std::uint8_t>();
      break;
    case Argument::counted4:
    case Argument::counted_i4:
      if (!in.has(4)) return false;
      size = in.take<std::uint32_t>();
      break;
    case Argument::counted8:
      if (!in.has(8)) return false;
      size = in.take<std::uint64_t>();
      break;
  }
  if (size > in.left()) return false;
  in.cursor += size;
  return true;
}

}  // namespace

Scan scan(const std::uint8_t* begin, const std::uint8_t* end) {
  Scan found;
  Reader in{begin, end};
  const auto fetch = [&](std::size_t index) {
    if (index >= found.memo_size) return false;
    if (found.fetched.size() <= index) found.fetched.resize(found.memo_size);
    found.fetched[index] = true;
    return true;
  };
  while (in.has(1)) {
    const auto code = in.take<std::uint8_t>();
    bool good = true;
    switch (code) {
      case op::STOP:
        found.fetched.resize(found.memo_size);
        found.regular = true;
        return found;
      case op::MEMOIZE: ++found.memo_size; break;
      case op::BINPUT: good = in.has(1) && in.take<std::uint8_t>() == found.memo_size++; break;
      case op::LONG_BINPUT: good = in.has(4) && in.take<std::uint32_t>() == found.memo_size++; break;
      case op::BINGET: good = in.has(1) && fetch(in.take<std::uint8_t>()); break;
      case op::LONG_BINGET: good = in.has(4) && fetch(in.take<std::uint32_t>()); break;
      case op::PUT:
      case op::GET: good = false; break;  // protocol 0: not worth the trouble
      default: {
        const Opcode& opcode = opcodes[code];
        good = !opcode.name.empty() && skip_argument(in, opcode.argument);
      }
    }
    if (!good) return {};
  }
  return {};
}

}  // namespace brinery::wire
