// Objects to pickle opcodes.
//
// The encoder walks an object graph without recursion: begin() writes an object or pushes the frame that will, and
// resume() goes on with the topmost frame. Both answer with the object to write next, or null. A few levels are written
// by calls into each other all the same, which is faster; when they get too deep, each parks its frame on the way out
// and the loop goes on from there.
//
// As long as no code but the interpreter's own can run, an object with a single reference can only be met once, so
// it needs no entry in the memo. The first call of foreign code ends that: what was left out of the memo might be
// met again. The encoder then starts over with every container memoised (Restart); dumps to a file and Pickler
// objects, which cannot start over, memoise from the start.
#pragma once

#include <cstdint>
#include <optional>

#include "objects/encoder_cache.hpp"
#include "objects/frame.hpp"
#include "objects/memo_table.hpp"
#include "objects/open_instances.hpp"
#include "objects/output.hpp"
#include "objects/state.hpp"
#include "wire/opcodes.hpp"

namespace brinery {

namespace op = wire::op;

struct Canonical;

// What a Pickler was told; all objects are borrowed from it and may be null.
struct EncoderOptions {
  int protocol = wire::default_protocol;
  bool fix_imports = true;
  bool fast = false;
  PyObject* persistent_id = nullptr;
  PyObject* reducer_override = nullptr;
  PyObject* dispatch_table = nullptr;
  PyObject* buffer_callback = nullptr;
  // Asked about what no plan answers and what does not go by reference; answers as reducer_override does. What comes
  // from the modules whose names are in the set does not go by reference. About a NumPy array whose memory another
  // array owns that has been written, it is asked with that one as second argument.
  PyObject* reduce = nullptr;
  PyObject* by_value = nullptr;
  PyObject* reduced = nullptr;     // dict or set of exact types that are always asked about
  PyObject* globals = nullptr;     // list that is given (module, name) of each global that is written
  bool marks_numbers = false;      // large arrays of plain numbers are to be remembered as spans of the output
  Canonical* canonical = nullptr;  // bytes that depend on the value only are wanted, see canonical.hpp
};

class Encoder {
 public:
  // Thrown when foreign code is about to run and something was left out of the memo.
  struct Restart {};

  Encoder(State& state, const EncoderOptions& options, MemoTable& memo, Output& out, bool skip_unique);
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() { cache_.plans.leave(); }

  // Writes one whole pickle of `root`: header, object, STOP. On failure the exception carries a note that says
  // where in `root` it happened.
  void encode(PyObject* root);
  // Writes the object alone, without header and STOP: what it is compared by.
  void encode_key(PyObject* element);
  // Whether no foreign code ran, so that the whole was written with unique objects left out of the memo.
  [[nodiscard]] bool skips_unique() const { return skip_unique_; }

 private:
  static constexpr Py_ssize_t batch_size = 1000;
  // Reduce values within reduce values: endless ones must end in RecursionError before memory does.
  static constexpr std::size_t max_user_nesting = 1'000'000;
  static constexpr std::size_t fast_nesting_limit = 50;
  static constexpr int most_recursion = 24;
  // Answered in place of an object when frames were parked and the topmost is to be resumed.
  static PyObject* const parked;

  void run(PyObject* root, std::size_t base = 0);
  PyObject* begin(PyObject* object);
  PyObject* begin_unhooked(PyObject* object);
  PyObject* begin_other(PyObject* object);
  PyObject* resume(Frame& frame);
  // Leaves a frame to the loop. Inner frames are parked before outer ones.
  void park(Frame&& frame) { parked_frames_.push_back(std::move(frame)); }
  void unpark();
  void unpark_quietly();
  void push(Frame&& frame);
  void pop();

  // Leaves: written whole at once. encode_leaves.hpp
  bool save_leaf(PyObject* object);
  void save_str(PyObject* object);
  void save_int(PyObject* object);
  void save_float(double value);
  void save_bool(bool value);
  Py_ssize_t save_float_run(PyObject* const* items, Py_ssize_t count);
  Py_ssize_t save_int_run(PyObject* const* items, Py_ssize_t count);
  void write_str(PyObject* object);
  void write_str_slow(PyObject* object);
  void write_text_str(PyObject* object);
  void write_int64(long long value);
  void write_big_int(PyObject* object);
  void write_text_int(PyObject* object);
  void write_text_float(double value);
  void write_bytes_payload(const void* data, std::size_t size, PyObject* owner, bool stable);
  void write_bytearray_payload(const void* data, std::size_t size, PyObject* owner, bool stable);
  PyObject* begin_bytes(PyObject* object);
  PyObject* begin_bytearray(PyObject* object);
  void save_picklebuffer(PyObject* object);

  // Containers. encode_containers.cpp
  PyObject* begin_list(PyObject* object);
  PyObject* begin_tuple(PyObject* object);
  PyObject* begin_dict(PyObject* object);
  PyObject* begin_set(PyObject* object);
  PyObject* begin_frozenset(PyObject* object);
  template <PyObject* (Encoder::*advance)(Frame&)>
  PyObject* start(Frame& frame);
  PyObject* save_part(Frame& frame, PyObject* part);
  PyObject* descend(Frame& frame, PyObject* part);
  PyObject* advance_list(Frame& frame);
  PyObject* advance_tuple(Frame& frame);
  PyObject* advance_dict(Frame& frame);
  bool save_leaf_entries(Frame& frame, PyObject* dict, PyObject*& key, PyObject*& value);
  void open_dict_batch(Frame& frame);
  struct SetRun;
  PyObject* save_set_run(Frame& frame, const SetRun& run);
  PyObject* finish_dict(Frame& frame);
  PyObject* advance_set(Frame& frame);
  PyObject* advance_iterator(Frame& frame);
  PyObject* advance_item_pairs(Frame& frame);
  Ref next_pair(Frame& frame);
  bool open_batch(Frame& frame, Py_ssize_t remaining, std::uint8_t one, std::uint8_t many);
  void finish_tuple(PyObject* tuple);
  void finish_frozenset(Frame& frame);

  // Keys that wait for objects which they reach. encode_late.cpp
  void open_instance(Frame& frame, std::int64_t index, bool reads);
  PyObject* finish_instance(Frame& frame) { return frame.open ? finish_open(frame) : nullptr; }
  PyObject* finish_open(Frame& frame);
  void watch(Frame& frame, PyObject* key, bool reads);
  // Whatever takes arguments may read them.
  void enter_arguments(Frame& frame) {
    if (!open_.any()) return;
    open_.enter(nullptr, true);
    frame.watched = true;
  }
  void leave_arguments(Frame& frame) {
    if (std::exchange(frame.watched, false)) open_.leave();
  }
  std::optional<OpenInstances::Waiting> leave_key(Frame& frame, PyObject* container);
  void leave_element(Frame& frame);
  bool leave_dict_key(Frame& frame);
  bool leave_pair_key(Frame& frame);
  PyObject* advance_late(Frame& frame);
  void open_late_batch(Frame& frame, const LateItem& first);
  bool wait_again(Frame& frame, Vector<LateItem>& items);

  // Only in canonical bytes. canonical.cpp
  void save_text_by_value(PyObject* object);
  PyObject* begin_bytes_by_value(PyObject* object);
  PyObject* begin_sorted_set(PyObject* object);
  PyObject* advance_sorted_set(Frame& frame);
  [[nodiscard]] Ref canonical_module(PyObject* object) const;
  static Ref state_of_its_own(PyObject* object, const Ref& state);

  // Memo.
  bool write_get_if_known(PyObject* object);
  void write_get(std::int64_t index);
  void memoize(PyObject* object);
  void memoize_unless_unique(PyObject* object);
  void memoize_finished(PyObject* object);
  void write_put(std::size_t index);
  [[nodiscard]] static bool unique(PyObject* object) { return Py_REFCNT(object) == 1; }
  [[nodiscard]] bool skips(PyObject* object) {
    const bool skip = skip_unique_ && unique(object);
    skipped_ |= skip;
    return skip;
  }

  // Anything that calls code which is not the interpreter's own goes through here first.
  void enter_foreign_code();

  // Reduce values. encode_reduce.cpp
  PyObject* begin_generic(PyObject* object);
  PyObject* begin_reduced(PyObject* object, const Ref& value);
  PyObject* push_reduce(PyObject* object, PyObject* value);
  PyObject* advance_reduce(Frame& frame);
  Ref reduce_value_of(PyObject* object);

  // Classes and functions. encode_global.cpp
  PyObject* begin_type(PyObject* object);
  PyObject* begin_global(PyObject* object, PyObject* name);
  PyObject* advance_global(Frame& frame);
  void check_importable(PyObject* object, PyObject* module_name, PyObject* name, PyObject* path);
  bool write_extension(PyObject* object, PyObject* module_name, PyObject* name);
  void write_stack_global(PyObject* module_name, PyObject* name);
  void note_global(PyObject* module_name, PyObject* name);
  void write_text_global(PyObject* module_name, PyObject* name);
  Ref which_module(PyObject* object, PyObject* dotted_path);

  // Persistent ids. encode_reduce.cpp
  bool begin_persistent(PyObject* object);
  PyObject* advance_persistent(Frame& frame);

  // Native plans. encode_native.cpp, encode_instance.cpp, encode_numpy.cpp
  Plan* current_plan(PyObject* object);
  Plan* refresh_plan(Plan* plan, PyObject* object);
  bool is_writable(const Plan& plan);
  bool goes_by_value(PyObject* module_name);
  bool goes_by_reference(PyObject* object);
  PyObject* begin_native(PyObject* object, bool& handled);
  PyObject* begin_planned(Plan& plan, PyObject* object, bool skip);
  PyObject* advance_native(Frame& frame);
  bool reduces_without_foreign_code(PyObject* object);
  void write_class(const Plan& plan);
  void finish_call(PyObject* object, std::uint8_t tuple, std::uint8_t call, bool skip);
  PyObject* begin_arguments(const Plan& plan, PyObject* object, Ref arguments, std::uint8_t closing, After after,
                            bool skip);
  PyObject* advance_arguments(Frame& frame);
  PyObject* begin_named_tuple(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_value(Plan& plan, PyObject* object, bool skip);
  PyObject* begin_enum_member(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_date(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_fraction(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_path(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_uuid(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_ordered_dict(const Plan& plan, PyObject* object, bool skip);
  PyObject* advance_ordered(Frame& frame);
  PyObject* begin_counter(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_default_dict(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_deque(const Plan& plan, PyObject* object, bool skip);
  PyObject* begin_ast_node(const Plan& plan, PyObject* object, bool skip);

  PyObject* begin_instance(Plan& plan, PyObject* object, bool skip);
  PyObject* begin_own_getstate(Plan& plan, PyObject* object);
  PyObject* begin_field_list(const Plan& plan, PyObject* object, bool skip);
  bool is_shadowed(Plan& plan, PyObject* object);
  bool open_state(Frame& frame, const Plan& plan, PyObject* object, bool memoised);
  PyObject* advance_state(Frame& frame);
  PyObject* advance_attributes(Frame& frame);
  PyObject* go_on_in_dict(Frame& frame);
  PyObject* advance_slots(Frame& frame);
  PyObject* advance_field_list(Frame& frame);
  PyObject* open_items(Frame& frame, PyObject* dict);
  PyObject* instance_dict(const Plan& plan, PyObject* object, layout::Attributes& attributes);
  void save_name(PyObject* object);
  bool write_name(PyObject* object, std::size_t size, std::int64_t index);
  void save_name_hashed(PyObject* object);
  void save_name_slowly(PyObject* object);

  bool is_buffer(PyObject* array);
  Ref ask_about_array(PyObject* array);
  PyObject* begin_array(Plan& plan, PyObject* object, bool skip);
  PyObject* begin_scalar(const Plan& plan, PyObject* object, bool skip);
  // Writes an object whole, its parts included. Only for what is known to be shallow.
  void save_whole(PyObject* object);

  // Where the failing object sits, for the note on the exception. encode_path.cpp
  void note_place(PyObject* root);

  State& state_;
  EncoderCache& cache_;
  EncoderOptions options_;
  MemoTable& memo_;
  Output& out_;
  FrameStack stack_;
  Vector<Frame> parked_frames_;
  int recursion_ = 0;
  const int protocol_;
  const bool binary_;
  const bool plain_;           // no hook sees leaves and containers
  const bool native_;          // plans may answer
  const bool memoises_names_;  // MEMOIZE is known, and neither fast mode nor canonical bytes want another way
  const bool skips_text_;      // text with a single reference needs no memo entry
  const bool defers_;          // keys may wait: the stdlib's order is not asked for
  bool skip_unique_;           // see the top of this file
  bool skipped_ = false;       // something was left out of the memo
  bool views_met_ = false;     // the hook was asked about arrays whose memory others own
  std::uint64_t epoch_;        // see EncoderCache::epoch
  std::size_t user_nesting_ = 0;
  OpenInstances open_;
  Vector<Ref> limbo_;  // objects whose last other reference a hook dropped while they were being written
  Ref fast_open_;      // set of ids of containers that are open in fast mode past fast_nesting_limit
};

}  // namespace brinery
