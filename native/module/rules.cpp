// Rules: what is known of globals, compiled from dicts.
#include <array>
#include <map>
#include <memory>

#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/checking.hpp"

namespace brinery {

namespace {

using checker::Entry;
using checker::Rules;

struct RulesObject {
  PyObject_HEAD std::shared_ptr<const Rules> rules;
};

RulesObject& fields_of(PyObject* self) { return *reinterpret_cast<RulesObject*>(self); }

constexpr Signature<1> rules_signature{"Rules", {"entries"}, 1, 1};

std::string text_from(PyObject* value, const char* what) {
  if (!PyUnicode_Check(value)) raise(PyExc_TypeError, "%s must be str, not %.200s", what, Py_TYPE(value)->tp_name);
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) throw_python_error();
  return {text, static_cast<std::size_t>(size)};
}

template <class Visit>
void for_each_item(PyObject* iterable, Visit&& visit) {
  if (PyUnicode_Check(iterable)) raise(PyExc_TypeError, "a list was expected, not the str %R", iterable);
  Ref items = Ref::checked(PySequence_Fast(iterable, "a list was expected"));
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
    visit(PySequence_Fast_GET_ITEM(items.get(), i));
  }
}

std::vector<std::string> texts_from(PyObject* iterable, const char* what) {
  std::vector<std::string> texts;
  for_each_item(iterable, [&](PyObject* item) { texts.push_back(text_from(item, what)); });
  return texts;
}

checker::Pattern pattern_from(PyObject* value) { return checker::parse_pattern(text_from(value, "a pattern")); }

Entry::Role role_from(PyObject* value) {
  const std::string name = text_from(value, "role");
  if (name == "class") return Entry::Role::made;
  if (name == "function") return Entry::Role::function;
  if (name == "type") return Entry::Role::type;
  if (name == "value") return Entry::Role::value;
  if (name == "trusted") return Entry::Role::trusted;
  raise(PyExc_ValueError, "no role is called %R; there are class, function, type, value and trusted", value);
}

void read_keywords(Entry& entry, PyObject* value) {
  if (!PyDict_Check(value)) raise(PyExc_TypeError, "kwargs must be a dict, not %.200s", Py_TYPE(value)->tp_name);
  PyObject *name = nullptr, *pattern = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(value, &at, &name, &pattern) != 0;) {
    entry.keywords.insert_or_assign(text_from(name, "a keyword"), pattern_from(pattern));
  }
}

void read_items(Entry& entry, PyObject* value) {
  const std::vector<std::string> patterns = texts_from(value, "a pattern");
  if (patterns.size() != 2) raise(PyExc_ValueError, "items must be the patterns of keys and of values");
  entry.assigned_key = checker::parse_pattern(patterns[0]);
  entry.assigned_value = checker::parse_pattern(patterns[1]);
}

void read_makes(Entry& entry, PyObject* value) {
  if (PyLong_Check(value)) {
    entry.makes_argument = PyLong_AsSize_t(value);
    if (PyErr_Occurred() != nullptr) throw_python_error();
    return;
  }
  const std::string path = text_from(value, "what is made");
  const std::size_t colon = path.find(':');
  if (colon == std::string::npos) raise(PyExc_ValueError, "what is made is written module:name, not %R", value);
  entry.makes_module = path.substr(0, colon);
  entry.makes_name = path.substr(colon + 1);
}

void read_field(Entry& entry, const std::string& name, PyObject* value) {
  if (name == "role") {
    entry.role = role_from(value);
  } else if (name == "args") {
    for_each_item(value, [&](PyObject* each) {
      entry.arguments.push_back(checker::parse_arguments(texts_from(each, "a pattern")));
    });
  } else if (name == "kwargs") {
    read_keywords(entry, value);
  } else if (name == "state") {
    entry.state = pattern_from(value);
  } else if (name == "appends") {
    entry.appended = pattern_from(value);
  } else if (name == "items") {
    read_items(entry, value);
  } else if (name == "adds") {
    entry.added = pattern_from(value);
  } else if (name == "makes") {
    read_makes(entry, value);
  } else if (name == "hashable") {
    entry.hashable = is_true(value, false);
  } else if (name == "forbidden_fields") {
    for (std::string& field : texts_from(value, "a field")) entry.forbidden_fields.insert(std::move(field));
  } else if (name == "reason") {
    entry.reason = text_from(value, "reason");
  } else if (name != "global" && name != "also" && name != "guard") {
    raise(PyExc_ValueError, "entries have no field %s", name.c_str());
  }
}

std::shared_ptr<const Entry> entry_from(PyObject* fields) {
  if (!PyDict_Check(fields)) raise(PyExc_TypeError, "an entry must be a dict, not %.200s", Py_TYPE(fields)->tp_name);
  auto entry = std::make_shared<Entry>();
  PyObject *name = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(fields, &at, &name, &value) != 0;) {
    read_field(*entry, text_from(name, "a field of an entry"), value);
  }
  return entry;
}

// The same dict for several names is one entry: they are names of the same.
void add_entries(Rules& rules, PyObject* iterable) {
  std::map<PyObject*, std::shared_ptr<const Entry>> known;
  Ref kept = Ref::checked(PySequence_List(iterable));
  for_each_item(kept, [&](PyObject* item) {
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 3) {
      raise(PyExc_TypeError, "entries are tuples of module, name and a dict, not %R", item);
    }
    PyObject* fields = PyTuple_GET_ITEM(item, 2);
    const std::string module = text_from(PyTuple_GET_ITEM(item, 0), "a module");
    const std::string name = text_from(PyTuple_GET_ITEM(item, 1), "a name");
    try {
      std::shared_ptr<const Entry>& entry = known[fields];
      if (!entry) entry = entry_from(fields);
      rules.add(module, name, entry);
    } catch (const checker::PatternError& error) {
      raise(PyExc_ValueError, "entry %s:%s: %s", module.c_str(), name.c_str(), error.what());
    }
  });
}

Ref new_rules(PyTypeObject* type, std::shared_ptr<const Rules> base, PyObject* entries) {
  auto rules = std::make_shared<Rules>(std::move(base));
  add_entries(*rules, entries);
  rules->settle();
  Ref self = Ref::checked(type->tp_alloc(type, 0));
  new (&fields_of(self).rules) std::shared_ptr<const Rules>(std::move(rules));
  return self;
}

PyObject* rules_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guard([&] {
    std::array<PyObject*, 1> values{};
    parse_arguments(rules_signature, args, kwargs, values);
    return new_rules(type, nullptr, values[0]);
  });
}

PyObject* rules_extended(PyObject* self, PyObject* entries) {
  return guard([&] { return new_rules(Py_TYPE(self), fields_of(self).rules, entries); });
}

Py_ssize_t rules_length(PyObject* self) { return static_cast<Py_ssize_t>(fields_of(self).rules->size()); }

void rules_dealloc(PyObject* self) {
  fields_of(self).rules.~shared_ptr();
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

PyDoc_STRVAR(
    rules_doc,
    "Rules(entries)\n--\n\n"
    "What may be done with which globals: tuples of module, name and a dict of an entry's fields (role, args,\n"
    "kwargs, state, appends, items, adds, hashable, forbidden_fields, reason; native/check/pattern.hpp tells\n"
    "the patterns). One dict for several names: these are names of the same. The name * stands for all names\n"
    "in a module, in its submodules too where the module is written pkg.*; who resolves such names has to see\n"
    "that they lead nowhere else. Raises ValueError for what cannot be read.");
PyDoc_STRVAR(extended_doc,
             "extended($self, entries, /)\n--\n\nNew rules with more entries, which go before those that there are.");

PyMethodDef rules_methods[] = {
    {"extended", rules_extended, METH_O, extended_doc},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot rules_slots[] = {
    {Py_tp_doc, const_cast<char*>(rules_doc)},
    {Py_tp_new, reinterpret_cast<void*>(rules_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(rules_dealloc)},
    {Py_tp_methods, rules_methods},
    {Py_sq_length, reinterpret_cast<void*>(rules_length)},
    {0, nullptr},
};

PyType_Spec rules_spec = {
    .name = "brinery.codec.Rules",
    .basicsize = sizeof(RulesObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = rules_slots,
};

}  // namespace

Ref make_rules_type(PyObject* module) { return Ref::checked(PyType_FromModuleAndSpec(module, &rules_spec, nullptr)); }

const Rules& rules_argument(State& state, PyObject* value) {
  if (Py_TYPE(value) != reinterpret_cast<PyTypeObject*>(state.rules_type.get())) {
    raise(PyExc_TypeError, "rules must be Rules, not %.200s", Py_TYPE(value)->tp_name);
  }
  return *fields_of(value).rules;
}

}  // namespace brinery
