// Hashes of numbers and tuples as CPython computes them (Python/pyhash.c, Objects/tupleobject.c).
#pragma once

#include <cstdint>
#include <string_view>

namespace brinery::checker {

std::uint64_t hash_integer(std::int64_t value);
std::uint64_t hash_float(double value);
// Of an int in little-endian two's complement, as LONG1 and LONG4 have it.
std::uint64_t hash_wide_integer(std::string_view bytes);
// Of an int as text, as INT and LONG have it.
std::uint64_t hash_integer_text(std::string_view text);
// Any that is equal for equal text: CPython's own has a secret in it. Of long text, only the ends are looked at.
std::uint64_t hash_text(std::string_view text);

// A tuple's: start, one fold for each item, then the end.
inline constexpr std::uint64_t tuple_hash_start = 2870177450012600261U;
std::uint64_t fold_tuple_hash(std::uint64_t hash, std::uint64_t item);
std::uint64_t end_tuple_hash(std::uint64_t hash, std::uint64_t size);
// A frozenset's in the same way, from 0 on.
std::uint64_t fold_set_hash(std::uint64_t hash, std::uint64_t item);

}  // namespace brinery::checker
