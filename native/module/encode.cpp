// encode() and encode_pieces(): what brinery's own doors are made of.
#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/encoding.hpp"
#include "module/parts.hpp"
#include "module/payload.hpp"
#include "objects/canonical.hpp"
#include "objects/tail.hpp"

namespace brinery {

namespace {

constexpr Signature<9> encode_signature{
    "encode",
    {"obj", "protocol", "reduce", "by_value", "reduced", "buffer_callback", "key_reduce", "leaves", "tail"},
    2,
    1};
constexpr Signature<6> pieces_signature{
    "encode_pieces", {"obj", "protocol", "reduce", "by_value", "reduced", "alignment"}, 2, 1};

PyObject* none_as_null(PyObject* value) { return value == Py_None ? nullptr : value; }

// Empty where it is no message, see objects/encode_message.hpp.
Ref message_to_bytes(State& state, const EncoderOptions& options, PyObject* object) {
  MessageDoubts& doubts = state.encoder_cache->messages;
  const bool possible = options.protocol >= 4 && options.buffer_callback == nullptr && options.canonical == nullptr;
  if (!possible || !state.layout_verified || !doubts.is_worth_trying(object)) return {};
  Ref whole = encode_message(object, options.protocol);
  if (!whole) doubts.note_failure(object);
  return whole;
}

}  // namespace

int protocol_from(PyObject* value) {
  if (value == nullptr || value == Py_None) return wire::default_protocol;
  const long protocol = PyLong_AsLong(value);
  if (protocol == -1 && PyErr_Occurred() != nullptr) throw_python_error();
  if (protocol < 0) return wire::highest_protocol;
  if (protocol > wire::highest_protocol) {
    raise(PyExc_ValueError, "pickle protocol must be <= %d", wire::highest_protocol);
  }
  return static_cast<int>(protocol);
}

PyObject* buffer_callback_from(PyObject* value, int protocol) {
  if (value == nullptr || value == Py_None) return nullptr;
  if (protocol < 5) raise(PyExc_ValueError, "buffer_callback needs protocol >= 5");
  return value;
}

namespace {

// Writes the object; what was met with one like it before says how.
void encode_into(State& state, const EncoderOptions& options, PyObject* object, Output& out, std::size_t spare) {
  EncoderCache& cache = *state.encoder_cache;
  BorrowedMemo memo(cache);
  auto& experience = cache.experience_with(object);
  out.expect(experience.size + spare);
  // Protocols below 4 are for old readers and old expectations: every container gets its PUT there.
  const bool skip_unique = options.protocol >= 4 && experience.cautious_calls == 0 &&
                           options.buffer_callback == nullptr && options.canonical == nullptr;
  if (experience.cautious_calls > 0) --experience.cautious_calls;
  Encoder encoder(state, options, memo.table(), out, skip_unique);
  encoder.encode(object);
  if (encoder.skips_unique()) experience.next_cautious_calls = EncoderCache::first_caution;
  experience.size = out.used();
}

}  // namespace

Ref encode_to_bytes(State& state, const EncoderOptions& options, PyObject* object, PyObject* tail) {
  if (Ref whole = message_to_bytes(state, options, object)) return tail == nullptr ? whole : with_tail(whole, tail);
  Output out(state.encoder_cache->scratch, nullptr);
  encode_into(state, options, object, out, tail == nullptr ? 0 : usual_tail);
  return tail == nullptr ? out.finish_bytes() : finish_with_tail(out, tail);
}

namespace {

EncoderOptions options_from(const std::array<PyObject*, 5>& values) {
  EncoderOptions options;
  options.protocol = protocol_from(values[1]);
  if (options.protocol < 4) raise(PyExc_ValueError, "this needs protocol 4 or 5, not %d", options.protocol);
  options.reduce = none_as_null(values[2]);
  options.by_value = none_as_null(values[3]);
  if (options.by_value != nullptr && PyAnySet_Check(options.by_value) == 0) {
    raise(PyExc_TypeError, "by_value must be a set, not %.200s", Py_TYPE(options.by_value)->tp_name);
  }
  options.reduced = none_as_null(values[4]);
  if (options.reduced != nullptr && !PyDict_Check(options.reduced) && PyAnySet_Check(options.reduced) == 0) {
    raise(PyExc_TypeError, "reduced must be a dict or a set, not %.200s", Py_TYPE(options.reduced)->tp_name);
  }
  return options;
}

PyObject* encode(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 9> values{};
    parse_arguments(encode_signature, args, nargs, kwnames, values);
    EncoderOptions options = options_from({values[0], values[1], values[2], values[3], values[4]});
    options.buffer_callback = buffer_callback_from(values[5], options.protocol);
    PyObject* key_reduce = none_as_null(values[6]);
    PyObject* tail = none_as_null(values[8]);
    options.marks_numbers = tail != nullptr;
    if (key_reduce == nullptr) return encode_to_bytes(state, options, values[0], tail);
    if (values[7] == nullptr || !PyDict_Check(values[7]))
      raise(PyExc_TypeError, "canonical bytes need a dict of leaves");
    SetOrders orders(state, options, key_reduce, values[7]);
    Canonical canonical{.orders = &orders, .leaves = values[7]};
    options.canonical = &canonical;
    return encode_to_bytes(state, options, values[0], tail);
  });
}

// Memory of an object that is written where it is.
Ref piece_of(State& state, const Output::Segment& segment) {
  return new_payload(state, segment.owner, segment.data, segment.size);
}

// What was written, in order: views of the bytes between the payloads that stay where they are, and these.
Ref pieces_of(State& state, Output& out) {
  const Ref between = out.finish_without_segments();
  const Ref view = Ref::checked(PyMemoryView_FromObject(between));
  const auto total = static_cast<std::size_t>(PyBytes_GET_SIZE(between.get()));
  Ref pieces = Ref::checked(PyList_New(0));
  Ref buffers = Ref::checked(PyList_New(0));
  std::size_t from = 0;
  const auto add_until = [&](std::size_t at) {
    if (at == from) return;
    Ref part = Ref::checked(PySequence_GetSlice(view, static_cast<Py_ssize_t>(from), static_cast<Py_ssize_t>(at)));
    check_status(PyList_Append(pieces, part));
    from = at;
  };
  for (const Output::Segment& segment : out.segments()) {
    add_until(segment.at);
    if (segment.is_buffer) {
      check_status(PyList_Append(buffers, Ref::checked(PyLong_FromSsize_t(PyList_GET_SIZE(pieces.get())))));
    }
    check_status(PyList_Append(pieces, piece_of(state, segment)));
  }
  add_until(total);
  return Ref::checked(PyTuple_Pack(2, pieces.get(), buffers.get()));
}

PyObject* encode_pieces(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 6> values{};
    parse_arguments(pieces_signature, args, nargs, kwnames, values);
    EncoderOptions options = options_from({values[0], values[1], values[2], values[3], values[4]});
    const Py_ssize_t alignment = values[5] == nullptr ? 1 : check_status(PyLong_AsSsize_t(values[5]));
    if (alignment < 1) raise(PyExc_ValueError, "alignment must be a number from 1 on");
    const Ref globals = Ref::checked(PyList_New(0));
    options.globals = globals;
    Output out(state.encoder_cache->scratch, nullptr);
    out.keep_payloads(static_cast<std::size_t>(alignment));
    encode_into(state, options, values[0], out, 0);
    const Ref pieces = pieces_of(state, out);
    return Ref::checked(
        PyTuple_Pack(3, PyTuple_GET_ITEM(pieces.get(), 0), PyTuple_GET_ITEM(pieces.get(), 1), globals.get()));
  });
}

PyDoc_STRVAR(
    encode_doc,
    "encode($module, /, obj, protocol=None, *, reduce=None, by_value=None, reduced=None, buffer_callback=None, "
    "key_reduce=None, leaves=None, tail=None)\n--\n\n"
    "Return the pickle of the object as bytes, protocol 4 or 5.\n\n"
    "`reduce` is asked about each object that the core has no way of its own for, and about each class and\n"
    "function that is not what its name leads to, or whose module's name is in the set `by_value`, and about\n"
    "each object whose exact type is in the dict or set `reduced`. It answers as __reduce_ex__() does, or\n"
    "NotImplemented. Objects whose classes it has written are then written natively. About a NumPy array whose\n"
    "memory another array owns that has been written, it is asked with that one as second argument.\n\n"
    "With `key_reduce` the bytes are canonical: they depend on the value of the object only, as far as the answers of\n"
    "`reduce` do. It is asked in the place of `reduce` while the elements of sets are compared. `leaves` is a dict of\n"
    "exact types whose instances are written anew each time, and the name of the module to name them by, or None.\n\n"
    "`tail` is called at the end with the bytes and, where there are any, a list of spans: (offset, length) of the\n"
    "memory of each NumPy array of numbers of more than one byte that takes 64 KiB or more. It answers with bytes to\n"
    "append.");
PyDoc_STRVAR(
    encode_pieces_doc,
    "encode_pieces($module, /, obj, protocol=None, *, reduce=None, by_value=None, reduced=None, alignment=1)\n--\n\n"
    "Return the pickle of the object as a list of pieces of memory, which make the stream one after the other; the\n"
    "indexes of those that are the memory of buffers (arrays, PickleBuffers); and (module, name) of each global in "
    "it.\n\n"
    "Payloads of 64 KiB and more stay where they are, uncopied, and begin at multiples of `alignment` in the stream,\n"
    "for which opcodes that do nothing come before theirs. For the other arguments see encode().");

PyMethodDef functions[] = {
    {"encode", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(encode)), METH_FASTCALL | METH_KEYWORDS,
     encode_doc},
    {"encode_pieces", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(encode_pieces)),
     METH_FASTCALL | METH_KEYWORDS, encode_pieces_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_encode(PyObject* module, State& state) {
  state.payload_type = make_payload_type(module);
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace brinery
