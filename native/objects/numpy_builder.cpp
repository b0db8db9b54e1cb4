#include "objects/numpy_builder.hpp"

#include <cstring>

namespace brinery {

namespace {

// Places in the table.
constexpr std::size_t array_type_at = 2;
constexpr std::size_t element_type_at = 3;
constexpr std::size_t scalar_at = 60;
constexpr std::size_t new_array_at = 94;
constexpr std::size_t set_base_at = 282;

using NewScalar = PyObject* (*)(void* data, PyObject* type, PyObject* base);
using NewArray = PyObject* (*)(PyTypeObject* subtype, PyObject* type, int dimensions, const Py_ssize_t* shape,
                               const Py_ssize_t* strides, void* data, int flags, PyObject* like);
using SetBase = int (*)(PyObject* array, PyObject* base);

constexpr int array_aligned = 0x0100;
constexpr Py_ssize_t most_dimensions = 32;

template <class Function>
Function at(void** functions, std::size_t place) {
  return reinterpret_cast<Function>(functions[place]);
}

void** find_functions() {
  for (const char* name : {"numpy._core._multiarray_umath", "numpy.core._multiarray_umath"}) {
    Ref text = Ref::checked(PyUnicode_FromString(name));
    Ref module = Ref::steal(PyImport_GetModule(text));
    Ref capsule = module ? Ref::steal(PyObject_GetAttrString(module, "_ARRAY_API")) : Ref();
    PyErr_Clear();
    if (capsule && PyCapsule_CheckExact(capsule.get())) {
      return static_cast<void**>(PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
    }
  }
  return nullptr;
}

}  // namespace

void NumpyBuilder::learn() {
  if (learned_) return;
  Ref name = Ref::checked(PyUnicode_FromString("numpy"));
  if (!Ref::steal(PyImport_GetModule(name))) {
    PyErr_Clear();
    return;
  }
  learned_ = true;
  facts_ = learn_numpy();
  functions_ = facts_.usable ? find_functions() : nullptr;
  if (functions_ == nullptr || functions_[array_type_at] != facts_.array_type) facts_ = NumpyFacts();
}

const NumpyBuilder::ElementType& NumpyBuilder::element_type(PyObject* type) {
  for (const ElementType& known : types_) {
    if (known.type.get() == type) return known;
  }
  if (types_.size() >= most_types) types_.clear();
  ElementType fresh{Ref::borrow(type), 0, false};
  if (PyObject_TypeCheck(type, static_cast<PyTypeObject*>(functions_[element_type_at]))) {
    Ref kind = get_attribute(type, "kind");
    const Py_UCS4 letter = PyUnicode_READ_CHAR(kind.get(), 0);
    fresh.number = std::strchr("biufc", static_cast<int>(letter)) != nullptr;
    if (fresh.number || letter == 'm' || letter == 'M') fresh.size = PyLong_AsSsize_t(get_attribute(type, "itemsize"));
  }
  types_.push_back(std::move(fresh));
  return types_.back();
}

Ref NumpyBuilder::new_array(PyObject* type, int dimensions, const Py_ssize_t* shape, void* data, int flags, Ref base) {
  Ref array = Ref::checked(at<NewArray>(functions_, new_array_at)(facts_.array_type, Py_NewRef(type), dimensions, shape,
                                                                  nullptr, data, flags, nullptr));
  check_status(at<SetBase>(functions_, set_base_at)(array, base.release()));
  return array;
}

Ref NumpyBuilder::make_array(PyObject* args) {
  if (PyTuple_GET_SIZE(args) != 4) return {};
  PyObject* buffer = PyTuple_GET_ITEM(args, 0);
  PyObject* shape = PyTuple_GET_ITEM(args, 2);
  PyObject* order = PyTuple_GET_ITEM(args, 3);
  if (!PyBytes_CheckExact(buffer) && !PyByteArray_CheckExact(buffer)) return {};
  if (!PyTuple_CheckExact(shape) || PyTuple_GET_SIZE(shape) < 1 || PyTuple_GET_SIZE(shape) > most_dimensions) return {};
  if (!PyUnicode_CheckExact(order) || PyUnicode_GET_LENGTH(order) != 1) return {};
  const Py_UCS4 letter = PyUnicode_READ_CHAR(order, 0);
  if (letter != 'C' && letter != 'F') return {};
  PyObject* type = PyTuple_GET_ITEM(args, 1);
  const Py_ssize_t item_size = element_type(type).size;
  const Py_ssize_t size = PyObject_Size(buffer);
  if (item_size <= 0 || size == 0 || size % item_size != 0) return {};

  Py_ssize_t count = size / item_size;
  Py_ssize_t sizes[most_dimensions];
  Py_ssize_t left = count;
  const auto dimensions = static_cast<int>(PyTuple_GET_SIZE(shape));
  for (int i = 0; i < dimensions; ++i) {
    PyObject* number = PyTuple_GET_ITEM(shape, i);
    if (!PyLong_CheckExact(number)) return {};
    sizes[i] = PyLong_AsSsize_t(number);
    if (sizes[i] <= 0 || left % sizes[i] != 0) {
      PyErr_Clear();
      return {};
    }
    left /= sizes[i];
  }
  if (left != 1) return {};

  // As frombuffer().reshape() makes it: a flat array on a view of the buffer, and the array on that.
  Ref view = Ref::checked(PyMemoryView_FromObject(buffer));
  const Py_buffer* memory = PyMemoryView_GET_BUFFER(view.get());
  void* data = memory->buf;
  const int access = array_aligned | (memory->readonly == 0 ? array_writeable : 0);
  Ref flat = new_array(type, 1, &count, data, access | array_c_contiguous, std::move(view));
  const int layout = letter == 'F' ? array_f_contiguous : array_c_contiguous;
  return new_array(type, dimensions, sizes, data, access | layout, std::move(flat));
}

Ref NumpyBuilder::make_scalar(PyObject* type, PyObject* bytes) {
  if (!PyBytes_CheckExact(bytes)) return {};
  const ElementType& element = element_type(type);
  if (!element.number || PyBytes_GET_SIZE(bytes) != element.size) return {};
  return Ref::checked(at<NewScalar>(functions_, scalar_at)(PyBytes_AS_STRING(bytes), type, nullptr));
}

}  // namespace brinery
