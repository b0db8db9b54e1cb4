#include "check/pattern.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace brinery::checker {

namespace {

constexpr int deepest = 32;

constexpr std::array<std::pair<std::string_view, Shape>, 7> words{{{"any", Shape::any},
                                                                   {"plain", Shape::plain},
                                                                   {"data", Shape::data},
                                                                   {"type", Shape::type},
                                                                   {"key", Shape::key},
                                                                   {"state", Shape::state},
                                                                   {"complex", Shape::complex}}};

constexpr std::array<std::pair<std::string_view, Kinds>, 13> kind_words{
    {{"none", bit(Kind::none)},
     {"bool", bit(Kind::boolean)},
     {"int", kinds_of(Kind::integer, Kind::big_integer)},
     {"float", bit(Kind::number)},
     {"str", bit(Kind::text)},
     {"bytes", bit(Kind::bytes)},
     {"bytearray", bit(Kind::bytearray)},
     {"list", bit(Kind::list)},
     {"tuple", bit(Kind::tuple)},
     {"dict", bit(Kind::dict)},
     {"set", bit(Kind::set)},
     {"frozenset", bit(Kind::frozenset)},
     {"buffer", bit(Kind::buffer)}}};

constexpr bool is_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source), rest_(source) {}

  Pattern parse() {
    Pattern pattern = parse_either(0);
    skip_space();
    if (!rest_.empty()) fail("unexpected text at its end");
    return pattern;
  }

 private:
  [[noreturn]] void fail(const char* why) const {
    throw PatternError("pattern '" + std::string(source_) + "': " + why);
  }
  void skip_space() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) fail("a bracket or separator is missing");
  }
  std::string_view take_until(char last) {
    const std::size_t size = rest_.find(last);
    if (size == std::string_view::npos) fail("it breaks off");
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return text;
  }
  std::string_view take_word() {
    skip_space();
    std::size_t size = 0;
    while (size < rest_.size() && is_letter(rest_[size])) ++size;
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return word;
  }
  std::optional<std::int64_t> take_number() {
    skip_space();
    std::int64_t number = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (read.ec != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return number;
  }

  // `depth` bounds it.
  // NOLINTBEGIN(misc-no-recursion)
  Pattern parse_either(int depth) {
    if (depth > deepest) fail("it is nested too deeply");
    Pattern first = parse_one(depth);
    if (!take("|")) return first;
    Pattern either{.shape = Shape::either};
    either.children.push_back(std::make_shared<const Pattern>(std::move(first)));
    do {
      either.children.push_back(std::make_shared<const Pattern>(parse_one(depth)));
    } while (take("|"));
    return either;
  }

  Pattern parse_one(int depth) {
    if (take("'")) return {.shape = Shape::literal, .text = std::string(take_until('\''))};
    if (take("<")) return parse_global(Shape::global, take_until('>'));
    if (take("=")) {
      skip_space();
      const std::size_t size = std::min(rest_.find_first_of(" |,]"), rest_.size());
      const std::string_view text = rest_.substr(0, size);
      rest_.remove_prefix(size);
      return parse_global(Shape::made, text);
    }
    const std::string_view word = take_word();
    for (const auto& [name, shape] : words) {
      if (word == name) return {.shape = shape};
    }
    for (const auto& [name, kinds] : kind_words) {
      if (word == name) return parse_kind(word, kinds, depth);
    }
    fail("there is no such word");
  }

  [[nodiscard]] Pattern parse_global(Shape shape, std::string_view text) const {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) fail("a global is written module:name");
    return {.shape = shape, .text = std::string(text.substr(0, colon)), .name = std::string(text.substr(colon + 1))};
  }

  Pattern parse_kind(std::string_view word, Kinds kinds, int depth) {
    if (take("<=")) {
      const auto size = take_number();
      if (!size || (word != "str" && word != "bytes" && word != "bytearray")) fail("it has no such size");
      return {.shape = Shape::size, .kinds = kinds, .high = *size};
    }
    if (!take("[")) return {.shape = Shape::kinds, .kinds = kinds};
    if (word == "int") return parse_range(kinds);
    if (word == "tuple") return parse_tuple(depth);
    const bool pairs = word == "dict";
    if ((container_kinds & kinds) == 0) fail("it holds nothing");
    Pattern pattern{.shape = pairs ? Shape::dict : Shape::each, .kinds = kinds};
    pattern.children.push_back(std::make_shared<const Pattern>(parse_either(depth + 1)));
    if (pairs) {
      expect(",");
      pattern.children.push_back(std::make_shared<const Pattern>(parse_either(depth + 1)));
    }
    expect("]");
    return pattern;
  }

  Pattern parse_range(Kinds kinds) {
    Pattern range{.shape = Shape::range, .kinds = kinds};
    range.low = take_number().value_or(INT64_MIN);
    expect("..");
    range.high = take_number().value_or(INT64_MAX);
    expect("]");
    return range;
  }

  Pattern parse_tuple(int depth) {
    Pattern pattern{.shape = Shape::exact_tuple, .kinds = bit(Kind::tuple)};
    if (take("]")) return pattern;
    do {
      if (take("...")) {
        if (pattern.children.size() != 1) fail("... follows one pattern");
        pattern.shape = Shape::each;
        break;
      }
      pattern.children.push_back(std::make_shared<const Pattern>(parse_either(depth + 1)));
    } while (take(","));
    expect("]");
    return pattern;
  }

  // NOLINTEND(misc-no-recursion)

  std::string_view source_, rest_;
};

}  // namespace

Pattern parse_pattern(std::string_view source) { return Parser(source).parse(); }

Arguments parse_arguments(const std::vector<std::string>& sources) {
  Arguments arguments;
  bool optional = false;
  for (std::string_view source : sources) {
    if (arguments.any_more) throw PatternError("arguments: nothing can follow '*'");
    if (source.starts_with("*")) {
      arguments.any_more = true;
      source.remove_prefix(1);
    } else if (source.ends_with("?")) {
      optional = true;
      source.remove_suffix(1);
    } else if (optional) {
      throw PatternError("arguments: what follows an optional one has to be optional");
    } else {
      ++arguments.required;
    }
    arguments.patterns.push_back(parse_pattern(source));
  }
  return arguments;
}

}  // namespace brinery::checker
