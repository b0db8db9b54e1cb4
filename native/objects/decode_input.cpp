// Getting at the bytes, and saying where in them something was wrong.
#include "objects/decoder.hpp"
#include "objects/place_note.hpp"

namespace brinery {

// The offset of the current opcode in the stream.
std::size_t Decoder::offset() const {
  if (opcode_ == nullptr) return opcode_offset_;
  if (source_ != nullptr) return source_->offset(in_) - static_cast<std::size_t>(in_.cursor - opcode_);
  return static_cast<std::size_t>(opcode_ - begin_);
}

const char* Decoder::opcode_name() const {
  const std::string_view name = wire::opcodes[code()].name;
  return name.empty() ? "unknown" : name.data();
}

void Decoder::leave_opcode() {
  if (opcode_ == nullptr) return;
  opcode_offset_ = offset();
  code_ = *opcode_;
  opcode_ = nullptr;
}

void Decoder::fail(PyObject* type, const char* message) {
  located_ = true;
  if (type == PyExc_EOFError) {
    PyErr_Format(type, "%s", message);
  } else {
    PyErr_Format(type, "%s (at offset %zu, opcode %s)", message, offset(), opcode_name());
  }
  throw_python_error();
}

void Decoder::fail_underflow() { fail(marks_.empty() ? "unpickling stack underflow" : "unexpected MARK found"); }

// An exception that foreign code raised is told where in the stream it was called from.
void Decoder::note_place() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (value != nullptr && traceback != nullptr) PyException_SetTraceback(value, traceback);
  const bool wanted = value != nullptr && code() != 0 && PyErr_GivenExceptionMatches(value, PyExc_Exception) != 0 &&
                      PyErr_GivenExceptionMatches(value, PyExc_MemoryError) == 0 && !located_;
  if (wanted) {
    try {
      add_place_note(value, Ref::checked(PyUnicode_FromFormat("while unpickling, at offset %zu, opcode %s", offset(),
                                                              opcode_name())));
    } catch (const PythonError&) {
      PyErr_Clear();  // the note is a courtesy
    }
  }
  PyErr_Restore(type, value, traceback);
}

void Decoder::need_more(std::size_t n) {
  if (source_ != nullptr) {
    leave_opcode();
    ForeignCode foreign(*this);
    if (source_->fill(in_, n)) return;
  }
  fail("pickle data was truncated");
}

bool Decoder::next_opcode_missing() {
  if (source_ == nullptr) return true;
  leave_opcode();
  ForeignCode foreign(*this);
  return !source_->fill(in_, 1);
}

// The next line without its newline; the reader is behind it. The pointer holds until the next refill.
const std::uint8_t* Decoder::take_line(std::size_t& size, bool may_be_empty) {
  const std::uint8_t* next = in_.line_end();
  if (next == nullptr && source_ != nullptr) {
    leave_opcode();
    ForeignCode foreign(*this);
    source_->fill_line(in_);
    next = in_.line_end();
  }
  if (next == nullptr) fail("pickle data was truncated");
  const std::uint8_t* line = in_.cursor;
  size = static_cast<std::size_t>(next - line) - 1;
  if (size == 0 && !may_be_empty) fail("pickle data was truncated");
  in_.cursor = next;
  return line;
}

// The next line, which must not be empty, as text of its own: the C functions that read numbers want a null at the end.
std::string Decoder::take_text_line() {
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  return {line, size};
}

void Decoder::check_size(std::uint64_t size, const char* what) {
  if (size > static_cast<std::uint64_t>(PY_SSIZE_T_MAX)) {
    PyErr_Format(PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes (at offset %zu, opcode %s)", what,
                 PY_SSIZE_T_MAX, offset(), opcode_name());
    throw_python_error();
  }
}

}  // namespace brinery
