// check/ on its own, without an interpreter: numerals, escapes, the memo, patterns, hashes, and the machine on
// anything.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "check/hashes.hpp"
#include "check/judge.hpp"
#include "check/machine.hpp"
#include "check/numeral.hpp"
#include "check/pattern.hpp"
#include "check/skim.hpp"
#include "check/text.hpp"
#include "tests/check.hpp"
#include "wire/argument.hpp"
#include "wire/opcodes.hpp"

namespace brinery::checker {

namespace {

using namespace std::string_view_literals;

// Bytes in a block of exactly their size, so that a sanitizer sees any step past the end.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(text.begin(), text.end()) { bytes_.shrink_to_fit(); }
  [[nodiscard]] const std::uint8_t* begin() const { return bytes_.data(); }
  [[nodiscard]] const std::uint8_t* end() const { return bytes_.data() + bytes_.size(); }

 private:
  std::vector<std::uint8_t> bytes_;
};

bool is_text(std::string_view text, bool surrogates = true) {
  const Exact bytes(text);
  return is_utf8(bytes.begin(), text.size(), surrogates);
}

void ints_are_read_as_int_reads_them() {
  CHECK(read_int("01"sv).what == Numeral::boolean && read_int("01"sv).value == 1);
  CHECK(read_int("010"sv).value == 8);
  CHECK(read_int(" -12 "sv).value == -12);
  CHECK(read_int("9223372036854775808"sv).what == Numeral::big);
  CHECK(read_int("-9223372036854775808"sv).value == INT64_MIN);
  CHECK(read_int("12x"sv).what == Numeral::broken);
  CHECK(read_long("0x_fFL"sv).value == 255);
  CHECK(read_long("1_000"sv).value == 1000);
  CHECK(read_long("010"sv).what == Numeral::broken && read_long("00"sv).what == Numeral::integer);
  for (const std::string_view line : {"1__0"sv, "_1"sv, "1_"sv, "L"sv, ""sv, "- 1"sv, "0x"sv}) {
    if (!line.empty()) CHECK(read_long(line).what == Numeral::broken);
  }
  CHECK(read_long("123456789012345678901234567890L"sv).digits == 30);
  CHECK(read_index("007"sv).value == 7 && read_index("0x1"sv).what == Numeral::broken);
}

void floats_are_read_as_float_reads_them() {
  for (const std::string_view line :
       {"1"sv, "1."sv, ".5"sv, "-1.5e-3"sv, "inf"sv, "-Infinity"sv, "NaN"sv, "1e-400"sv}) {
    CHECK(read_float(line).what == Numeral::number);
  }
  for (const std::string_view line : {""sv, "."sv, "e5"sv, "1e"sv, " 1"sv, "1 "sv, "0x1p3"sv, "1_0"sv, "infinit"sv}) {
    CHECK(read_float(line).what == Numeral::broken);
  }
  for (const std::string_view line : {"1e400"sv, "-1e309"sv, "1000000e303"sv}) {
    CHECK(read_float(line).what == Numeral::overflow);
  }
  CHECK(read_float("-2.5"sv).number == -2.5);
}

void text_is_utf8() {
  CHECK(is_text("plain"sv) && is_text(""sv) &&
        is_text("\xc3\xa9 and \xf0\x9f\x98\x80 and more than that is behind it"sv));
  CHECK(is_text("\xed\xa0\x80"sv) && !is_text("\xed\xa0\x80"sv, false));
  for (const std::string_view text : {"\xff"sv, "\xc0\x80"sv, "\xe0\x80\x80"sv, "\xf0\x80\x80\x80"sv,
                                      "\xf4\x90\x80\x80"sv, "\xc3"sv, "a\xe2\x82"sv, "\x80"sv}) {
    CHECK(!is_text(text));
  }
}

void escapes_are_those_of_python_2() {
  std::string to;
  CHECK(unescape_bytes("a\\n\\x41\\101\\\\\\q\\'"sv, &to) == Escapes::ascii);
  CHECK(to == "a\nAA\\\\q'");
  CHECK(unescape_bytes("\\xff"sv, nullptr) == Escapes::high);
  CHECK(unescape_bytes("\\x4"sv, nullptr) == Escapes::broken);
  CHECK(unescape_bytes("\\"sv, nullptr) == Escapes::broken);
  to.clear();
  CHECK(unescape_text("\\u00e9\xe9\\n\\\\u0041\\U0001f600"sv, &to));
  CHECK(to == "\xc3\xa9\xc3\xa9\\n\\\\u0041\xf0\x9f\x98\x80");
  CHECK(!unescape_text("\\u12"sv, nullptr) && !unescape_text("\\U00110000"sv, nullptr));
}

void memo_keeps_what_is_put_anywhere() {
  Memo memo;
  const auto value = [](std::uint64_t payload) { return Value(Kind::integer, payload); };
  Value found{};
  for (std::uint64_t i = 0; i < 100; ++i) memo.append(value(i));
  memo.put(1'000'000'000'000, value(7));
  memo.put(5000, value(8));
  CHECK(memo.size() == 102);
  for (std::uint64_t i = 102; i < 5000; ++i) memo.append(value(i));
  CHECK(memo.get(5000, found) && found == value(8) && memo.get(4999, found) && found == value(4999));
  memo.append(value(10));  // MEMOIZE counts entries, and so comes by what PUT made
  CHECK(memo.size() == 5000 && memo.get(5000, found) && found == value(10));
  CHECK(memo.get(1'000'000'000'000, found) && found == value(7));
  CHECK(!memo.get(6500, found) && !memo.get(100, found));
  memo.put(5, value(9));
  CHECK(memo.get(5, found) && found == value(9));
}

void hashes_are_those_of_cpython() {
  CHECK(hash_integer(-1) == static_cast<std::uint64_t>(-2) && hash_integer((std::int64_t{1} << 61) - 1) == 0);
  CHECK(hash_float(1.5) == 1152921504606846977U);
  CHECK(hash_float(3.0) == 3 && hash_float(-1.0) == static_cast<std::uint64_t>(-2));
  CHECK(hash_wide_integer("\0\0\0\0\0\0\0\0\1"sv) == 8);  // 2**64
  CHECK(hash_wide_integer("\0\0\0\0\0\0\0\0\xff"sv) == static_cast<std::uint64_t>(-8));
  CHECK(hash_integer_text("18446744073709551616L"sv) == 8 &&
        hash_integer_text("-0x1_0"sv) == static_cast<std::uint64_t>(-16));
  std::uint64_t pair = fold_tuple_hash(fold_tuple_hash(tuple_hash_start, 1), 2);
  CHECK(end_tuple_hash(pair, 2) == static_cast<std::uint64_t>(-3550055125485641917));  // hash((1, 2))
}

bool reads(std::string_view source) {
  try {
    parse_pattern(source);
    return true;
  } catch (const PatternError&) {
    return false;
  }
}

void patterns_are_read_or_refused() {
  for (const std::string_view source :
       {"any"sv, "int[0..9]"sv, "int[..-1]"sv, "str<=5 | none"sv, "tuple[]"sv, "tuple[int, ...]"sv,
        "dict[str, list[any]]"sv, "<a.b:C.d>"sv, "=a:b|'x'"sv, "frozenset[key]"sv}) {
    CHECK(reads(source));
  }
  for (const std::string_view source :
       {""sv, "nothing"sv, "int["sv, "int[1]"sv, "list[]"sv, "list<=4"sv, "int[a..b]"sv, "'x"sv, "<a>"sv, "=a"sv,
        "any any"sv, "tuple[int, str, ...]"sv, "str |"sv, "bool[int]"sv}) {
    CHECK(!reads(source));
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list[";
  CHECK(!reads(deep));
}

std::vector<std::uint8_t> known_codes() {
  std::vector<std::uint8_t> codes;
  for (std::size_t code = 0; code < wire::opcodes.size(); ++code) {
    if (!wire::opcodes[code].name.empty()) codes.push_back(static_cast<std::uint8_t>(code));
  }
  return codes;
}

// A program of opcodes with arguments that are often whole.
std::string random_program(std::mt19937& random, const std::vector<std::uint8_t>& codes) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  std::string text;
  for (std::size_t left = below(40); left > 0; --left) {
    const std::uint8_t code = codes[below(codes.size())];
    text += static_cast<char>(code);
    switch (wire::opcodes[code].argument) {
      case wire::Argument::none: break;
      case wire::Argument::u1: text += static_cast<char>(below(4)); break;
      case wire::Argument::line: text += below(2) == 0 ? "1\n" : "'a'\n"; break;
      case wire::Argument::two_lines: text += "pkg\nThing\n"; break;
      case wire::Argument::counted1: text += "\x01z"sv; break;
      case wire::Argument::counted4:
      case wire::Argument::counted_i4: text += "\x01\0\0\0z"sv; break;
      default: text.append(below(9), '\0'); break;
    }
  }
  return text + (below(8) == 0 ? "" : ".");
}

void machine_stays_inside_of_anything() {
  std::mt19937 random(20240607);  // NOLINT(cert-msc51-cpp): the same cases every time
  const std::vector<std::uint8_t> codes = known_codes();
  const Renames renames;
  Rules rules;
  auto entry = std::make_shared<Entry>();
  entry->role = Entry::Role::made;
  entry->arguments.push_back(parse_arguments({"*key"}));
  entry->state = parse_pattern("state | list[plain]");
  entry->assigned_key = entry->assigned_value = parse_pattern("data | type");
  rules.add("pkg", "Thing", entry);
  Memory memory;
  std::size_t whole = 0, passed = 0, skimmed_plain = 0;
  for (int round = 0; round < 100'000; ++round) {
    const Exact bytes(random_program(random, codes));
    Machine machine(bytes.begin(), bytes.end(), renames, Limits(), 1, 0);
    machine.borrow(memory);
    machine.run();
    Judge judge(machine, rules);
    judge.run();
    const bool broken = machine.failure.message != nullptr;
    CHECK(!broken || !judge.findings.empty());
    whole += broken ? 0 : 1;
    passed += judge.findings.empty() ? 1 : 0;
    Memory own;
    const Skimmed skimmed = skim(bytes.begin(), bytes.end(), 0, Limits(), own);
    skimmed_plain += skimmed.plain ? 1 : 0;
    CHECK(!skimmed.plain || (judge.findings.empty() && skimmed.end == machine.end_offset()));
    for (const std::uint8_t* at = bytes.begin(); at < bytes.end(); ++at) {
      const std::size_t size = wire::opcode_size(at, bytes.end());
      CHECK(size <= static_cast<std::size_t>(bytes.end() - at));
    }
  }
  CHECK(whole > 1000 && passed > 1000 && skimmed_plain > 100);
}

}  // namespace

}  // namespace brinery::checker

int main() {
  using namespace brinery::checker;
  ints_are_read_as_int_reads_them();
  floats_are_read_as_float_reads_them();
  text_is_utf8();
  escapes_are_those_of_python_2();
  memo_keeps_what_is_put_anywhere();
  hashes_are_those_of_cpython();
  patterns_are_read_or_refused();
  machine_stays_inside_of_anything();
  return brinery::test::failures == 0 ? 0 : 1;
}
