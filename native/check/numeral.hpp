// Numbers as text, as the decoder's INT, LONG, FLOAT, GET and PUT read them. Knows nothing of Python.
#pragma once

#include <cstdint>
#include <string_view>

namespace brinery::checker {

enum class Numeral : std::uint8_t {
  integer,  // of up to 64 bits
  big,      // wider, or of so many digits that nobody looked
  boolean,
  number,
  broken,
  overflow,  // a float that is too large
};

struct ReadNumeral {
  Numeral what = Numeral::broken;
  std::int64_t value = 0;  // of an integer or boolean
  double number = 0;       // of a float
  std::size_t digits = 0;  // of a decimal integer, whose conversion may cost their square
};

// The line of an INT: "01" and "00" are booleans.
ReadNumeral read_int(std::string_view line);
// The line of a LONG, perhaps with an L behind it.
ReadNumeral read_long(std::string_view line);
// The line of a GET or PUT.
ReadNumeral read_index(std::string_view line);
// The line of a FLOAT.
ReadNumeral read_float(std::string_view line);

}  // namespace brinery::checker
