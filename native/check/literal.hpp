// Scalars read again from where their opcodes are in the stream, which the machine has found whole and well-formed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "check/value.hpp"
#include "wire/argument.hpp"

namespace brinery::checker {

class Literals {
 public:
  Literals(const std::uint8_t* begin, const std::uint8_t* end) : begin_(begin), end_(end) {}

  [[nodiscard]] const std::uint8_t* begin() const { return begin_; }
  [[nodiscard]] const std::uint8_t* end() const { return end_; }
  [[nodiscard]] const std::uint8_t* at(Value value) const { return begin_ + value.payload(); }
  [[nodiscard]] std::string_view argument(Value value) const { return wire::argument_of(at(value), end_); }
  // Whether there is such a scalar at that place: what the functions below require.
  [[nodiscard]] bool is_there(Value value) const;
  // Kind::text as UTF-8, in which surrogates are taken for characters: in the stream, or in `scratch`.
  std::string_view text(Value value, std::string& scratch) const;
  // Kind::bytes and Kind::bytearray.
  [[nodiscard]] std::string_view bytes(Value value) const { return argument(value); }
  // Kind::boolean and Kind::integer.
  [[nodiscard]] std::int64_t integer(Value value) const;
  // Kind::number.
  [[nodiscard]] double number(Value value) const;

 private:
  const std::uint8_t* begin_;
  const std::uint8_t* end_;
};

}  // namespace brinery::checker
