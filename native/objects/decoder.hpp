// Pickle opcodes to objects.
//
// A loop over opcodes with an explicit stack of values and one of marks. Values are owned by the stack. An
// EMPTY_DICT whose items follow at once is not made before it is known what becomes of it: `unmade_dict` stands in
// for it beneath the mark, and pop_mark() makes it if nobody else has.
//
// The garbage collector is held off while no foreign code can run (ForeignCode puts it back): nothing that is being
// built can be garbage.
#pragma once

#include <cstdint>
#include <string>

#include "objects/builder_table.hpp"
#include "objects/decode_memo.hpp"
#include "objects/decoder_cache.hpp"
#include "objects/source.hpp"
#include "objects/state.hpp"
#include "wire/opcodes.hpp"
#include "wire/reader.hpp"
#include "wire/scan.hpp"

namespace brinery {

namespace op = wire::op;

// What an Unpickler was told; all objects are borrowed from it and may be null.
struct DecoderOptions {
  bool fix_imports = true;
  const char* encoding = "ASCII";
  const char* errors = "strict";
  PyObject* buffers = nullptr;          // iterator
  PyObject* find_class = nullptr;       // an override, bound
  PyObject* persistent_load = nullptr;  // bound
  PyObject* find_missing = nullptr;     // asked about a global that is not where it is named
  PyObject* globals = nullptr;          // dict: module -> dict: name -> object; nothing else is a global then
  const BuilderTable* builders = nullptr;
};

// Finds a global as the stdlib's Unpickler.find_class does.
Ref find_global(State& state, PyObject* module_name, PyObject* name, int protocol, bool fix_imports);

// Holds the collector off, and puts it back as it was.
class CollectorPause {
 public:
  // A small pickle makes too few objects for the collector to care.
  explicit CollectorPause(bool wanted) : wanted_(wanted) { pause(); }
  CollectorPause(const CollectorPause&) = delete;
  CollectorPause& operator=(const CollectorPause&) = delete;
  ~CollectorPause() { resume(); }
  void resume() {
    if (enabled_ != 0) PyGC_Enable();
  }
  void pause() {
    if (wanted_) enabled_ = PyGC_Disable();
  }
  // Whether the collector would be at work now if it were not for this.
  [[nodiscard]] bool is_in_force() const { return enabled_ != 0; }

 private:
  bool wanted_;
  int enabled_ = 0;
};

class Decoder {
 public:
  // `source` may be null: the reader has it all then. `fetched` is a scan of the very bytes to be read, or null.
  Decoder(State& state, const DecoderOptions& options, DecodeMemo& memo, wire::Reader& in, FileSource* source,
          const wire::Scan* fetched);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder();

  // Thrown where a message turns out not to be plain data, see assume_plain().
  struct Restart {};
  // Trusts that no memo entry is fetched and no foreign code will run, which saves a scan. Where that proves wrong,
  // nothing has happened yet that anybody could have seen, and decode() throws Restart.
  void assume_plain() { assumes_plain_ = true; }

  // Where to note the protocol that the stream says it has.
  void report_protocol(int* to) { reported_protocol_ = to; }

  // Reads one pickle. Exceptions say at which offset and opcode.
  Ref decode();

 private:
  // While it lives, code that is not the interpreter's own may run.
  class ForeignCode {
   public:
    explicit ForeignCode(Decoder& decoder) : pause_(decoder.pause_) {
      decoder.need_more_than_plain();
      pause_.resume();
    }
    ForeignCode(const ForeignCode&) = delete;
    ForeignCode& operator=(const ForeignCode&) = delete;
    ~ForeignCode() { pause_.pause(); }

   private:
    CollectorPause& pause_;
  };

  Ref run();
  void run_common();
  void load_opcode();

  void need_more_than_plain() const {
    if (assumes_plain_) [[unlikely]]
      throw Restart{};
  }

  // Input. decode_input.cpp
  [[gnu::always_inline]] void need(std::size_t n) {
    if (!in_.has(n)) [[unlikely]]
      need_more(n);
  }
  void need_more(std::size_t n);
  bool next_opcode_missing();
  // The next line without its newline.
  const std::uint8_t* take_line(std::size_t& size, bool may_be_empty = false);
  std::string take_text_line();
  [[noreturn]] void fail(PyObject* type, const char* message);
  [[noreturn]] void fail(const char* message) { fail(state_.unpickling_error, message); }
  [[noreturn]] void fail_underflow();
  void note_place();
  [[nodiscard]] std::size_t offset() const;
  [[nodiscard]] std::uint8_t code() const { return opcode_ != nullptr ? *opcode_ : code_; }
  [[nodiscard]] const char* opcode_name() const;
  // The input is about to be refilled, and the opcode with it.
  void leave_opcode();
  Ref take_bytes(std::size_t n);
  void refuse_empty_at_end();

  // Stack.
  void push(Ref value) {
    if (top_ == stack_end_) [[unlikely]]
      grow_stack();
    *top_++ = value.release();
  }
  void grow_stack();
  [[nodiscard]] std::size_t depth() const { return static_cast<std::size_t>(top_ - stack_); }
  void require(std::size_t n) {
    if (depth() < fence_ + n) [[unlikely]]
      fail_underflow();
  }
  Ref pop() {
    require(1);
    return Ref::steal(*--top_);
  }
  // REQUIRES: require(n) held for n > from_top
  [[nodiscard]] PyObject* peek(std::size_t from_top = 0) const { return *(top_ - 1 - from_top); }
  void push_mark();
  // Position of the first value above the mark. Makes the dict beneath it if that is still unmade.
  std::size_t pop_mark();
  std::size_t pop_mark_keeping_unmade();
  Ref pop_tuple(std::size_t from);
  Ref pop_list(std::size_t from);
  void drop_to(std::size_t depth);
  void make_dict_at(std::size_t position);

  // Numbers and text. decode_values.cpp
  void load_int_line();
  void load_long_line();
  void load_counted_long(std::size_t size);
  void load_float_line();
  void load_string_line();
  void load_counted_string(std::size_t size);
  void load_unicode_line();
  void load_short_text(std::size_t size);
  void load_text(std::uint64_t size);
  void load_bytes(std::uint64_t size);
  void load_bytearray(std::uint64_t size);
  void push_decoded_string(const char* data, std::size_t size);
  void load_next_buffer();
  void load_readonly_buffer();
  void check_size(std::uint64_t size, const char* what);

  // Memo.
  void load_get_line();
  void load_put_line();
  void get(std::size_t index);
  void put(std::size_t index);
  void memoize();
  // An EMPTY_DICT MEMOIZE whose entry is never fetched may stay unmade as well.
  void load_empty_dict();
  [[nodiscard]] std::size_t skippable_put(std::size_t at) const;

  // Containers. decode_containers.cpp
  void load_tuple(std::size_t size);
  void load_arguments(std::size_t from);
  void load_appends(std::size_t from);
  void load_setitems(std::size_t from);
  void load_additems(std::size_t from);
  void load_dict();
  Ref pop_dict(std::size_t from);
  void learn_template(std::size_t from, std::size_t count);
  Ref dict_from_template(std::size_t from, std::size_t count);
  void fill_dict(PyObject* dict, std::size_t from);
  void load_pop();
  void load_dup();

  // Names. decode_global.cpp
  void load_global();
  void load_stack_global();
  void load_inst();
  void load_extension(long code);
  Ref find_class(PyObject* module_name, PyObject* name);
  Ref resolve(PyObject* module_name, PyObject* name);
  Ref find_given(PyObject* module_name, PyObject* name);
  Ref find_plain(PyObject* module_name, PyObject* name);
  Ref find_missing(PyObject* module_name, PyObject* name);
  void load_persistent_line();
  void load_persistent();
  void call_persistent_load(PyObject* id);

  // Making and restoring instances. decode_instances.cpp
  void load_newobj();
  void load_newobj_ex();
  void load_obj();
  void load_reduce();
  void load_build();
  Ref instantiate(PyObject* cls, PyObject* args);
  Ref call(PyObject* callable, PyObject* args);
  Ref enum_member(const BuildPlan& plan, PyObject* value);
  bool call_with_items(std::size_t from);
  Ref new_from_items(PyTypeObject* type, PyObject** items, std::size_t count);
  Ref call_on_items(PyObject* callable, PyObject** items, std::size_t count);
  // decode_rebuild.cpp; empty where the constructor has to be called
  Ref rebuild(PyObject* callable, PyObject* args);
  Ref make_counter(PyTypeObject* type, PyObject* args);
  Ref make_fraction(BuildPlan& plan, PyObject* numerator, PyObject* denominator);
  Ref make_path(BuildPlan& plan, PyObject* args);
  Ref rebuild_numpy(PyObject* callable, PyObject* args);
  // Who builds objects of that type in place of all ways below; borrowed, or null.
  [[nodiscard]] PyObject* builder_of(PyObject* object) const {
    return options_.builders == nullptr ? nullptr : options_.builders->find(Py_TYPE(object));
  }
  bool build_from_items(std::size_t from);
  bool restore_natively(PyObject* object, PyObject* state);
  bool restore_slots(PyObject* object, PyObject* slots);
  bool restore_fields(BuildPlan& plan, PyObject* object, PyObject* list);
  bool build_fields_from_items(std::size_t from);
  bool restore_uuid(BuildPlan& plan, PyObject* object, PyObject* key, PyObject* number);
  bool restore_items(BuildPlan& plan, PyObject* object, PyObject** items, std::size_t count);
  bool build_slots_from_items(std::size_t from);
  bool restore_dict(BuildPlan& plan, PyObject* object, PyObject* dict);
  void set_default_state(PyObject* object, PyObject* state);
  void set_dict_state(PyObject* object, PyObject* state);

  static PyObject* unmade_dict();
  static bool is_empty_dict(PyObject* object);

  State& state_;
  DecoderCache& cache_;
  const DecoderOptions& options_;
  DecodeMemo& memo_;
  wire::Reader& in_;
  FileSource* source_;
  const wire::Scan* fetched_;
  const std::uint8_t* begin_;
  std::size_t next_index_ = 0;            // of the memo, when `fetched` is given
  const std::uint8_t* opcode_ = nullptr;  // where the current opcode is, or null once the input has been refilled
  std::size_t opcode_offset_ = 0;         // its offset then
  std::uint8_t code_ = 0;                 // what it was then; 0, which is no opcode, while none was read
  bool assumes_plain_ = false;            // see assume_plain()
  bool located_ = false;                  // the exception in flight already says where
  int protocol_ = 0;
  int* reported_protocol_ = nullptr;
  PyObject** stack_ = nullptr;
  PyObject** top_ = nullptr;
  PyObject** stack_end_ = nullptr;
  std::size_t fence_ = 0;  // what is below belongs to an outer mark
  bool keys_above_ = false;
  Vector<Mark> marks_;
  Vector<PyObject*> memory_;  // of the stack
  bool borrowed_memory_ = false;
  CollectorPause pause_;
};

}  // namespace brinery
