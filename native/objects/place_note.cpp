#include "objects/place_note.hpp"

namespace brinery {

namespace {
constexpr Py_ssize_t most_notes = 16;
}

void add_place_note(PyObject* exception, PyObject* note) {
  Ref notes = Ref::steal(PyObject_GetAttrString(exception, "__notes__"));
  if (!notes) {
    PyErr_Clear();
  } else if (PyList_Check(notes.get())) {
    if (PyList_GET_SIZE(notes.get()) >= most_notes) return;
    if (check_status(PySequence_Contains(notes.get(), note)) != 0) return;
  }
  Ref::checked(PyObject_CallMethod(exception, "add_note", "O", note));
}

}  // namespace brinery
