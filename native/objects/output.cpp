#include "objects/output.hpp"

#include <algorithm>

#include "wire/huge_pages.hpp"
#include "wire/opcodes.hpp"

namespace brinery {

Output::Output(Scratch& scratch, PyObject* write) : scratch_(scratch), write_(write) {
  if (!scratch_.taken) {
    if (!scratch_.memory) scratch_.memory = std::make_unique_for_overwrite<std::uint8_t[]>(Scratch::size);
    scratch_.taken = holds_scratch_ = true;
    begin_ = scratch_.memory.get();
  } else {
    own_small_ = std::make_unique_for_overwrite<std::uint8_t[]>(Scratch::size);
    begin_ = own_small_.get();
  }
  cursor_ = begin_;
  end_ = limit_ = begin_ + Scratch::size;
}

Output::~Output() { release_scratch(); }

void Output::release_scratch() {
  if (holds_scratch_) scratch_.taken = false;
  holds_scratch_ = false;
}

void Output::restart() {
  cursor_ = begin_;
  limit_ = end_;
  frame_ = no_frame;
  framing_ = false;
  segments_.clear();
  spans_.clear();
  put_off_size_ = put_off_before_frame_ = 0;
}

void Output::expect(std::size_t size) {
  if (size > Scratch::size) grow(size + longest_reserve);
}

void Output::make_room(std::size_t n) {
  if (framing_ && frame_ != no_frame && frame_size() + n > frame_target) close_frame();
  const std::size_t extra = framing_ && frame_ == no_frame ? frame_header : 0;
  if (static_cast<std::size_t>(end_ - cursor_) < n + extra) grow(n + extra);
  if (extra != 0) open_frame();
  limit_ = end_;
  if (framing_) {
    const std::size_t put_off = put_off_size_ - put_off_before_frame_;
    std::uint8_t* frame_end = begin_ + frame_ + frame_header + (frame_target - std::min(frame_target, put_off));
    limit_ = std::min(end_, std::max(frame_end, cursor_ + n));
  }
}

// Of the open frame, what is put off included.
std::size_t Output::frame_size() const {
  return used() - frame_ - frame_header + put_off_size_ - put_off_before_frame_;
}

void Output::open_frame() {
  frame_ = used();
  put_off_before_frame_ = put_off_size_;
  cursor_ += frame_header;
}

void Output::close_frame() {
  if (frame_ == no_frame) return;
  const std::size_t size = frame_size();
  std::uint8_t* header = begin_ + frame_;
  if (size >= frame_minimum) {
    header[0] = wire::op::FRAME;
    wire::store_little(header + 1, static_cast<std::uint64_t>(size));
  } else {
    std::memmove(header, header + frame_header, size);
    cursor_ -= frame_header;
  }
  frame_ = no_frame;
  limit_ = framing_ ? cursor_ : end_;
  if (write_ != nullptr) flush();
}

void Output::grow(std::size_t needed) {
  const std::size_t have = used();
  // Half again at a time: realloc moves pages rather than bytes for large blocks, and little is left unused.
  const auto capacity = static_cast<std::size_t>(end_ - begin_);
  const std::size_t wanted = std::max(have + needed, capacity + capacity / 2);
  if (wanted > static_cast<std::size_t>(PY_SSIZE_T_MAX) - 64) throw std::bad_alloc();
  if (!bytes_) {
    bytes_ = Ref::checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(wanted)));
    auto* memory = reinterpret_cast<std::uint8_t*>(PyBytes_AS_STRING(bytes_.get()));
    std::memcpy(memory, begin_, have);
    release_scratch();
    own_small_.reset();
  } else {
    PyObject* grown = bytes_.release();
    if (_PyBytes_Resize(&grown, static_cast<Py_ssize_t>(wanted)) < 0) {
      begin_ = cursor_ = limit_ = end_ = nullptr;
      throw_python_error();
    }
    bytes_ = Ref::steal(grown);
  }
  begin_ = reinterpret_cast<std::uint8_t*>(PyBytes_AS_STRING(bytes_.get()));
  cursor_ = begin_ + have;
  end_ = begin_ + PyBytes_GET_SIZE(bytes_.get());
  limit_ = end_;
  if (static_cast<std::size_t>(end_ - begin_) >= huge_from) {
    wire::advise_huge_pages(cursor_,
                            static_cast<std::size_t>(end_ - cursor_) - static_cast<std::size_t>(end_ - cursor_) / 3);
  }
}

void Output::flush() {
  if (used() == 0) return;
  Ref chunk =
      Ref::checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(begin_), static_cast<Py_ssize_t>(used())));
  cursor_ = begin_;
  limit_ = framing_ ? cursor_ : end_;
  Ref::checked(PyObject_CallOneArg(write_, chunk));
}

void Output::large(const std::uint8_t* header, std::size_t header_size, const void* data, std::size_t size,
                   PyObject* owner, bool stable) {
  const bool framing = framing_;
  if (framing) close_frame();
  framing_ = false;
  limit_ = end_;
  if (alignment_ != 0) align(header_size);
  bytes(header, header_size);
  if (write_ != nullptr) {
    flush();
    Ref payload =
        owner != nullptr && PyObject_CheckBuffer(owner) != 0
            ? Ref::borrow(owner)
            : Ref::checked(PyBytes_FromStringAndSize(static_cast<const char*>(data), static_cast<Py_ssize_t>(size)));
    Ref::checked(PyObject_CallOneArg(write_, payload));
  } else if (owner != nullptr && (alignment_ != 0 || (stable && size >= large_from))) {
    put_off(data, size, owner);
  } else {
    bytes(data, size);
  }
  framing_ = framing;
  if (framing) limit_ = cursor_;
}

// The payload behind the header is to begin at a multiple.
void Output::align(std::size_t header_size) {
  const std::size_t beyond = (used() + put_off_size_ + header_size) % alignment_;
  std::size_t missing = beyond == 0 ? 0 : alignment_ - beyond;
  if (missing == 1) missing += alignment_;
  static constexpr std::uint8_t pair[] = {wire::op::NONE, wire::op::POP};
  static constexpr std::uint8_t three[] = {wire::op::BININT1, 0, wire::op::POP};
  if (missing % 2 != 0) {
    bytes(three, sizeof three);
    missing -= sizeof three;
  }
  for (; missing != 0; missing -= sizeof pair) bytes(pair, sizeof pair);
}

void Output::put_off(const void* data, std::size_t size, PyObject* owner) {
  segments_.push_back({used(), data, size, Ref::borrow(owner)});
  put_off_size_ += size;
  if (framing_ && frame_ != no_frame) limit_ = cursor_;  // the frame's end has come nearer
}

Ref Output::gather(std::size_t spare) {
  const std::size_t total = used() + put_off_size_;
  Ref result = Ref::checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(total + spare)));
  auto* to = reinterpret_cast<std::uint8_t*>(PyBytes_AS_STRING(result.get()));
  if (total >= huge_from) wire::advise_huge_pages(to, total);
  std::size_t from = 0;
  for (const Segment& segment : segments_) {
    std::memcpy(to, begin_ + from, segment.at - from);
    to += segment.at - from;
    from = segment.at;
    std::memcpy(to, segment.data, segment.size);
    to += segment.size;
  }
  std::memcpy(to, begin_ + from, used() - from);
  return result;
}

Ref Output::finish_bytes() {
  close_frame();
  return segments_.empty() ? finish_without_segments() : gather(0);
}

Ref Output::finish_without_segments() {
  close_frame();
  if (!bytes_) {
    return Ref::checked(
        PyBytes_FromStringAndSize(reinterpret_cast<const char*>(begin_), static_cast<Py_ssize_t>(used())));
  }
  const std::size_t unused = static_cast<std::size_t>(end_ - begin_) - used();
  if (unused <= longest_reserve) {
    // Cut off by the allocator, this would leave a block too short for the next result of the same size.
    *cursor_ = 0;
    Py_SET_SIZE(bytes_.get(), static_cast<Py_ssize_t>(used()));
    begin_ = cursor_ = limit_ = end_ = nullptr;
    return std::move(bytes_);
  }
  PyObject* whole = bytes_.release();
  if (_PyBytes_Resize(&whole, static_cast<Py_ssize_t>(used())) < 0) throw_python_error();
  begin_ = cursor_ = limit_ = end_ = nullptr;
  return Ref::steal(whole);
}

Output::Open Output::finish_open(std::size_t least) {
  close_frame();
  std::size_t size = used();
  Ref result;
  if (!segments_.empty()) {
    size += put_off_size_;
    result = gather(least);
  } else if (bytes_) {
    PyObject* whole = bytes_.release();
    const auto have = static_cast<std::size_t>(end_ - begin_);
    begin_ = cursor_ = limit_ = end_ = nullptr;
    if (have < size + least && _PyBytes_Resize(&whole, static_cast<Py_ssize_t>(size + least)) < 0) throw_python_error();
    result = Ref::steal(whole);
  } else {
    result = Ref::checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size + least)));
    std::memcpy(PyBytes_AS_STRING(result.get()), begin_, size);
  }
  const auto capacity = static_cast<std::size_t>(PyBytes_GET_SIZE(result.get()));
  Py_SET_SIZE(result.get(), static_cast<Py_ssize_t>(size));
  PyBytes_AS_STRING(result.get())[size] = '\0';
  return {std::move(result), capacity - size};
}

void Output::finish_file() {
  framing_ = false;
  close_frame();
  flush();
}

}  // namespace brinery
