// check(): a stream against rules.
#include "check/judge.hpp"
#include "check/skim.hpp"
#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/checking.hpp"
#include "module/parts.hpp"

namespace brinery {

namespace {

constexpr Signature<5> check_signature{"check", {"data", "rules", "buffers", "limits", "offset"}, 2, 2};
constexpr Signature<4> passed_signature{"passed", {"data", "rules", "buffers", "limits"}, 2, 2};

// A new struct sequence that takes over its fields.
template <class... Each>
Ref record(PyObject* type, Each... each) {
  Ref made = Ref::checked(PyStructSequence_New(reinterpret_cast<PyTypeObject*>(type)));
  Py_ssize_t at = 0;
  (PyStructSequence_SetItem(made, at++, each.release()), ...);
  return made;
}

const char* severity_name(checker::Severity severity) {
  switch (severity) {
    case checker::Severity::low: return "low";
    case checker::Severity::medium: return "medium";
    case checker::Severity::high: return "high";
  }
  return "high";
}

Ref uses_of(const checker::Global& global) {
  Ref uses = Ref::checked(PyList_New(0));
  const auto add = [&](std::uint8_t use, const char* name) {
    if ((global.uses & use) != 0) check_status(PyList_Append(uses, text_object(name)));
  };
  add(checker::Global::called, "call");
  add(checker::Global::made, "new");
  add(checker::Global::restored, "build");
  add(checker::Global::stands, "value");
  return Ref::checked(PyList_AsTuple(uses));
}

// Why a global is refused, or else why its entry says that it is safe.
std::string reason_of(const checker::Judge& judge, std::size_t number) {
  for (const checker::Finding& finding : judge.findings) {
    if (finding.global == number) return finding.message;
  }
  const checker::Entry* entry = judge.entry(number);
  return entry != nullptr ? entry->reason : std::string();
}

Ref globals_of(State& state, const checker::Machine& machine, const checker::Judge& judge) {
  const checker::Globals& globals = machine.graph.globals;
  Ref all = Ref::checked(PyTuple_New(static_cast<Py_ssize_t>(globals.size())));
  for (std::size_t number = 0; number < globals.size(); ++number) {
    const checker::Global& global = globals[number];
    const char* verdict = judge.entry(number) == nullptr ? "unknown" : judge.is_misused(number) ? "misused" : "vetted";
    Ref use =
        record(state.global_use_type, text_object(global.module), text_object(global.name), int_object(global.offset),
               uses_of(global), text_object(verdict), text_object(reason_of(judge, number)));
    PyTuple_SET_ITEM(all.get(), static_cast<Py_ssize_t>(number), use.release());
  }
  return all;
}

Ref findings_of(State& state, const checker::Judge& judge, PyObject* globals) {
  Ref all = Ref::checked(PyTuple_New(static_cast<Py_ssize_t>(judge.findings.size())));
  Py_ssize_t at = 0;
  for (const checker::Finding& finding : judge.findings) {
    PyObject* global = finding.global ? PyTuple_GET_ITEM(globals, static_cast<Py_ssize_t>(*finding.global)) : Py_None;
    Ref made = record(state.finding_type, text_object(severity_name(finding.severity)), text_object(finding.code),
                      text_object(finding.message), int_object(finding.offset), Ref::borrow(global));
    PyTuple_SET_ITEM(all.get(), at++, made.release());
  }
  return all;
}

Ref report_of(State& state, const checker::Machine& machine, const checker::Judge& judge) {
  Ref globals = globals_of(state, machine, judge);
  Ref findings = findings_of(state, judge, globals);
  const bool whole = machine.failure.message == nullptr;
  return record(state.report_type, Ref::borrow(judge.findings.empty() ? Py_True : Py_False),
                whole ? int_object(machine.end_offset()) : Ref::borrow(Py_None),
                Ref::checked(PyLong_FromLong(machine.protocol)), std::move(globals), std::move(findings));
}

Ref plain_report(State& state, const checker::Skimmed& skimmed) {
  return record(state.report_type, Ref::borrow(Py_True), int_object(skimmed.end),
                Ref::checked(PyLong_FromLong(skimmed.protocol)), state.empty_tuple, state.empty_tuple);
}

// Checks a stream: `plain` answers for one of plain data, `judged` for any other.
template <class Plain, class Judged>
Ref checked(State& state, PyObject* data, PyObject* entries, const checker::Limits& limits, std::uint64_t buffers,
            std::uint64_t offset, Plain&& plain, Judged&& judged) {
  const checker::Rules& rules = rules_argument(state, entries);
  const BytesView view(data);
  if (offset > view.size()) raise(PyExc_ValueError, "offset is beyond the end of the data");
  if (!state.checker_memory->lent) {
    const checker::Skimmed skimmed = checker::skim(view.begin(), view.end(), offset, limits, *state.checker_memory);
    if (skimmed.plain) return plain(skimmed);
  }
  checker::Machine machine(view.begin(), view.end(), renames_of(state), limits, buffers, offset);
  machine.borrow(*state.checker_memory);
  machine.run();
  checker::Judge judge(machine, rules);
  judge.run();
  return judged(machine, judge);
}

PyObject* check_stream(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 5> values{};
    parse_arguments(check_signature, args, nargs, kwnames, values);
    return checked(
        state, values[0], values[1], limits_argument(values[3]), size_argument(values[2], "buffers", 0),
        size_argument(values[4], "offset", 0),
        [&](const checker::Skimmed& skimmed) { return plain_report(state, skimmed); },
        [&](const checker::Machine& machine, const checker::Judge& judge) { return report_of(state, machine, judge); });
  });
}

// The globals and their uses, so that two streams have the same text only if they name and use the same.
Ref summary_of(const checker::Globals& globals) {
  std::string text;
  const auto add = [&](std::string_view part) {
    const auto size = static_cast<std::uint32_t>(part.size());
    text.append(reinterpret_cast<const char*>(&size), sizeof size);
    text.append(part);
  };
  for (const checker::Global& global : globals) {
    add(global.module);
    add(global.name);
    text.push_back(static_cast<char>(global.uses));
  }
  return Ref::checked(PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

PyObject* passed_stream(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 4> values{};
    parse_arguments(passed_signature, args, nargs, kwnames, values);
    return checked(
        state, values[0], values[1], limits_argument(values[3]), size_argument(values[2], "buffers", 0), 0,
        [&](const checker::Skimmed& skimmed) { return tuple_of(int_object(skimmed.end), state.empty_bytes); },
        [&](const checker::Machine& machine, const checker::Judge& judge) {
          if (!judge.findings.empty()) return Ref::borrow(Py_None);
          return tuple_of(int_object(machine.end_offset()), summary_of(machine.graph.globals));
        });
  });
}

PyDoc_STRVAR(
    check_doc,
    "check($module, /, data, rules, *, buffers=0, limits=None, offset=0)\n--\n\n"
    "What decoding a pickle would do, held against rules, without doing any of it: nothing is run, imported or\n"
    "made. Linear in the size of the data. `buffers` is how many out-of-band buffers there are; `limits` maps\n"
    "objects, depth, memo, digits and work to ints. Bytes behind STOP are not looked at: Report.end says\n"
    "where it is.");

PyDoc_STRVAR(
    passed_doc,
    "passed($module, /, data, rules, *, buffers=0, limits=None)\n--\n\n"
    "The short answer of check(): None where it finds something; otherwise the offset behind STOP, and bytes that\n"
    "are the same for pickles that name the same globals in the same order and use them in the same ways.");

PyStructSequence_Field report_fields[] = {
    {"passes", "whether nothing was found"},
    {"end", "offset behind STOP; None where the stream breaks off before"},
    {"protocol", "what the last PROTO said; 0 without one"},
    {"globals", "GlobalUse of each distinct global, in order"},
    {"findings", "Finding of all that is wrong, in order"},
    {nullptr, nullptr},
};
PyStructSequence_Field global_use_fields[] = {
    {"module", nullptr},
    {"name", nullptr},
    {"offset", "of the first opcode that names it"},
    {"uses", "tuple of call, new, build, value"},
    {"verdict", "vetted, unknown or misused"},
    {"reason", "why it is refused, or why it is safe"},
    {nullptr, nullptr},
};
PyStructSequence_Field finding_fields[] = {
    {"severity", "high, medium or low"},
    {"code",
     "unknown-global, misused-global, forbidden-argument, forbidden-state, forbidden-items, build-on-class, "
     "wrong-target, wrong-argument, computed-callee, computed-name, bad-key, persistent-id, extension, "
     "broken-stream, limit, or more"},
    {"message", nullptr},
    {"offset", nullptr},
    {"global_use", "GlobalUse, or None"},
    {nullptr, nullptr},
};

PyStructSequence_Desc report_desc = {"brinery.codec.Report", "What check() says of a pickle.", report_fields, 5};
PyStructSequence_Desc global_use_desc = {"brinery.codec.GlobalUse", "A global that a pickle names.", global_use_fields,
                                         6};
PyStructSequence_Desc finding_desc = {"brinery.codec.Finding", "Something wrong with a pickle.", finding_fields, 5};

PyMethodDef functions[] = {
    {"check", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(check_stream)), METH_FASTCALL | METH_KEYWORDS,
     check_doc},
    {"passed", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(passed_stream)),
     METH_FASTCALL | METH_KEYWORDS, passed_doc},
    {nullptr, nullptr, 0, nullptr},
};

Ref add_record(PyObject* module, PyStructSequence_Desc& description) {
  Ref type = Ref::checked(reinterpret_cast<PyObject*>(PyStructSequence_NewType(&description)));
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(type.get())));
  return type;
}

}  // namespace

void add_checker(PyObject* module, State& state) {
  state.checker_memory = {new checker::Memory(), [](checker::Memory* memory) { delete memory; }};
  state.rules_type = make_rules_type(module);
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(state.rules_type.get())));
  state.report_type = add_record(module, report_desc);
  state.global_use_type = add_record(module, global_use_desc);
  state.finding_type = add_record(module, finding_desc);
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace brinery
