// Arguments that the checker's functions share, and what Python 2 called things.
#include <array>

#include "module/checking.hpp"

namespace brinery {

namespace {

std::string text_of(PyObject* value) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) throw_python_error();
  return {text, static_cast<std::size_t>(size)};
}

template <class Visit>
void for_each_entry(PyObject* dict, Visit&& visit) {
  PyObject *key = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value) != 0;) visit(key, value);
}

bool is_pair(PyObject* value) { return PyTuple_Check(value) && PyTuple_GET_SIZE(value) == 2; }

}  // namespace

const checker::Renames& renames_of(State& state) {
  if (state.renames) return *state.renames;
  auto made = std::make_unique<checker::Renames>();
  for_each_entry(state.import_mapping_2to3,
                 [&](PyObject* from, PyObject* to) { made->add_module(text_of(from), text_of(to)); });
  for_each_entry(state.name_mapping_2to3, [&](PyObject* from, PyObject* to) {
    if (!is_pair(from) || !is_pair(to)) return;
    made->add_name(text_of(PyTuple_GET_ITEM(from, 0)), text_of(PyTuple_GET_ITEM(from, 1)),
                   text_of(PyTuple_GET_ITEM(to, 0)), text_of(PyTuple_GET_ITEM(to, 1)));
  });
  state.renames = {made.release(), [](checker::Renames* renames) { delete renames; }};
  return *state.renames;
}

std::uint64_t size_argument(PyObject* value, const char* name, std::uint64_t otherwise) {
  if (value == nullptr) return otherwise;
  if (!PyLong_Check(value)) raise(PyExc_TypeError, "%s must be int, not %.200s", name, Py_TYPE(value)->tp_name);
  const unsigned long long size = PyLong_AsUnsignedLongLong(value);
  if (size == ~0ULL && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    raise(PyExc_ValueError, "%s must be an int from 0 to 2**64 - 1, not %R", name, value);
  }
  return size;
}

checker::Limits limits_argument(PyObject* value) {
  checker::Limits limits;
  if (value == nullptr || value == Py_None) return limits;
  Ref items = Ref::checked(PyMapping_Items(value));
  const std::array<std::pair<const char*, std::uint64_t*>, 5> known{{{"objects", &limits.objects},
                                                                     {"depth", &limits.depth},
                                                                     {"memo", &limits.memo},
                                                                     {"digits", &limits.digits},
                                                                     {"work", &limits.work}}};
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* pair = PyList_GET_ITEM(items.get(), i);
    const std::string name = text_of(PyTuple_GET_ITEM(pair, 0));
    std::uint64_t* limit = nullptr;
    for (const auto& [each, place] : known) limit = name == each ? place : limit;
    if (limit == nullptr) {
      raise(PyExc_ValueError, "no limit is called %R; there are objects, depth, memo, digits and work",
            PyTuple_GET_ITEM(pair, 0));
    }
    *limit = size_argument(PyTuple_GET_ITEM(pair, 1), name.c_str(), *limit);
  }
  return limits;
}

}  // namespace brinery
