#include "check/literal.hpp"

#include "check/numeral.hpp"
#include "check/text.hpp"
#include "wire/argument.hpp"
#include "wire/opcodes.hpp"
#include "wire/reader.hpp"

namespace brinery::checker {

namespace op = wire::op;

namespace {

// What an opcode can be the place of.
Kinds kinds_from(std::uint8_t code) {
  switch (code) {
    case op::NONE: return bit(Kind::none);
    case op::NEWTRUE:
    case op::NEWFALSE: return bit(Kind::boolean);
    case op::INT: return kinds_of(Kind::boolean, Kind::integer, Kind::big_integer);
    case op::BININT:
    case op::BININT1:
    case op::BININT2: return bit(Kind::integer);
    case op::LONG:
    case op::LONG1:
    case op::LONG4: return kinds_of(Kind::integer, Kind::big_integer);
    case op::FLOAT:
    case op::BINFLOAT: return bit(Kind::number);
    case op::STRING:
    case op::BINSTRING:
    case op::SHORT_BINSTRING:
    case op::UNICODE:
    case op::BINUNICODE:
    case op::SHORT_BINUNICODE:
    case op::BINUNICODE8: return bit(Kind::text);
    case op::BINBYTES:
    case op::SHORT_BINBYTES:
    case op::BINBYTES8: return bit(Kind::bytes);
    case op::BYTEARRAY8: return bit(Kind::bytearray);
    default: return 0;
  }
}

std::int64_t little_integer(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  }
  const bool negative = !bytes.empty() && (static_cast<std::uint8_t>(bytes.back()) & 0x80) != 0;
  if (negative && bytes.size() < 8) value |= ~std::uint64_t{0} << (8 * bytes.size());
  return static_cast<std::int64_t>(value);
}

}  // namespace

bool Literals::is_there(Value value) const {
  if (value.payload() >= static_cast<std::uint64_t>(end_ - begin_)) return false;
  const std::uint8_t* opcode = at(value);
  if ((kinds_from(*opcode) & bit(value.kind())) == 0 || wire::opcode_size(opcode, end_) == 0) return false;
  const bool is_wide = (*opcode == op::LONG1 || *opcode == op::LONG4) && argument(value).size() > sizeof(std::int64_t);
  if (is_wide && value.is(Kind::integer)) return false;
  if (wire::opcodes[*opcode].argument != wire::Argument::line) return true;
  return argument(value).size() >= (*opcode == op::STRING ? 2 : *opcode == op::UNICODE ? 0 : 1);
}

std::string_view Literals::text(Value value, std::string& scratch) const {
  const std::uint8_t* opcode = at(value);
  const std::string_view argument = this->argument(value);
  if (*opcode != op::STRING && *opcode != op::UNICODE) return argument;
  scratch.clear();
  if (*opcode == op::UNICODE) {
    unescape_text(argument, &scratch);
  } else {
    unescape_bytes(argument.substr(1, argument.size() - 2), &scratch);
  }
  return scratch;
}

std::int64_t Literals::integer(Value value) const {
  const std::uint8_t* opcode = at(value);
  switch (*opcode) {
    case op::NEWTRUE: return 1;
    case op::NEWFALSE: return 0;
    case op::BININT: return wire::load_little<std::int32_t>(opcode + 1);
    case op::BININT1: return opcode[1];
    case op::BININT2: return wire::load_little<std::uint16_t>(opcode + 1);
    case op::INT: return read_int(argument(value)).value;
    case op::LONG: return read_long(argument(value)).value;
    default: return little_integer(argument(value));
  }
}

double Literals::number(Value value) const {
  const std::uint8_t* opcode = at(value);
  return *opcode == op::BINFLOAT ? wire::load_big_double(opcode + 1) : read_float(argument(value)).number;
}

}  // namespace brinery::checker
