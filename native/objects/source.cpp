#include "objects/source.hpp"

#include <algorithm>

namespace brinery {

namespace {

constexpr std::size_t peek_size = 128 * 1024;
// A length is only a claim: what it claims is read piece by piece, so that a short file costs little.
constexpr std::size_t first_piece = 1024 * 1024;

struct BytesView {
  explicit BytesView(PyObject* object) {
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) throw_python_error();
  }
  BytesView(const BytesView&) = delete;
  BytesView& operator=(const BytesView&) = delete;
  ~BytesView() { PyBuffer_Release(&view); }
  Py_buffer view;
};

}  // namespace

void FileSource::open(const State& state, PyObject* file) {
  Ref peek = lookup_attribute(file, state.names.peek);
  Ref readinto = lookup_attribute(file, state.names.readinto);
  Ref read = lookup_attribute(file, state.names.read);
  Ref readline = lookup_attribute(file, state.names.readline);
  if (!read || !readline) raise(PyExc_TypeError, "file must have 'read' and 'readline' attributes");
  clear();
  peek_ = std::move(peek);
  readinto_ = std::move(readinto);
  read_ = std::move(read);
  readline_ = std::move(readline);
}

void FileSource::clear() {
  for (Ref* ref : {&read_, &readline_, &readinto_, &peek_}) ref->reset();
  buffer_.clear();
  base_ = nullptr;
  consumed_ = peeked_ = 0;
}

int FileSource::traverse(visitproc visit, void* arg) const {
  for (const Ref* ref : {&read_, &readline_, &readinto_, &peek_}) {
    if (int status = ref->visit(visit, arg); status != 0) return status;
  }
  return 0;
}

Ref FileSource::call_read(std::size_t n) {
  Ref size = Ref::checked(PyLong_FromSize_t(n));
  Ref read = read_;
  return Ref::checked(PyObject_CallOneArg(read, size));
}

// Forgets what the reader has passed.
void FileSource::drop_consumed(wire::Reader& in) {
  const std::size_t passed = base_ != nullptr ? static_cast<std::size_t>(in.cursor - base_) : 0;
  consumed_ += passed;
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(passed));
  base_ = in.cursor = buffer_.data();
  in.end = in.cursor + buffer_.size();
}

void FileSource::append(wire::Reader& in, PyObject* chunk) {
  BytesView bytes(chunk);
  const auto* data = static_cast<const std::uint8_t*>(bytes.view.buf);
  buffer_.insert(buffer_.end(), data, data + bytes.view.len);
  base_ = in.cursor = buffer_.data();
  in.end = in.cursor + buffer_.size();
}

// Bytes seen through peek() are still the file's: those the reader has passed are read for good now, those ahead of
// it are dropped.
void FileSource::settle(wire::Reader& in) {
  if (peeked_ > 0) {
    const std::size_t ahead = in.left();
    const std::size_t passed = peeked_ > ahead ? peeked_ - ahead : 0;
    const std::size_t dropped = std::min(ahead, peeked_);
    drop_consumed(in);
    buffer_.resize(buffer_.size() - dropped);
    base_ = in.cursor = buffer_.data();
    in.end = in.cursor + buffer_.size();
    peeked_ = 0;
    if (passed > 0) call_read(passed);
  } else {
    drop_consumed(in);
  }
}

bool FileSource::fill(wire::Reader& in, std::size_t n) {
  if (!is_open()) return false;
  settle(in);
  if (peek_ && n < peek_size && in.left() == 0) {
    Ref peek = peek_;
    Ref chunk = Ref::steal(PyObject_CallFunction(peek, "n", static_cast<Py_ssize_t>(peek_size)));
    if (chunk) {
      append(in, chunk);
      peeked_ = in.left();
      if (in.left() >= n) return true;
      settle(in);
    } else if (clear_if(PyExc_NotImplementedError)) {
      peek_.reset();
    } else {
      throw_python_error();
    }
  }
  std::size_t piece = first_piece;
  while (in.left() < n) {
    const std::size_t before = in.left();
    Ref chunk = call_read(std::min(n - before, piece));
    append(in, chunk);
    if (in.left() == before) return false;
    piece *= 2;
  }
  return true;
}

void FileSource::fill_line(wire::Reader& in) {
  if (!is_open()) return;
  settle(in);
  Ref readline = readline_;
  append(in, Ref::checked(PyObject_CallNoArgs(readline)));
}

bool FileSource::read_into(wire::Reader& in, std::uint8_t* to, std::size_t n) {
  const std::size_t have = std::min(in.left(), n);
  std::memcpy(to, in.cursor, have);
  in.cursor += have;
  to += have;
  n -= have;
  if (n == 0) return true;
  if (!is_open()) return false;
  settle(in);
  while (n > 0) {
    std::size_t got = 0;
    if (readinto_) {
      Ref view =
          Ref::checked(PyMemoryView_FromMemory(reinterpret_cast<char*>(to), static_cast<Py_ssize_t>(n), PyBUF_WRITE));
      Ref readinto = readinto_;
      Ref count = Ref::checked(PyObject_CallOneArg(readinto, view));
      const Py_ssize_t read = PyLong_AsSsize_t(count);
      if (read < 0) {
        if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_ValueError, "readinto() returned negative size");
        throw_python_error();
      }
      got = std::min(static_cast<std::size_t>(read), n);
    } else {
      Ref chunk = call_read(n);
      BytesView bytes(chunk);
      got = std::min(static_cast<std::size_t>(bytes.view.len), n);
      std::memcpy(to, bytes.view.buf, got);
    }
    if (got == 0) return false;
    consumed_ += got;
    to += got;
    n -= got;
  }
  return true;
}

}  // namespace brinery
