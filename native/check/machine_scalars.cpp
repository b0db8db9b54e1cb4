// Numbers, text and bytes: their opcodes are read to the end, and what the decoder could not make of them is refused.
#include "check/machine.hpp"
#include "check/numeral.hpp"
#include "check/text.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace op = wire::op;

void Machine::load_scalar(std::uint8_t code) {
  switch (code) {
    case op::BININT:
    case op::BININT1:
    case op::BININT2:
    case op::BINFLOAT: fail("pickle data was truncated");  // whole ones are common
    case op::INT: load_int_line(false); break;
    case op::LONG: load_int_line(true); break;
    case op::LONG1: {
      const std::size_t size = take<std::uint8_t>();
      need(size);
      in_.cursor += size;
      push_scalar(size <= 8 ? Kind::integer : Kind::big_integer);
      break;
    }
    case op::LONG4: {
      const std::uint64_t size = take_signed_size("LONG pickle has negative byte count");
      need(size);
      in_.cursor += size;
      push_scalar(size <= 8 ? Kind::integer : Kind::big_integer);
      break;
    }
    case op::FLOAT: load_float_line(); break;
    case op::STRING: load_string_line(); break;
    case op::SHORT_BINSTRING: load_counted_string(take<std::uint8_t>()); break;
    case op::BINSTRING: load_counted_string(take_signed_size("BINSTRING pickle has negative byte count")); break;
    case op::UNICODE:
      if (!unescape_text(take_line(true), nullptr)) fail("broken escape in UNICODE");
      push_scalar(Kind::text);
      break;
    case op::SHORT_BINUNICODE: load_text(take<std::uint8_t>()); break;
    case op::BINUNICODE: load_text(take<std::uint32_t>()); break;
    case op::BINUNICODE8: load_text(take<std::uint64_t>()); break;
    case op::SHORT_BINBYTES: load_bytes(Kind::bytes, take<std::uint8_t>()); break;
    case op::BINBYTES: load_bytes(Kind::bytes, take<std::uint32_t>()); break;
    case op::BINBYTES8: load_bytes(Kind::bytes, take<std::uint64_t>()); break;
    case op::BYTEARRAY8: load_bytes(Kind::bytearray, take<std::uint64_t>()); break;
    default: load_name(code); break;
  }
}

std::uint64_t Machine::take_signed_size(const char* message) {
  const auto size = take<std::int32_t>();
  if (size < 0) fail(message);
  return static_cast<std::uint64_t>(size);
}

void Machine::load_int_line(bool with_suffix) {
  const std::string_view line = take_line();
  const ReadNumeral read = with_suffix ? read_long(line) : read_int(line);
  if (read.what == Numeral::broken) fail("could not convert string to int");
  push_scalar(read.what == Numeral::boolean   ? Kind::boolean
              : read.what == Numeral::integer ? Kind::integer
                                              : Kind::big_integer);
  if (read.digits > limits_.digits) report(Problem::many_digits, top_[-1]);
}

void Machine::load_float_line() {
  const Numeral what = read_float(take_line()).what;
  if (what == Numeral::broken) fail("could not convert string to float");
  if (what == Numeral::overflow) fail("value too large to convert to float");
  push_scalar(Kind::number);
}

void Machine::load_string_line() {
  const std::string_view line = take_line();
  if (line.size() < 2 || line.front() != line.back() || (line.front() != '"' && line.front() != '\'')) {
    fail("the STRING opcode argument must be quoted");
  }
  const Escapes escapes = unescape_bytes(line.substr(1, line.size() - 2), nullptr);
  if (escapes == Escapes::broken) fail("broken escape in STRING");
  push_scalar(Kind::text);
  if (escapes == Escapes::high) report(Problem::undecodable, top_[-1]);
}

void Machine::load_counted_string(std::uint64_t size) {
  need(size);
  const bool ascii = is_ascii(in_.cursor, size);
  in_.cursor += size;
  push_scalar(Kind::text);
  if (!ascii) report(Problem::undecodable, top_[-1]);
}

void Machine::load_text(std::uint64_t size) {
  need(size);
  if (!is_utf8(in_.cursor, size, true)) fail("text is not UTF-8");
  in_.cursor += size;
  push_scalar(Kind::text);
}

// Bytes are cut off when nothing at all follows their length, even one of 0: as in the decoder.
void Machine::load_bytes(Kind kind, std::uint64_t size) {
  need(1);
  need(size);
  in_.cursor += size;
  push_scalar(kind);
}

std::uint64_t Machine::take_index_line() {
  const ReadNumeral read = read_index(take_line());
  if (read.what != Numeral::integer || read.digits > limits_.digits) fail("memo index is no number");
  if (read.value < 0) fail("negative memo index");
  return static_cast<std::uint64_t>(read.value);
}

}  // namespace brinery::checker
