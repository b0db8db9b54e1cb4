// Where a decoder's bytes come from when they are not all there: a file, read no further than the pickle goes.
#pragma once

#include "objects/pymem.hpp"
#include "objects/state.hpp"
#include "wire/reader.hpp"

namespace brinery {

class FileSource {
 public:
  FileSource() = default;
  // Takes the file's methods. Raises TypeError unless it has read() and readline().
  void open(const State& state, PyObject* file);
  [[nodiscard]] bool is_open() const { return static_cast<bool>(read_); }

  // Makes at least n bytes available from in.cursor on, as far as the file has them; true if it does.
  bool fill(wire::Reader& in, std::size_t n);
  // Makes a whole line available from in.cursor on, or what is left of the file.
  void fill_line(wire::Reader& in);
  // Reads exactly n bytes to `to`, what is in the reader first; false where the file ends before.
  bool read_into(wire::Reader& in, std::uint8_t* to, std::size_t n);
  // Takes the file to where the reader is: after that, nothing is read ahead.
  void settle(wire::Reader& in);
  // Bytes of the stream before in.cursor.
  [[nodiscard]] std::size_t offset(const wire::Reader& in) const {
    return consumed_ + (base_ != nullptr ? static_cast<std::size_t>(in.cursor - base_) : 0);
  }
  void start_offset(const wire::Reader& in) {
    consumed_ = 0 - (base_ != nullptr ? static_cast<std::size_t>(in.cursor - base_) : 0);
  }

  int traverse(visitproc visit, void* arg) const;
  void clear();

 private:
  Ref call_read(std::size_t n);
  void append(wire::Reader& in, PyObject* chunk);
  void drop_consumed(wire::Reader& in);

  Ref read_, readline_, readinto_, peek_;
  Vector<std::uint8_t> buffer_;
  const std::uint8_t* base_ = nullptr;  // start of what the reader reads
  std::size_t consumed_ = 0;            // bytes of the stream before base_
  std::size_t peeked_ = 0;              // trailing bytes of the buffer that the file still has to give out
};

}  // namespace brinery
