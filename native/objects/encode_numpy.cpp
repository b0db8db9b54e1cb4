// NumPy arrays and scalars, as ndarray.__reduce_ex__(5) and generic.__reduce__() describe them.
#include "objects/encode_leaves.hpp"
#include "objects/numpy_facts.hpp"

namespace brinery {

namespace {

// Whether something else may use the memory of a view. It cannot when every owner of it, one behind the other, is
// referred to by the next only.
bool may_share_memory(PyObject* array, const PyTypeObject* array_type) {
  PyObject* owner = array_fields(array).base;
  while (owner != nullptr) {
    if (Py_REFCNT(owner) != 1) return true;
    if (Py_TYPE(owner) == array_type) {
      owner = array_fields(owner).base;
    } else if (PyMemoryView_Check(owner) != 0) {
      if (Py_REFCNT(reinterpret_cast<PyMemoryViewObject*>(owner)->mbuf) != 1) return true;
      owner = PyMemoryView_GET_BASE(owner);
    } else {
      return !PyByteArray_CheckExact(owner) && !PyBytes_CheckExact(owner);
    }
  }
  return false;
}

}  // namespace

// Whether NumPy describes an array as one buffer.
bool Encoder::is_buffer(PyObject* array) {
  const bool contiguous = (array_fields(array).flags & (array_c_contiguous | array_f_contiguous)) != 0;
  return protocol_ >= 5 && contiguous && cache_.plans.numpy->element_type_of(array).as_buffer;
}

// Asks the hook about an array. It is told of the array that owns the memory where that has been written.
Ref Encoder::ask_about_array(PyObject* array) {
  PyObject* owner = array;
  while (PyObject* base = array_fields(owner).base) {
    views_met_ = true;
    if (Py_TYPE(base) != Py_TYPE(array)) break;
    owner = base;
  }
  Ref hold = Ref::borrow(array);
  enter_foreign_code();
  const bool told = owner != array && memo_.find(owner) >= 0;
  return Ref::checked(PyObject_CallFunctionObjArgs(options_.reduce, array, told ? owner : nullptr, nullptr));
}

PyObject* Encoder::begin_array(Plan&, PyObject* object, bool skip) {
  NumpyFacts& facts = *cache_.plans.numpy;
  const ArrayFields& fields = array_fields(object);
  if (options_.reduce == nullptr) {
    if (!is_buffer(object) || options_.buffer_callback != nullptr) return begin_generic(object);
  } else {
    // Views of it may have been written before the owner of the memory comes.
    const bool has_views = views_met_ && fields.base == nullptr && !unique(object);
    const Ref hold = Ref::borrow(object);
    if (!is_buffer(object) || has_views || may_share_memory(object, facts.array_type)) {
      const Ref value = ask_about_array(object);
      if (value.get() != Py_NotImplemented) return begin_reduced(object, value);
    }
    if (!is_buffer(object) || options_.buffer_callback != nullptr) {
      return begin_reduced(object, reduce_value_of(object));
    }
  }
  const int order = fields.flags & (array_c_contiguous | array_f_contiguous);
  const NumpyFacts::ElementType& element = facts.element_type_of(object);
  const bool marks = options_.marks_numbers && element.is_number;
  Py_ssize_t size = element.size;
  for (int i = 0; i < fields.dimensions; ++i) size *= fields.shape[i];

  save_whole(facts.from_buffer);
  out_.op(op::MARK);
  if ((fields.flags & array_writeable) != 0) {
    write_bytearray_payload(fields.data, static_cast<std::size_t>(size), object, false);
  } else {
    write_bytes_payload(fields.data, static_cast<std::size_t>(size), object, false);
  }
  if (static_cast<std::size_t>(size) >= Output::frame_target) {
    if (marks) out_.mark_span(static_cast<std::size_t>(size));
    out_.mark_buffer();
  }
  save_whole(fields.type);
  if (fields.dimensions > 3) out_.op(op::MARK);
  for (int i = 0; i < fields.dimensions; ++i) write_int64(fields.shape[i]);
  static constexpr std::uint8_t tuples[] = {op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
  out_.op(fields.dimensions <= 3 ? tuples[fields.dimensions] : op::TUPLE);
  const std::uint8_t letter[] = {1, static_cast<std::uint8_t>((order & array_c_contiguous) != 0 ? 'C' : 'F')};
  out_.op_bytes(op::SHORT_BINUNICODE, letter, sizeof letter);
  finish_call(object, op::TUPLE, op::REDUCE, skip);
  return nullptr;
}

PyObject* Encoder::begin_scalar(const Plan& plan, PyObject* object, bool skip) {
  save_whole(cache_.plans.numpy->scalar);
  save_whole(plan.scalar_type);
  write_bytes_payload(reinterpret_cast<const char*>(object) + sizeof(PyObject),
                      static_cast<std::size_t>(plan.value_size), nullptr, false);
  finish_call(object, op::TUPLE2, op::REDUCE, skip);
  return nullptr;
}

}  // namespace brinery
