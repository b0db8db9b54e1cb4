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

Ref with_tail(Ref data, PyObject* hook, const Vector<Span>& spans) {
  const Ref tail =
      Ref::checked(spans.empty() ? PyObject_CallOneArg(hook, data)
                                 : PyObject_CallFunctionObjArgs(hook, data.get(), list_of(spans).get(), nullptr));
  if (PyBytes_CheckExact(tail.get()) == 0) {
    raise(PyExc_TypeError, "tail must answer with bytes, not %.200s", Py_TYPE(tail.get())->tp_name);
  }
  const Py_ssize_t size = PyBytes_GET_SIZE(data.get());
  const Py_ssize_t more = PyBytes_GET_SIZE(tail.get());
  if (more > PY_SSIZE_T_MAX - 64 - size) throw std::bad_alloc();
  PyObject* whole = data.release();
  if (Py_REFCNT(whole) == 1) {
    if (_PyBytes_Resize(&whole, size + more) < 0) throw_python_error();
    std::memcpy(PyBytes_AS_STRING(whole) + size, PyBytes_AS_STRING(tail.get()), static_cast<std::size_t>(more));
  } else {
    PyBytes_Concat(&whole, tail.get());
    if (whole == nullptr) throw_python_error();
  }
  return Ref::steal(whole);
}

}  // namespace brinery
