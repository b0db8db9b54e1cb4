// What the bindings of the checker share.
#pragma once

#include "check/machine.hpp"
#include "check/rules.hpp"
#include "module/bytes_view.hpp"
#include "objects/state.hpp"

namespace brinery {

// _compat_pickle's tables, read once for each interpreter.
const checker::Renames& renames_of(State& state);

// Limits from a mapping of their names to ints, or None; raises TypeError and ValueError.
checker::Limits limits_argument(PyObject* value);
// A number that must not be negative.
std::uint64_t size_argument(PyObject* value, const char* name, std::uint64_t otherwise);

// Text of the stream; where it is none, as a Python 2 string may be, with escapes.
inline Ref text_object(std::string_view text) {
  Ref decoded = Ref::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogatepass"));
  if (decoded) return decoded;
  if (!clear_if(PyExc_UnicodeDecodeError)) throw_python_error();
  return Ref::checked(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
}
inline Ref int_object(std::uint64_t value) { return Ref::checked(PyLong_FromUnsignedLongLong(value)); }
template <class... Each>
Ref tuple_of(const Each&... each) {
  return Ref::checked(PyTuple_Pack(sizeof...(each), each.get()...));
}

// A checked stream: the bytes, kept alive, and what the machine made of them.
struct TraceObject {
  PyObject_HEAD PyObject* data;
  BytesView* view;
  checker::Machine* machine;
};
inline TraceObject& trace_fields(PyObject* self) { return *reinterpret_cast<TraceObject*>(self); }

// Raises TypeError where it is no Rules object.
const checker::Rules& rules_argument(State& state, PyObject* value);
Ref make_rules_type(PyObject* module);

Ref make_trace_node_type(PyObject* module);
Ref make_opcodes_type(PyObject* module);
// The node of a trace with that index; raises IndexError.
Ref new_trace_node(State& state, PyObject* trace, std::uint64_t index);
// An iterator over the opcodes from `offset` on.
Ref new_opcodes(State& state, PyObject* data, std::size_t offset);

}  // namespace brinery
