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

}  // namespace

Ref finish_with_tail(Output& out, PyObject* hook) {
  auto [data, spare] = out.finish_open(usual_tail + out.spans().size() * sizeof(Span));
  const Ref tail = Ref::checked(
      out.spans().empty() ? PyObject_CallOneArg(hook, data)
                          : PyObject_CallFunctionObjArgs(hook, data.get(), list_of(out.spans()).get(), nullptr));
  if (PyBytes_CheckExact(tail.get()) == 0) {
    raise(PyExc_TypeError, "tail must answer with bytes, not %.200s", Py_TYPE(tail.get())->tp_name);
  }
  const auto more = static_cast<std::size_t>(PyBytes_GET_SIZE(tail.get()));
  PyObject* whole = data.release();
  // Less than there is, so that the resize does something: it also forgets the hash.
  if (Py_REFCNT(whole) == 1 && more < spare) {
    const auto size = static_cast<std::size_t>(PyBytes_GET_SIZE(whole));
    std::memcpy(PyBytes_AS_STRING(whole) + size, PyBytes_AS_STRING(tail.get()), more);
    Py_SET_SIZE(whole, static_cast<Py_ssize_t>(size + spare));
    if (_PyBytes_Resize(&whole, static_cast<Py_ssize_t>(size + more)) < 0) throw_python_error();
  } else {
    PyBytes_Concat(&whole, tail);
    if (whole == nullptr) throw_python_error();
  }
  return Ref::steal(whole);
}

}  // namespace brinery
