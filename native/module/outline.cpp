// outline(): what can be said of a stream by going from opcode to opcode.
#include <utility>
#include <vector>

#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/bytes_view.hpp"
#include "module/parts.hpp"
#include "wire/argument.hpp"
#include "wire/opcodes.hpp"

namespace brinery {

namespace {

namespace op = wire::op;

constexpr Signature<2> outline_signature{"outline", {"data", "large"}, 2, 1};

// Which opcodes put a value on the stack that was not there before, in the memo or elsewhere.
constexpr std::array<bool, 256> makers_of_values() {
  std::array<bool, 256> makes{};
  for (const std::uint8_t code : {op::FLOAT,       op::INT,          op::BININT,
                                  op::BININT1,     op::BININT2,      op::LONG,
                                  op::LONG1,       op::LONG4,        op::NONE,
                                  op::PERSID,      op::BINPERSID,    op::REDUCE,
                                  op::STRING,      op::BINSTRING,    op::SHORT_BINSTRING,
                                  op::UNICODE,     op::BINUNICODE,   op::SHORT_BINUNICODE,
                                  op::BINUNICODE8, op::DICT,         op::EMPTY_DICT,
                                  op::GLOBAL,      op::STACK_GLOBAL, op::INST,
                                  op::EMPTY_LIST,  op::LIST,         op::OBJ,
                                  op::TUPLE,       op::EMPTY_TUPLE,  op::TUPLE1,
                                  op::TUPLE2,      op::TUPLE3,       op::BINFLOAT,
                                  op::NEWOBJ,      op::NEWOBJ_EX,    op::EXT1,
                                  op::EXT2,        op::EXT4,         op::NEWTRUE,
                                  op::NEWFALSE,    op::BINBYTES,     op::SHORT_BINBYTES,
                                  op::BINBYTES8,   op::BYTEARRAY8,   op::EMPTY_SET,
                                  op::FROZENSET,   op::NEXT_BUFFER}) {
    makes[code] = true;
  }
  return makes;
}

constexpr std::array<bool, 256> makes_value = makers_of_values();

struct Outline {
  std::size_t values = 0;
  std::vector<std::pair<std::size_t, std::size_t>> payloads;  // offset, size
  std::size_t end = 0;
};

Outline outline_of(const std::uint8_t* begin, const std::uint8_t* end, std::size_t large) {
  Outline found;
  for (const std::uint8_t* at = begin; at != end;) {
    const std::size_t size = wire::opcode_size(at, end);
    if (size == 0) break;
    if (makes_value[*at]) ++found.values;
    if (size >= large) {
      const std::string_view payload = wire::argument_of(at, end);
      const auto* from = reinterpret_cast<const std::uint8_t*>(payload.data());
      if (payload.size() >= large) found.payloads.emplace_back(static_cast<std::size_t>(from - begin), payload.size());
    }
    const bool stops = *at == op::STOP;
    at += size;
    found.end = static_cast<std::size_t>(at - begin);
    if (stops) break;
  }
  return found;
}

// Other threads run as long as there is one of these.
class Unlocked {
 public:
  Unlocked() : thread_(PyEval_SaveThread()) {}
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
  ~Unlocked() { PyEval_RestoreThread(thread_); }

 private:
  PyThreadState* thread_;
};

Ref list_of(const std::vector<std::pair<std::size_t, std::size_t>>& payloads) {
  Ref list = Ref::checked(PyList_New(0));
  for (const auto& [offset, size] : payloads) {
    const Ref both =
        Ref::checked(Py_BuildValue("(nn)", static_cast<Py_ssize_t>(offset), static_cast<Py_ssize_t>(size)));
    check_status(PyList_Append(list, both));
  }
  return list;
}

PyObject* outline(PyObject* /*module*/, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 2> values{};
    parse_arguments(outline_signature, args, nargs, kwnames, values);
    const BytesView view(values[0]);
    const Py_ssize_t large = values[1] == nullptr ? 64 * 1024 : check_status(PyLong_AsSsize_t(values[1]));
    const Outline found = [&] {
      const Unlocked unlocked;
      return outline_of(view.begin(), view.end(), static_cast<std::size_t>(large));
    }();
    const Ref payloads = list_of(found.payloads);
    return Ref::checked(Py_BuildValue("(nnO)", static_cast<Py_ssize_t>(found.values),
                                      static_cast<Py_ssize_t>(found.end), payloads.get()));
  });
}

PyDoc_STRVAR(
    outline_doc,
    "outline($module, /, data, large=65536)\n--\n\n"
    "Return how many values a stream makes, where its opcodes end (with STOP, or where one is broken or cut\n"
    "short), and (offset, size) of each payload of at least so many bytes. Takes part of a stream as well, if\n"
    "that begins with an opcode. Linear in the number of opcodes; other threads run meanwhile.");

PyMethodDef functions[] = {
    {"outline", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(outline)), METH_FASTCALL | METH_KEYWORDS,
     outline_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_outline(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace brinery
