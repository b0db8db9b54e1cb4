// Where encoded bytes go: a small reused buffer first, a bytes object that is grown in place next, or a file's
// write(), frame by frame. Large payloads are not copied until the final bytes object has its size.
//
// Frames: PEP 3154. A frame closes at 64 KiB at an opcode boundary; payloads of that size and more stand outside.
#pragma once

#include <memory>

#include "objects/pymem.hpp"
#include "wire/writer.hpp"

namespace brinery {

// The reused first buffer. One Output at a time may hold it.
struct Scratch {
  static constexpr std::size_t size = 64 * 1024;
  std::unique_ptr<std::uint8_t[]> memory;
  bool taken = false;
};

// Where in the bytes something is.
struct Span {
  Py_ssize_t offset;
  Py_ssize_t length;
};

class Output final : public wire::Writer {
 public:
  static constexpr std::size_t frame_target = 64 * 1024;
  static constexpr std::size_t frame_minimum = 4;
  // Payloads of this size are copied once, into the result, if there is much of it.
  static constexpr std::size_t gather_from = 1024;

  // `write` is the file's write method, borrowed, or null when bytes are wanted.
  Output(Scratch& scratch, PyObject* write);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() override;

  void start_framing() {
    framing_ = true;
    limit_ = cursor_;  // the first reserve() opens a frame
  }

  // A guess at how many bytes there will be; call it first. A block of the right size is neither copied as it grows nor
  // cut back much at the end, and asked for before anything else it is likely the one that was given back last, its
  // pages in place.
  void expect(std::size_t size);
  // Bytes written so far, without what was put off.
  [[nodiscard]] std::size_t used() const { return static_cast<std::size_t>(cursor_ - begin_); }

  // An opcode with a payload of frame_target bytes or more: outside of frames, straight to the file if there is
  // one. `owner`, if given, is what write() gets instead of a copy; it keeps `data` alive, and unchanged when
  // `stable`.
  void large(const std::uint8_t* header, std::size_t header_size, const void* data, std::size_t size, PyObject* owner,
             bool stable);

  // Whether a payload below frame_target is better put off than copied now, see put_off().
  [[nodiscard]] bool gathers(std::size_t size) const { return size >= gather_from && bytes_ && write_ == nullptr; }
  // Puts off copying a payload that `owner` keeps alive and unchanged until the whole has its size. Its opcode and
  // length have been written.
  void put_off(const void* data, std::size_t size, PyObject* owner);

  // Remembers where the payload is that large() has just written. Only without a file.
  void mark_span(std::size_t size) {
    const std::size_t end = used() + put_off_size_;
    spans_.push_back({static_cast<Py_ssize_t>(end - size), static_cast<Py_ssize_t>(size)});
  }
  [[nodiscard]] const Vector<Span>& spans() const { return spans_; }

  // Remembers that the payload which large() has just written is the memory of a buffer.
  void mark_buffer() {
    if (alignment_ != 0) segments_.back().is_buffer = true;
  }
  // From now on payloads of large() that have an owner stay where they are, and begin at multiples of `alignment`, with
  // opcodes that do nothing before theirs. Only without a file; call it first.
  void keep_payloads(std::size_t alignment) { alignment_ = alignment; }

  // A payload that was put off.
  struct Segment {
    std::size_t at;  // offset in the bytes between payloads that it comes before
    const void* data;
    std::size_t size;
    Ref owner;
    bool is_buffer = false;
  };
  [[nodiscard]] const Vector<Segment>& segments() const { return segments_; }
  // What there is between the segments.
  Ref finish_without_segments();

  // The whole as one bytes object. Only without a file.
  Ref finish_bytes();
  // The same for a caller that means to append: the memory of the object goes on behind its end for `spare` bytes, at
  // least `least`. Nobody else can tell.
  struct Open {
    Ref bytes;
    std::size_t spare;
  };
  Open finish_open(std::size_t least);
  // Hands what is left to the file. Only with a file.
  void finish_file();
  // Back to the beginning, keeping the memory.
  void restart();
  // True when nothing was put off that a later change of an object could spoil.
  [[nodiscard]] bool has_segments() const { return !segments_.empty(); }

 protected:
  void make_room(std::size_t n) override;

 private:
  static constexpr std::size_t no_frame = static_cast<std::size_t>(-1);
  static constexpr std::size_t frame_header = 9;

  // Smaller blocks come back from the allocator with their pages in place; from here on it asks the kernel each time.
  static constexpr std::size_t huge_from = 32 * 1024 * 1024;
  static constexpr std::size_t longest_reserve = 64;      // what a short opcode asks for, used or not
  static constexpr std::size_t large_from = 1024 * 1024;  // put off even when there is nothing else yet

  [[nodiscard]] std::size_t frame_size() const;
  void align(std::size_t header_size);
  void open_frame();
  void close_frame();
  void grow(std::size_t needed);
  void flush();
  Ref gather(std::size_t spare);
  void release_scratch();

  Scratch& scratch_;
  PyObject* write_;
  std::uint8_t* begin_ = nullptr;
  std::uint8_t* end_ = nullptr;
  std::unique_ptr<std::uint8_t[]> own_small_;  // when the scratch is taken
  Ref bytes_;                                  // backing store once the first buffer is outgrown
  std::size_t frame_ = no_frame;               // offset of the open frame's header
  bool framing_ = false;
  bool holds_scratch_ = false;
  Vector<Segment> segments_;
  Vector<Span> spans_;
  std::size_t alignment_ = 0;             // see keep_payloads(); 0: payloads are copied
  std::size_t put_off_size_ = 0;          // bytes in segments
  std::size_t put_off_before_frame_ = 0;  // of these, before the open frame
};

}  // namespace brinery
