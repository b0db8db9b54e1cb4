// wire/ on its own, without an interpreter: numbers, the reader's bounds, the opcode table, the scan.
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/check.hpp"
#include "wire/opcodes.hpp"
#include "wire/reader.hpp"
#include "wire/scan.hpp"
#include "wire/writer.hpp"

namespace brinery::wire {

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

Scan scan_text(std::string_view text) {
  const Exact bytes(text);
  return scan(bytes.begin(), bytes.end());
}

bool worth_scanning_text(std::string_view text) {
  const Exact bytes(text);
  return worth_scanning(bytes.begin(), bytes.end());
}

void numbers_survive_writing_and_reading() {
  std::uint8_t bytes[8];
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0123456789abcdef}, ~std::uint64_t{0}}) {
    store_little(bytes, value);
    CHECK(load_little<std::uint64_t>(bytes) == value);
    CHECK(bytes[0] == (value & 0xff));
    store_little(bytes, static_cast<std::uint16_t>(value));
    CHECK(load_little<std::uint16_t>(bytes) == static_cast<std::uint16_t>(value));
  }
  for (const double value : {0.0, 1.5, -2.25, 1e300, 5e-324}) {
    store_big_double(bytes, value);
    CHECK(load_big_double(bytes) == value);
  }
  store_big_double(bytes, 1.0);
  CHECK(bytes[0] == 0x3f && bytes[1] == 0xf0 && bytes[7] == 0);
}

void reader_knows_what_is_left() {
  const Exact bytes("ab\ncd"sv);
  Reader in{bytes.begin(), bytes.end()};
  CHECK(in.left() == 5 && in.has(5) && !in.has(6));
  CHECK(in.line_end() == bytes.begin() + 3);
  in.cursor += 3;
  CHECK(in.line_end() == nullptr);
  CHECK(in.take<std::uint8_t>() == 'c');
  CHECK(in.take<std::uint8_t>() == 'd');
  CHECK(!in.has(1) && in.has(0) && in.line_end() == nullptr);
}

void opcodes_are_found_by_their_byte() {
  CHECK(opcodes[op::MARK].name == "MARK" && op::MARK == '(');
  CHECK(opcodes[op::FRAME].argument == Argument::u8 && opcodes[op::FRAME].protocol == 4);
  CHECK(opcodes[0].name.empty() && opcodes[0xff].name.empty());
  int known = 0;
  for (const Opcode& opcode : opcodes) known += opcode.name.empty() ? 0 : 1;
  CHECK(known == 68);  // as many as pickletools lists
}

void scan_finds_what_is_fetched() {
  const Scan found = scan_text(
      "\x80\x04]\x94\x8c\x01"
      "a\x94\x8c\x01"
      "b\x94h\x01"
      "e."sv);
  CHECK(found.regular && found.memo_size == 3);
  CHECK(!found.is_fetched(0) && found.is_fetched(1) && !found.is_fetched(2) && !found.is_fetched(3));
}

void scan_takes_either_way_to_number_entries() {
  CHECK(scan_text("]q\x00]r\x01\x00\x00\x00]\x94h\x02."sv).is_fetched(2));
  CHECK(!scan_text("]q\x01."sv).regular);       // leaves a gap
  CHECK(!scan_text("]\x94]q\x00."sv).regular);  // says a number twice
  CHECK(!scan_text("]p0\n."sv).regular);        // protocol 0
  CHECK(!scan_text("h\x00]\x94."sv).regular);   // fetches what is not there yet
  CHECK(!scan_text("]\x94j\x01\x00\x00\x00."sv).regular);
}

void scan_skips_arguments() {
  CHECK(scan_text("\x8c\x02h\x00X\x01\x00\x00\x00hG........]\x94."sv).memo_size == 1);
  CHECK(scan_text("cbuiltins\nlist\n\x94."sv).memo_size == 1);
  CHECK(scan_text("\x95\x02\x00\x00\x00\x00\x00\x00\x00N."sv).regular);
}

void scan_gives_up_on_damage() {
  for (const std::string_view text :
       {""sv, "N"sv,
        "\x8c\x05"
        "abcd"sv,
        "X\xff\xff\xff\xff."sv, "\x8d\xff\xff\xff\xff\xff\xff\xff\xff."sv, "G..."sv, "h"sv, "q"sv, "j\x00\x00"sv,
        "cos\nsystem"sv, "\xff."sv, "\x00."sv, "B\xff\xff\xff\x7f."sv}) {
    CHECK(!scan_text(text).regular);
  }
}

void scan_and_sample_stay_inside_of_anything() {
  std::mt19937 random(20240607);  // NOLINT(cert-msc51-cpp): the same cases every time
  std::uniform_int_distribution<int> length(0, 40);
  std::vector<std::uint8_t> codes;
  for (int code = 0; code < 256; ++code) {
    if (!opcodes[static_cast<std::size_t>(code)].name.empty()) codes.push_back(static_cast<std::uint8_t>(code));
  }
  std::uniform_int_distribution<std::size_t> pick(0, codes.size() - 1);
  std::size_t regular = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int left = length(random); left > 0; --left) {
      text += static_cast<char>(left % 3 == 0 ? random() & 7 : codes[pick(random)]);
    }
    worth_scanning_text(text);
    const Scan found = scan_text(text);
    regular += found.regular ? 1 : 0;
    CHECK(!found.regular || found.fetch_end <= found.memo_size);
  }
  CHECK(regular > 0);
}

void sample_tells_objects_from_numbers() {
  std::string numbers = "\x80\x04]\x94(";
  std::string objects = numbers;
  for (int i = 0; i < 300; ++i) {
    numbers += "K\x01"sv;
    objects += "}\x94(h\x00K\x01ub"sv;
  }
  CHECK(!worth_scanning_text(numbers + "e."));
  CHECK(worth_scanning_text(objects + "e."));
}

}  // namespace

}  // namespace brinery::wire

int main() {
  using namespace brinery::wire;
  numbers_survive_writing_and_reading();
  reader_knows_what_is_left();
  opcodes_are_found_by_their_byte();
  scan_finds_what_is_fetched();
  scan_takes_either_way_to_number_entries();
  scan_skips_arguments();
  scan_gives_up_on_damage();
  scan_and_sample_stay_inside_of_anything();
  sample_tells_objects_from_numbers();
  return brinery::test::failures == 0 ? 0 : 1;
}
