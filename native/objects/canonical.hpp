// Bytes that depend on the value only: what the encoder needs beyond its usual ways when it writes canonical bytes.
//
// Text and bytes are memoised by value. The elements of a set are written in the order of their *keys*: what the
// encoder would write for each element alone. A set within a key is written as its digest, which is worked out from the
// keys of its own elements, so that each set is gone through once however deep it is nested or often it is met. Sets
// that can be reached from their own elements have no such digest; theirs begins with the elements that lead to no
// other set, and is refined by a fixed number of rounds.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "objects/encoder.hpp"

namespace brinery {

class SetOrders;

// The state of one encoder that writes canonical bytes, or a key.
struct Canonical {
  SetOrders* orders = nullptr;
  PyObject* leaves = nullptr;  // dict, borrowed: exact types that are never memoised, and the module to name or None
  std::size_t key_limit = 0;   // of a key: no further object is taken apart beyond this many bytes; 0: this is no key
  Ref texts, byte_strings;     // dicts: a str or bytes, and the object that stands for all of its value in the memo

  // Thrown when a key is as long as it may get.
  struct KeyFull {};

  [[nodiscard]] bool is_leaf(PyObject* object) const {
    return check_status(PyDict_Contains(leaves, reinterpret_cast<PyObject*>(Py_TYPE(object)))) != 0;
  }
  // The object that stands for all of this value. REQUIRES: an exact str or bytes
  PyObject* representative(PyObject* object) {
    Ref& values = PyBytes_CheckExact(object) ? byte_strings : texts;
    if (!values) values = Ref::checked(PyDict_New());
    return check(PyDict_SetDefault(values, object, object));
  }
};

class SetOrders {
 public:
  // `options` are those of the encoder that writes the bytes; `key_reduce` takes the place of `options.reduce` for
  // keys.
  SetOrders(State& state, const EncoderOptions& options, PyObject* key_reduce, PyObject* leaves);

  // The elements of a set in their order, as a list: first those that have been written, as they were, then the others
  // by their keys.
  Ref sorted(PyObject* set, const MemoTable& written);
  // What stands for a set in a key; zeros for one whose digest is yet to be found, which is asked for by this.
  Ref stand_in_of(PyObject* set);

 private:
  // Keys are cut here at first: most elements differ early, while what they lead to may be all there is.
  static constexpr std::size_t first_limit = 4096;
  static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
  static constexpr int rounds = 2;
  static constexpr std::size_t most_sets = 10'000'000;  // endless reduce values must end before memory does

  struct Item {
    std::int64_t rank;  // place among what has been written, or after all of it
    Ref key;
    Ref element;
  };
  struct Node {
    Ref set;
    Vector<Ref> elements;
    Vector<Ref> keys;  // empty for an element that leads to a set without a digest
    Vector<std::size_t> dependents;
    std::size_t waiting = 0;
    bool done = false;
  };
  struct Nodes {
    std::deque<Node> all;
    std::unordered_map<PyObject*, std::size_t> places;
  };

  Ref key_of(PyObject* element, std::size_t limit);
  void find_digests(const Vector<Ref>& wanted);
  static std::size_t place_of(Nodes& nodes, PyObject* set);
  void discover(Nodes& nodes, std::size_t place);
  void settle(Nodes& nodes);
  void settle_cycles(Nodes& nodes);
  void complete_keys(Node& node);
  Ref digest_of(const Node& node);
  void tell_apart(Vector<Item>& items);

  State& state_;
  EncoderOptions options_;
  PyObject* leaves_;
  Scratch scratch_;  // of keys, one at a time
  Ref hash_;
  Ref unknown_;
  std::unordered_map<PyObject*, std::pair<Ref, Ref>> digests_;  // by set, which is kept alive: its digest
  Vector<Ref> wanted_;                                          // sets without a digest that the last key met
};

}  // namespace brinery
