#include "objects/tree_nodes.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace brinery {

namespace {

constexpr std::int64_t no_child = -1;

// One number of each item of an array, wherever its bytes lie.
class Column {
 public:
  explicit Column(PyObject* array) {
    if (PyObject_GetBuffer(array, &view_, PyBUF_STRIDES | PyBUF_FORMAT) < 0) throw_python_error();
    if (view_.ndim != 1 || !has_known_items()) {
      PyBuffer_Release(&view_);
      raise(PyExc_TypeError, "a tree's nodes must have one array of whole numbers for each of their fields");
    }
  }
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  ~Column() { PyBuffer_Release(&view_); }

  [[nodiscard]] Py_ssize_t size() const { return view_.shape[0]; }
  // The item at an index below size(); what is too large for the result is told apart from every index there is.
  [[nodiscard]] std::int64_t operator[](Py_ssize_t index) const {
    const char* at = static_cast<const char*>(view_.buf) + index * view_.strides[0];
    switch (view_.itemsize) {
      case 1: return is_signed_ ? read<std::int8_t>(at) : read<std::uint8_t>(at);
      case 2: return is_signed_ ? read<std::int16_t>(at) : read<std::uint16_t>(at);
      case 4: return is_signed_ ? read<std::int32_t>(at) : std::int64_t{read<std::uint32_t>(at)};
      default: return read<std::int64_t>(at);  // unsigned ones from 2**63 on are negative, and no index
    }
  }

 private:
  template <class Number>
  static Number read(const char* at) {
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
  }

  bool has_known_items() {
    const char* format = view_.format;
    if (*format == '@' || *format == '=') ++format;
    is_signed_ = std::strchr("bhilq", *format) != nullptr;
    const bool known = *format != '\0' && (is_signed_ || std::strchr("?BHILQ", *format) != nullptr);
    return known && format[1] == '\0' && view_.itemsize <= 8;
  }

  Py_buffer view_{};
  bool is_signed_ = false;
};

}  // namespace

TreeShape shape_of_tree(PyObject* left, PyObject* right, PyObject* feature, PyObject* leaf, Py_ssize_t features) {
  const Column lefts(left), rights(right), asked(feature), flags(leaf == Py_None ? left : leaf);
  const Py_ssize_t count = lefts.size();
  if (rights.size() != count || asked.size() != count || flags.size() != count) {
    raise(PyExc_TypeError, "the arrays of a tree's nodes must be of one length");
  }
  std::vector<std::int32_t> depths(static_cast<std::size_t>(count), 0);
  TreeShape shape;
  for (Py_ssize_t node = 0; node < count; ++node) {
    const bool is_leaf = leaf == Py_None ? lefts[node] == no_child : flags[node] != 0;
    if (is_leaf) continue;
    const std::int32_t depth = depths[static_cast<std::size_t>(node)] + 1;
    for (const std::int64_t child : {lefts[node], rights[node]}) {
      if (child <= node || child >= count) return {TreeShape::Fault::children, 0};
      std::int32_t& known = depths[static_cast<std::size_t>(child)];
      known = std::max(known, depth);
    }
    if (asked[node] < 0 || asked[node] >= features) return {TreeShape::Fault::feature, 0};
    shape.height = std::max(shape.height, static_cast<Py_ssize_t>(depth));
  }
  return shape;
}

}  // namespace brinery
