// NumPy arrays and scalars, as ndarray.__reduce_ex__(5) and generic.__reduce__() describe them.
#include "objects/encode_leaves.hpp"
#include "objects/numpy_facts.hpp"

namespace brinery {

PyObject* Encoder::begin_array(Plan&, PyObject* object, bool skip) {
  NumpyFacts& facts = *cache_.plans.numpy;
  const ArrayFields& fields = array_fields(object);
  const int order = fields.flags & (array_c_contiguous | array_f_contiguous);
  if (protocol_ < 5 || order == 0 || options_.buffer_callback != nullptr) return begin_generic(object);
  const NumpyFacts::ElementType& element = facts.element_type_of(object);
  if (!element.as_buffer) return begin_generic(object);
  Py_ssize_t size = element.size;
  for (int i = 0; i < fields.dimensions; ++i) size *= fields.shape[i];

  save_whole(facts.from_buffer);
  out_.op(op::MARK);
  if ((fields.flags & array_writeable) != 0) {
    write_bytearray_payload(fields.data, static_cast<std::size_t>(size), object, false);
  } else {
    write_bytes_payload(fields.data, static_cast<std::size_t>(size), object, false);
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
