#include "module/payload.hpp"

#include "module/boundary.hpp"

namespace brinery {

namespace {

struct PayloadObject {
  PyObject_HEAD PyObject* owner;
  Py_buffer hold;  // on a bytearray
  const void* data;
  Py_ssize_t size;
};

PayloadObject& fields_of(PyObject* self) { return *reinterpret_cast<PayloadObject*>(self); }

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const PayloadObject& fields = fields_of(self);
  return PyBuffer_FillInfo(view, self, const_cast<void*>(fields.data), fields.size, 1, flags);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(fields_of(self).owner);
  return 0;
}

void deallocate(PyObject* self) {
  PyObject_GC_UnTrack(self);
  PayloadObject& fields = fields_of(self);
  if (fields.hold.obj != nullptr) PyBuffer_Release(&fields.hold);
  Ref::steal(fields.owner);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

Py_ssize_t length(PyObject* self) { return fields_of(self).size; }

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
    {Py_sq_length, reinterpret_cast<void*>(length)},
    {0, nullptr},
};

PyType_Spec spec = {
    .name = "brinery.codec.Payload",
    .basicsize = sizeof(PayloadObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

}  // namespace

Ref make_payload_type(PyObject* module) { return Ref::checked(PyType_FromModuleAndSpec(module, &spec, nullptr)); }

Ref new_payload(State& state, PyObject* owner, const void* data, std::size_t size) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.payload_type.get());
  Ref made = Ref::checked(type->tp_alloc(type, 0));
  PayloadObject& fields = fields_of(made);
  fields.owner = Py_NewRef(owner);
  fields.data = data;
  fields.size = static_cast<Py_ssize_t>(size);
  if (PyByteArray_Check(owner)) check_status(PyObject_GetBuffer(owner, &fields.hold, PyBUF_SIMPLE));
  return made;
}

}  // namespace brinery
