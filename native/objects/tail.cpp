#include "objects/tail.hpp"

#include <cstring>

namespace brinery {

namespace {

Ref list_of(const Vector<Span>& spans) {
  Ref list = Ref::checked(PyList_New(static_cast<Py_ssize_t>(spans.size())));
  for (std::size_t i = 0; i < spans.size(); ++i) {
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i),
                    check(Py_BuildValue("(nn)", spans[i].offset, spans[i].length)));
  }
  return list;
}

Ref checked_tail(Ref tail) {
  if (PyBytes_CheckExact(tail.get()) == 0) {
    raise(PyExc_TypeError, "tail must answer with bytes, not %.200s", Py_TYPE(tail.get())->tp_name);
  }
  return tail;
}

Ref joined(Ref data, const Ref& tail) {
  PyObject* whole = data.release();
  PyBytes_Concat(&whole, tail);
  if (whole == nullptr) throw_python_error();
  return Ref::steal(whole);
}

}  // namespace

Ref with_tail(const Ref& data, PyObject* hook) {
  return joined(data, checked_tail(Ref::checked(PyObject_CallOneArg(hook, data))));
}

Ref finish_with_tail(Output& out, PyObject* hook) {
  auto [data, spare] = out.finish_open(usual_tail + out.spans().size() * sizeof(Span));
  const Ref tail = checked_tail(Ref::checked(
      out.spans().empty() ? PyObject_CallOneArg(hook, data)
                          : PyObject_CallFunctionObjArgs(hook, data.get(), list_of(out.spans()).get(), nullptr)));
  const auto more = static_cast<std::size_t>(PyBytes_GET_SIZE(tail.get()));
  // Less than there is, so that the resize does something: it also forgets the hash.
  if (Py_REFCNT(data.get()) != 1 || more >= spare) return joined(std::move(data), tail);
  PyObject* whole = data.release();
  const auto size = static_cast<std::size_t>(PyBytes_GET_SIZE(whole));
  std::memcpy(PyBytes_AS_STRING(whole) + size, PyBytes_AS_STRING(tail.get()), more);
  Py_SET_SIZE(whole, static_cast<Py_ssize_t>(size + spare));
  if (_PyBytes_Resize(&whole, static_cast<Py_ssize_t>(size + more)) < 0) throw_python_error();
  return Ref::steal(whole);
}

}  // namespace brinery
