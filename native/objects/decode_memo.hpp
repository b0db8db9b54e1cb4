// The decoder's memo: objects by index. It grows with its entries, never with an index read from the bytes.
#pragma once

#include <memory>
#include <unordered_map>

#include "objects/pymem.hpp"

namespace brinery {

class DecodeMemo {
 public:
  // Borrowed, or null.
  [[nodiscard]] PyObject* get(std::size_t index) const {
    if (index < dense_.size()) [[likely]] {
      if (PyObject* object = dense_[index].get(); object != nullptr || !sparse_) return object;
    }
    if (!sparse_) return nullptr;
    const auto found = sparse_->find(index);
    return found != sparse_->end() ? found->second.get() : nullptr;
  }

  void put(std::size_t index, PyObject* object) {
    if (index == dense_.size() && !sparse_) [[likely]] {
      dense_.push_back(Ref::borrow(object));
      ++count_;
    } else {
      put_elsewhere(index, object);
    }
  }
  // MEMOIZE: the index is the number of entries so far.
  void append(PyObject* object) { put(count_, object); }
  // For a memo whose entries are known in advance: they are there, empty, and set() fills them.
  void make_room(std::size_t n) { dense_.resize(n); }
  // REQUIRES: index is less than what make_room() was told
  void set(std::size_t index, PyObject* object) { dense_[index] = Ref::borrow(object); }

  [[nodiscard]] std::size_t size() const { return count_; }
  void reserve(std::size_t n) { dense_.reserve(n); }
  // The references are dropped last: finalizers may come back here.
  void clear() {
    Vector<Ref> dense;
    dense.swap(dense_);
    std::unique_ptr<Sparse> sparse;
    sparse.swap(sparse_);
    count_ = 0;
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < dense_.size(); ++i) {
      if (dense_[i]) visit(i, dense_[i].get());
    }
    if (!sparse_) return;
    for (const auto& [index, object] : *sparse_) visit(index, object.get());
  }
  int traverse(visitproc visit, void* arg) const {
    for (const Ref& ref : dense_) {
      if (int status = ref.visit(visit, arg); status != 0) return status;
    }
    if (!sparse_) return 0;
    for (const auto& [index, ref] : *sparse_) {
      if (int status = ref.visit(visit, arg); status != 0) return status;
    }
    return 0;
  }
  [[nodiscard]] std::size_t allocated_bytes() const {
    return dense_.capacity() * sizeof(Ref) + (sparse_ ? sparse_->size() * 4 * sizeof(void*) : 0);
  }

 private:
  using Sparse = std::unordered_map<std::size_t, Ref>;
  static constexpr std::size_t most_gap = 1024;

  // The dense part is no larger than what is stored accounts for, whatever indices were chosen; where it has no entry,
  // the sparse part may.
  void put_elsewhere(std::size_t index, PyObject* object) {
    if (index >= dense_.size() && index > most_gap + 2 * count_) {
      if (!sparse_) sparse_ = std::make_unique<Sparse>();
      const auto [at, fresh] = sparse_->insert_or_assign(index, Ref::borrow(object));
      count_ += fresh ? 1 : 0;
      return;
    }
    if (sparse_) count_ -= sparse_->erase(index);
    if (index >= dense_.size()) dense_.resize(index + 1);
    count_ += dense_[index] ? 0 : 1;
    dense_[index] = Ref::borrow(object);
  }

  Vector<Ref> dense_;
  std::unique_ptr<Sparse> sparse_;  // indices far beyond what there is
  std::size_t count_ = 0;
};

}  // namespace brinery
