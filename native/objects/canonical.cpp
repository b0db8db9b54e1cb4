#include "objects/canonical.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

constexpr Py_ssize_t digest_size = 16;

std::string_view view_of(const Ref& key) {
  return {PyBytes_AS_STRING(key.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(key.get()))};
}

// Memoised by value, or never: where it was written before says nothing.
bool is_by_value(PyObject* element) { return PyUnicode_CheckExact(element) || PyBytes_CheckExact(element); }

Vector<Ref> elements_of(PyObject* set) {
  Ref list = Ref::checked(PySequence_List(set));
  Vector<Ref> elements;
  elements.reserve(static_cast<std::size_t>(PyList_GET_SIZE(list.get())));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list.get()); ++i) {
    elements.push_back(Ref::borrow(PyList_GET_ITEM(list.get(), i)));
  }
  return elements;
}

}  // namespace

SetOrders::SetOrders(State& state, const EncoderOptions& options, PyObject* key_reduce, PyObject* leaves)
    : state_(state), options_(options), leaves_(leaves) {
  options_.reduce = key_reduce;
  options_.buffer_callback = nullptr;
}

Ref SetOrders::key_of(PyObject* element, std::size_t limit) {
  Canonical canonical{.orders = this, .leaves = leaves_, .key_limit = limit};
  EncoderOptions options = options_;
  options.canonical = &canonical;
  MemoTable memo;
  Output out(scratch_, nullptr);
  Encoder encoder(state_, options, memo, out, false);
  wanted_.clear();
  try {
    encoder.encode_key(element);
  } catch (const Canonical::KeyFull&) {  // NOLINT(bugprone-empty-catch): what there is of it is the key
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0 || PyErr_ExceptionMatches(PyExc_MemoryError) != 0) throw;
    // It comes first, so that writing it fails next, which tells where it is in the whole.
    PyErr_Clear();
    wanted_.clear();
    return Ref::checked(PyBytes_FromStringAndSize(nullptr, 0));
  }
  return out.finish_bytes();
}

Ref SetOrders::stand_in_of(PyObject* set) {
  if (const auto found = digests_.find(set); found != digests_.end()) return found->second.second;
  wanted_.push_back(Ref::borrow(set));
  if (!unknown_) unknown_ = Ref::checked(PyBytes_FromStringAndSize(std::string(digest_size, 0).data(), digest_size));
  return unknown_;
}

Ref SetOrders::sorted(PyObject* set, const MemoTable& written) {
  Vector<Item> items;
  Vector<Ref> wanted;
  Vector<std::size_t> unfinished;
  for (Ref& element : elements_of(set)) {
    const std::int64_t index = is_by_value(element) ? MemoTable::absent : written.find(element);
    items.push_back({index >= 0 ? index : std::numeric_limits<std::int64_t>::max(), Ref(), std::move(element)});
  }
  for (std::size_t i = 0; items.size() > 1 && i < items.size(); ++i) {
    if (items[i].rank != std::numeric_limits<std::int64_t>::max()) continue;
    items[i].key = key_of(items[i].element, first_limit);
    if (wanted_.empty()) continue;
    unfinished.push_back(i);
    std::ranges::move(wanted_, std::back_inserter(wanted));
  }
  if (!wanted.empty()) find_digests(wanted);
  for (const std::size_t i : unfinished) items[i].key = key_of(items[i].element, first_limit);
  tell_apart(items);
  Ref list = Ref::checked(PyList_New(static_cast<Py_ssize_t>(items.size())));
  for (std::size_t i = 0; i < items.size(); ++i) {
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), items[i].element.release());
  }
  return list;
}

// Sorts, and looks further where keys that were cut are the same.
void SetOrders::tell_apart(Vector<Item>& items) {
  const auto before = [](const Item& one, const Item& other) {
    return one.rank != other.rank ? one.rank < other.rank : one.key && view_of(one.key) < view_of(other.key);
  };
  std::ranges::sort(items, before);
  for (std::size_t from = 0, to = 0; from < items.size(); from = to) {
    for (to = from + 1; to < items.size() && !before(items[from], items[to]);) ++to;
    if (to - from < 2 || view_of(items[from].key).size() <= first_limit) continue;
    for (std::size_t i = from; i < to; ++i) items[i].key = key_of(items[i].element, no_limit);
    std::sort(items.begin() + static_cast<std::ptrdiff_t>(from), items.begin() + static_cast<std::ptrdiff_t>(to),
              before);
  }
}

// Works out the digests of these sets, and of all that are met on the way.
void SetOrders::find_digests(const Vector<Ref>& wanted) {
  Nodes nodes;
  for (const Ref& set : wanted) place_of(nodes, set);
  for (std::size_t place = 0; place < nodes.all.size(); ++place) discover(nodes, place);
  settle(nodes);
  settle_cycles(nodes);
}

std::size_t SetOrders::place_of(Nodes& nodes, PyObject* set) {
  const auto [found, added] = nodes.places.try_emplace(set, nodes.all.size());
  if (!added) return found->second;
  if (nodes.all.size() >= most_sets) raise(PyExc_RecursionError, "sets without end within the elements of a set");
  nodes.all.push_back({.set = Ref::borrow(set), .elements = elements_of(set)});
  return found->second;
}

void SetOrders::discover(Nodes& nodes, std::size_t place) {
  const std::size_t count = nodes.all[place].elements.size();
  for (std::size_t i = 0; i < count; ++i) {
    Ref key = key_of(nodes.all[place].elements[i], first_limit);
    for (const Ref& set : wanted_) {
      nodes.all[place_of(nodes, set)].dependents.push_back(place);
      ++nodes.all[place].waiting;
    }
    nodes.all[place].keys.push_back(wanted_.empty() ? std::move(key) : Ref());
  }
}

// Sets that lead to no cycle, the innermost first.
void SetOrders::settle(Nodes& nodes) {
  Vector<std::size_t> ready;
  for (std::size_t place = 0; place < nodes.all.size(); ++place) {
    if (nodes.all[place].waiting == 0) ready.push_back(place);
  }
  while (!ready.empty()) {
    Node& node = nodes.all[ready.back()];
    ready.pop_back();
    complete_keys(node);
    digests_.insert_or_assign(node.set.get(), std::pair{node.set, digest_of(node)});
    node.done = true;
    for (const std::size_t dependent : node.dependents) {
      if (--nodes.all[dependent].waiting == 0) ready.push_back(dependent);
    }
  }
}

void SetOrders::settle_cycles(Nodes& nodes) {
  const auto renew = [&] {
    Vector<Ref> digests;
    for (const Node& node : nodes.all) digests.push_back(node.done ? Ref() : digest_of(node));
    for (std::size_t place = 0; place < nodes.all.size(); ++place) {
      const Node& node = nodes.all[place];
      if (!node.done) digests_.insert_or_assign(node.set.get(), std::pair{node.set, std::move(digests[place])});
    }
  };
  if (std::ranges::all_of(nodes.all, &Node::done)) return;
  renew();
  const std::size_t count = nodes.all.size();
  Vector<Vector<std::size_t>> open(count);
  for (std::size_t place = 0; place < count; ++place) {
    const Node& node = nodes.all[place];
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      if (!node.keys[i]) open[place].push_back(i);
    }
  }
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t place = 0; place < count; ++place) {
      Node& node = nodes.all[place];
      if (node.done) continue;
      for (const std::size_t i : open[place]) node.keys[i] = key_of(node.elements[i], first_limit);
    }
    renew();
  }
}

void SetOrders::complete_keys(Node& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (!node.keys[i]) node.keys[i] = key_of(node.elements[i], first_limit);
  }
}

Ref SetOrders::digest_of(const Node& node) {
  Vector<std::string_view> keys;
  for (const Ref& key : node.keys) keys.push_back(key ? view_of(key) : std::string_view());
  std::ranges::sort(keys);
  std::string text = PyFrozenSet_CheckExact(node.set.get()) ? "f" : "s";
  for (const std::string_view key : keys) text.append(std::to_string(key.size())).append(":").append(key);
  if (!hash_) hash_ = get_attribute(import_module("hashlib"), "blake2b");
  Ref arguments = Ref::checked(Py_BuildValue("(y#)", text.data(), static_cast<Py_ssize_t>(text.size())));
  Ref settings = Ref::checked(Py_BuildValue("{s:n}", "digest_size", digest_size));
  Ref hash = Ref::checked(PyObject_Call(hash_, arguments, settings));
  Ref digest = Ref::checked(PyObject_CallMethod(hash, "digest", nullptr));
  if (!PyBytes_CheckExact(digest.get())) raise(PyExc_TypeError, "a digest must be bytes");
  return digest;
}

// The part of the encoder that only canonical bytes need.

void Encoder::encode_key(PyObject* element) { run(element); }

void Encoder::save_text_by_value(PyObject* object) {
  if (PyUnicode_GET_LENGTH(object) <= 1) return write_str(object);
  object = options_.canonical->representative(object);
  if (write_get_if_known(object)) return;
  write_str(object);
  memoize(object);
}

PyObject* Encoder::begin_bytes_by_value(PyObject* object) {
  const auto size = static_cast<std::size_t>(PyBytes_GET_SIZE(object));
  if (size > 1) {
    object = options_.canonical->representative(object);
    if (write_get_if_known(object)) return nullptr;
  }
  write_bytes_payload(PyBytes_AS_STRING(object), size, object, true);
  if (size > 1) memoize(object);
  return nullptr;
}

// REQUIRES: the set is not in the memo
PyObject* Encoder::begin_sorted_set(PyObject* object) {
  Canonical& canonical = *options_.canonical;
  const bool frozen = PyFrozenSet_CheckExact(object);
  if (frozen && PySet_GET_SIZE(object) == 0) {
    // One for all in some versions of Python, one of many in others.
    out_.op(op::MARK, op::FROZENSET);
    return nullptr;
  }
  if (canonical.key_limit != 0) {
    out_.op(frozen ? op::FROZENSET : op::EMPTY_SET);
    write_bytes_payload(PyBytes_AS_STRING(canonical.orders->stand_in_of(object).get()), digest_size, nullptr, false);
    memoize(object);
    return nullptr;
  }
  Ref hold = Ref::borrow(object);
  enter_foreign_code();
  Frame frame{.kind = frozen ? Kind::frozenset : Kind::set, .memoize = frozen};
  frame.extra = canonical.orders->sorted(object, memo_);
  frame.object = std::move(hold);
  frame.size = PyList_GET_SIZE(frame.extra.get());
  if (frozen) {
    out_.op(op::MARK);
  } else {
    out_.op(op::EMPTY_SET);
    memoize(frame.object);
    if (frame.size == 0) return nullptr;
  }
  return start<&Encoder::advance_sorted_set>(frame);
}

// `extra` is the list of the elements in their order.
PyObject* Encoder::advance_sorted_set(Frame& frame) {
  if (frame.watched) leave_element(frame);
  while (frame.position < frame.size) {
    if (frame.kind == Kind::set && frame.left == 0) {
      if (frame.closing != 0) out_.op(frame.closing);
      out_.op(op::MARK);
      frame.closing = op::ADDITEMS;
      frame.left = batch_size;
    }
    --frame.left;
    frame.current = Ref::borrow(PyList_GET_ITEM(frame.extra.get(), frame.position));
    ++frame.position;
    watch(frame, frame.current, frame.kind == Kind::frozenset);
    if (PyObject* next = save_part(frame, frame.current)) return next;
    if (frame.watched) leave_element(frame);
  }
  if (frame.kind == Kind::frozenset) {
    finish_frozenset(frame);
  } else if (frame.closing != 0) {
    out_.op(frame.closing);
  }
  return nullptr;
}

// The state, with a copy in the place of the instance's own dict: what is loaded has a dict of its own in any case, and
// is to be written as it was.
Ref Encoder::state_of_its_own(PyObject* object, const Ref& state) {
  const bool pair = PyTuple_CheckExact(state.get()) && PyTuple_GET_SIZE(state.get()) == 2;
  PyObject* dict = pair ? PyTuple_GET_ITEM(state.get(), 0) : state.get();
  if (!PyDict_CheckExact(dict)) return state;
  PyObject** own = _PyObject_GetDictPtr(object);
  if (own == nullptr || *own != dict) return state;
  Ref copy = Ref::checked(PyDict_Copy(dict));
  return pair ? Ref::checked(PyTuple_Pack(2, copy.get(), PyTuple_GET_ITEM(state.get(), 1))) : copy;
}

// The module that a class is to be named by on all versions of Python; empty where it is the class's own.
Ref Encoder::canonical_module(PyObject* object) const {
  Ref name = Ref::borrow(PyDict_GetItemWithError(options_.canonical->leaves, object));
  if (!name && PyErr_Occurred() != nullptr) {
    if (clear_if(PyExc_TypeError)) return {};  // it has no hash
    throw_python_error();
  }
  return name && PyUnicode_Check(name.get()) ? name : Ref();
}

}  // namespace brinery
