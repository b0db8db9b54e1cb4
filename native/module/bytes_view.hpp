// The memory of a bytes-like object.
#pragma once

#include <cstdint>

#include "objects/ref.hpp"

namespace brinery {

// Borrows the memory of bytes, whose owner keeps them alive; holds the buffer of anything else.
class BytesView {
 public:
  BytesView() = default;
  explicit BytesView(PyObject* object) {
    if (PyBytes_CheckExact(object)) {
      begin_ = reinterpret_cast<const std::uint8_t*>(PyBytes_AS_STRING(object));
      end_ = begin_ + PyBytes_GET_SIZE(object);
      return;
    }
    if (PyObject_GetBuffer(object, &buffer_, PyBUF_CONTIG_RO) < 0) throw_python_error();
    begin_ = static_cast<const std::uint8_t*>(buffer_.buf);
    end_ = begin_ + buffer_.len;
  }
  BytesView(const BytesView&) = delete;
  BytesView& operator=(const BytesView&) = delete;
  ~BytesView() {
    if (buffer_.obj != nullptr) PyBuffer_Release(&buffer_);
  }
  [[nodiscard]] const std::uint8_t* begin() const { return begin_; }
  [[nodiscard]] const std::uint8_t* end() const { return end_; }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  const std::uint8_t* begin_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  Py_buffer buffer_{};
};

}  // namespace brinery
