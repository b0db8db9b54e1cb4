#include "objects/builder_table.hpp"

namespace brinery {

BuilderTable::BuilderTable(PyObject* dict) : items_(Ref::checked(PyDict_Items(dict))) {
  const Py_ssize_t count = PyList_GET_SIZE(items_.get());
  std::size_t size = 2;
  while (size < 2 * static_cast<std::size_t>(count) + 1) size *= 2;
  slots_.resize(size);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* pair = PyList_GET_ITEM(items_.get(), i);
    PyObject* key = PyTuple_GET_ITEM(pair, 0);
    if (!PyType_Check(key)) raise(PyExc_TypeError, "builders are given by type, not by %R", key);
    std::size_t at = slot_of(reinterpret_cast<PyTypeObject*>(key));
    while (slots_[at].type != nullptr) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {reinterpret_cast<PyTypeObject*>(key), PyTuple_GET_ITEM(pair, 1)};
  }
}

}  // namespace brinery
