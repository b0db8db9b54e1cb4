// The encoder's memo: which objects have been written, and under which index.
//
// Slots of 8 bytes (a tag of the address and an index) stand beside one array of owned references; the array keeps
// every memoised object alive, so that an address is never reused while it is in the table. The first few objects
// are looked up in that array itself, behind a filter of 64 bits: a small message never touches the slots. A shared
// tuple or frozenset that is being written is *pending*: it has no index until its items are out.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "objects/ref_array.hpp"

namespace brinery {

class MemoTable {
 public:
  static constexpr std::int64_t absent = -1;
  static constexpr std::int64_t pending = -2;
  static constexpr std::int64_t unknown = -3;

  [[nodiscard]] std::size_t size() const { return refs_.size(); }

  // The memo index of `object`, or absent, or pending.
  [[nodiscard]] std::int64_t find(PyObject* object) const {
    const std::uint64_t hash = hash_of(object);
    if (!hashed_) return find_among_few(object, hash);
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t at = hash >> shift_;; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.index == 0) return absent;
      if (slot.tag == tag && referent(slot) == object) return index_of(slot);
    }
  }

  // Adds an object under the next index, which is returned. REQUIRES: find(object) == absent.
  std::size_t add(PyObject* object) {
    const std::size_t index = refs_.size();
    const std::uint64_t hash = hash_of(object);
    if (!hashed_ && index < few) {
      add_to_few(object, hash);
      return index;
    }
    if (index >= pending_bit - 1) throw std::bad_alloc();
    make_room();
    refs_.push(Ref::borrow(object));
    if (!explicit_.empty()) explicit_.push_back(static_cast<std::int64_t>(index));
    insert(object, static_cast<std::uint32_t>(index + 1));
    return index;
  }

  // The memo index of `object`; if it was absent, adds it and answers absent. Calls nothing: where that would take
  // more than a few steps, does nothing and answers unknown. The first form is for the first few objects only.
  std::int64_t find_or_add_to_few(PyObject* object) {
    const std::uint64_t hash = hash_of(object);
    if (hashed_) return unknown;
    if ((filter_ & bit_of(hash)) != 0) {
      for (std::size_t i = 0; i < refs_.size(); ++i) {
        if (refs_[i] == object) return static_cast<std::int64_t>(i);
      }
    }
    if (refs_.size() >= few || refs_.full()) return unknown;
    filter_ |= bit_of(hash);
    refs_.push_in_place(object);
    return absent;
  }
  std::int64_t find_or_add_quickly(PyObject* object) {
    if (!hashed_ || refs_.full() || !explicit_.empty() || is_crowded()) return unknown;
    const std::uint64_t hash = hash_of(object);
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t at = hash >> shift_;; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.index == 0) {
        slot = {tag, static_cast<std::uint32_t>(refs_.size() + 1)};
        refs_.push_in_place(object);
        return absent;
      }
      if (slot.tag == tag && referent(slot) == object) return index_of(slot);
    }
  }

  // Adds an object under an index of the caller's choice (Pickler.memo = {...}).
  void add_as(PyObject* object, std::int64_t index) {
    if (explicit_.empty()) {
      explicit_.reserve(refs_.size() + 1);
      for (std::size_t i = 0; i < refs_.size(); ++i) explicit_.push_back(static_cast<std::int64_t>(i));
    }
    if (explicit_.empty()) explicit_.push_back(0);  // never empty again: position 0 is about to be used
    const std::size_t position = refs_.size();
    make_room();
    refs_.push(Ref::borrow(object));
    explicit_.resize(position + 1);
    explicit_[position] = index;
    insert(object, static_cast<std::uint32_t>(position + 1));
  }

  // Marks an object as begun. REQUIRES: find(object) == absent.
  void begin(PyObject* object) {
    make_room();
    pending_.push_back(Ref::borrow(object));
    insert(object, static_cast<std::uint32_t>(pending_.size()) | pending_bit);
  }

  // Gives a begun object the next index, which is returned. REQUIRES: find(object) == pending.
  std::size_t finish(PyObject* object) {
    const std::size_t index = refs_.size();
    const std::uint64_t hash = hash_of(object);
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t at = hash >> shift_;; at = (at + 1) & mask()) {
      Slot& slot = slots_[at];
      if (slot.tag != tag || slot.index == 0 || referent(slot) != object) continue;
      refs_.push(std::move(pending_[(slot.index & ~pending_bit) - 1]));
      while (!pending_.empty() && !pending_.back()) pending_.pop_back();
      slot.index = static_cast<std::uint32_t>(index + 1);
      return index;
    }
  }

  // Forgets everything; memory of a small table is kept for the next use. The references are dropped last, when
  // the table is already consistent: their finalizers may come back to it.
  void clear() {
    RefArray refs;
    refs.swap(refs_);
    filter_ = 0;
    if (hashed_) {
      hashed_ = false;
      clear_slots(refs);
    } else {
      refs.clear();
    }
    if (refs_.size() == 0 && refs.capacity() <= kept_slots) refs.swap(refs_);
  }

  // The objects in the order of their insertion, and the index of each.
  [[nodiscard]] std::span<const Ref> objects() const { return refs_.items(); }
  [[nodiscard]] std::int64_t index_at(std::size_t position) const {
    return explicit_.empty() ? static_cast<std::int64_t>(position) : explicit_[position];
  }

  [[nodiscard]] std::size_t allocated_bytes() const {
    return slots_.capacity() * sizeof(Slot) + refs_.capacity() * sizeof(Ref);
  }
  int traverse(visitproc visit, void* arg) const {
    for (const Ref& ref : refs_.items()) {
      if (int status = ref.visit(visit, arg); status != 0) return status;
    }
    return 0;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t index = 0;  // 0: empty; with pending_bit: 1 + position in pending_; else 1 + position in refs_
  };
  static constexpr std::uint32_t pending_bit = 0x80000000U;
  static constexpr std::size_t kept_slots = 256;
  static constexpr std::size_t few = 16;

  static std::uint64_t hash_of(PyObject* object) {
    return (reinterpret_cast<std::uintptr_t>(object) >> 4) * 0x9E3779B97F4A7C15U;
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] PyObject* referent(const Slot& slot) const {
    return (slot.index & pending_bit) != 0 ? pending_[(slot.index & ~pending_bit) - 1].get() : refs_[slot.index - 1];
  }
  [[nodiscard]] std::int64_t index_of(const Slot& slot) const {
    if ((slot.index & pending_bit) != 0) return pending;
    return index_at(slot.index - 1);
  }

  void insert(PyObject* object, std::uint32_t index) {
    const std::uint64_t hash = hash_of(object);
    std::size_t at = hash >> shift_;
    while (slots_[at].index != 0) at = (at + 1) & mask();
    slots_[at] = {static_cast<std::uint32_t>(hash), index};
  }

  // While not hashed_, nothing is pending and every index is a position.
  [[nodiscard]] std::int64_t find_among_few(PyObject* object, std::uint64_t hash) const {
    if ((filter_ & bit_of(hash)) == 0) return absent;
    for (std::size_t i = 0; i < refs_.size(); ++i) {
      if (refs_[i] == object) return static_cast<std::int64_t>(i);
    }
    return absent;
  }
  void add_to_few(PyObject* object, std::uint64_t hash) {
    refs_.push(Ref::borrow(object));
    filter_ |= bit_of(hash);
  }
  static std::uint64_t bit_of(std::uint64_t hash) { return std::uint64_t{1} << (hash >> 58); }

  [[nodiscard]] bool is_crowded() const { return (refs_.size() + pending_.size() + 1) * 3 > slots_.size() * 2; }

  // Room for one more slot, at most two thirds full.
  void make_room() {
    if (hashed_ && !is_crowded()) return;
    if (hashed_ || slots_.empty()) {
      const std::size_t size = slots_.empty() ? kept_slots : slots_.size() * 2;
      Vector<Slot>().swap(slots_);
      slots_.resize(size);
      shift_ = 64 - std::countr_zero(size);
    }
    hashed_ = true;
    for (std::size_t i = 0; i < refs_.size(); ++i) insert(refs_[i], static_cast<std::uint32_t>(i + 1));
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      if (pending_[i]) insert(pending_[i].get(), static_cast<std::uint32_t>(i + 1) | pending_bit);
    }
  }

  [[gnu::noinline]] void clear_slots(RefArray& refs) {
    Vector<Ref> pending;
    pending.swap(pending_);
    Vector<std::int64_t>().swap(explicit_);
    if (slots_.size() > kept_slots) {
      Vector<Slot>().swap(slots_);
    } else if (refs.size() + pending.size() < slots_.size() / 8) {
      for (const auto& list : {refs.items(), std::span<const Ref>(pending)}) {
        for (const Ref& ref : list) {
          if (ref) erase_run(ref.get());
        }
      }
    } else {
      std::ranges::fill(slots_, Slot{});
    }
    refs.clear();
  }
  // Empties the run of slots that an object's probe may pass through, up to the next empty slot.
  void erase_run(PyObject* object) {
    for (std::size_t at = hash_of(object) >> shift_; slots_[at].index != 0; at = (at + 1) & mask()) slots_[at] = {};
  }

  Vector<Slot> slots_;
  RefArray refs_;
  Vector<Ref> pending_;
  Vector<std::int64_t> explicit_;  // empty: index == position
  std::uint64_t filter_ = 0;       // of the addresses of the first few, until hashed_
  int shift_ = 64;
  bool hashed_ = false;  // the slots are in use
};

}  // namespace brinery
