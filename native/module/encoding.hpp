// What the functions that encode share.
#pragma once

#include <memory>

#include "objects/encoder.hpp"

namespace brinery {

// The memo table of module-level calls, kept between them; a nested call gets its own.
class BorrowedMemo {
 public:
  explicit BorrowedMemo(EncoderCache& cache) : cache_(cache) {
    if (cache_.memo_taken) {
      own_ = std::make_unique<MemoTable>();
    } else {
      cache_.memo_taken = true;
    }
  }
  BorrowedMemo(const BorrowedMemo&) = delete;
  BorrowedMemo& operator=(const BorrowedMemo&) = delete;
  ~BorrowedMemo() {
    if (own_) return;
    cache_.memo.clear();
    cache_.memo_taken = false;
  }
  MemoTable& table() { return own_ ? *own_ : cache_.memo; }

 private:
  EncoderCache& cache_;
  std::unique_ptr<MemoTable> own_;  // of a nested call
};

// The protocol that an argument asks for; null and None are the default.
int protocol_from(PyObject* value);
// The callback, or null. Raises ValueError where the protocol has no buffers.
PyObject* buffer_callback_from(PyObject* value, int protocol);

// The pickle as a bytes object; `tail` is asked for what to append, if it is not null.
Ref encode_to_bytes(State& state, const EncoderOptions& options, PyObject* object, PyObject* tail = nullptr);

}  // namespace brinery
