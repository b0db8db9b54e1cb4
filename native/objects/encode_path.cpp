// Where in the root object the encoder was when something failed: "cart.items[3].handler".
#include <cctype>
#include <string>

#include "objects/encoder.hpp"
#include "objects/place_note.hpp"

namespace brinery {

namespace {

constexpr std::size_t most_steps = 64;   // of a deeper path, the middle is left out
constexpr std::size_t longest_key = 60;  // characters of a key's repr

std::string text_of(PyObject* object) {
  Ref text = Ref::steal(PyObject_Str(object));
  if (!text) throw_python_error();
  Py_ssize_t size = 0;
  Ref bytes = Ref::checked(PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace"));
  char* data = nullptr;
  check_status(PyBytes_AsStringAndSize(bytes, &data, &size));
  return {data, static_cast<std::size_t>(size)};
}

// The repr of a key; only for builtin types, whose repr runs no foreign code.
std::string key_text(PyObject* key) {
  if (key == nullptr) return "?";
  if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyBytes_CheckExact(key) || PyFloat_CheckExact(key) ||
      PyBool_Check(key) || key == Py_None) {
    Ref repr = Ref::checked(PyObject_Repr(key));
    std::string text = text_of(repr);
    if (text.size() > longest_key) text = text.substr(0, longest_key - 3) + "...";
    return text;
  }
  return std::string("<").append(Py_TYPE(key)->tp_name).append(">");
}

std::string lower(std::string text) {
  if (const auto dot = text.rfind('.'); dot != std::string::npos) text.erase(0, dot + 1);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string bracketed(const std::string& text) {
  std::string result;
  result.reserve(text.size() + 2);
  result.push_back('[');
  result.append(text);
  result.push_back(']');
  return result;
}

// One step of the path. `is_state` says that this frame's dict holds the attributes of an instance.
std::string step_of(const Frame& frame, bool is_state) {
  switch (frame.kind) {
    case Kind::list:
    case Kind::tuple: return bracketed(std::to_string(frame.position - 1));
    case Kind::dict:
      if (frame.stage != 2 || !frame.current) return ".<key>";
      if ((is_state || frame.after == After::build) && PyUnicode_Check(frame.current.get()))
        return std::string(".").append(text_of(frame.current));
      return bracketed(key_text(frame.current));
    case Kind::set:
    case Kind::frozenset: return std::string(".<element ").append(key_text(frame.current)).append(">");
    case Kind::iterator: return "[...]";
    case Kind::item_pairs: {
      if (!frame.current) return "[...]";
      if ((frame.stage & 2) != 0) return ".<key>";
      return bracketed(key_text(PyTuple_GET_ITEM(frame.current.get(), 0)));
    }
    case Kind::late:
      if (!frame.object || frame.stage == 1) return ".<key>";
      return std::string(".<")
          .append(Py_TYPE(frame.object.get())->tp_name)
          .append(">")
          .append(bracketed(key_text(frame.current)));
    case Kind::persistent: return ".<persistent id>";
    case Kind::reduce:
      switch (frame.stage) {
        case 0:
        case 1: return ".__reduce__()[0]";
        case 2:
        case 3: return ".__reduce__()[1]";
        default: return "";
      }
    default: return native_step_of(frame);
  }
}

// A reduce frame past its construction is writing the state.
bool writes_state(const Frame& frame) { return frame.kind == Kind::reduce && frame.stage > 6; }

}  // namespace

void Encoder::note_place(PyObject* root) {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (value != nullptr && traceback != nullptr) PyException_SetTraceback(value, traceback);
  Ref held_type = Ref::steal(type), held_value = Ref::steal(value), held_traceback = Ref::steal(traceback);
  const auto restore = [&] { PyErr_Restore(held_type.release(), held_value.release(), held_traceback.release()); };
  if (!held_value || PyErr_GivenExceptionMatches(held_value, PyExc_MemoryError) != 0 ||
      !PyObject_TypeCheck(held_value.get(), reinterpret_cast<PyTypeObject*>(PyExc_Exception))) {
    return restore();
  }
  unpark_quietly();
  try {
    std::string path = lower(Py_TYPE(root)->tp_name);
    const std::size_t steps = stack_.size();
    for (std::size_t i = 0; i < steps; ++i) {
      if (steps > most_steps && i == most_steps / 2) {
        i = steps - most_steps / 2;
        path += " ... ";
      }
      path += step_of(stack_[i], i > 0 && writes_state(stack_[i - 1]));
    }
    std::string note = "while pickling " + path;
    Ref text = Ref::checked(PyUnicode_DecodeUTF8(note.data(), static_cast<Py_ssize_t>(note.size()), "replace"));
    add_place_note(held_value.get(), text.get());
  } catch (const PythonError&) {
    // The note is a courtesy: failing to make it must not hide the error itself.
    PyErr_Clear();
  }
  restore();
}

}  // namespace brinery
