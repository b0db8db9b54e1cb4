// Which objects are written but have yet to be given their state, and which keys reach them.
//
// A key or element is hashed as it is added, and its hash may read what an object gets only with its state. So a key
// that reaches such an *open* object waits: it is added once that object is whole. It may do so only where nothing
// that runs before then could see it missing: *reading* are constructor arguments, a __setstate__ and frozensets, and
// no key waits for an object that lies below something that reads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "objects/pymem.hpp"

namespace brinery {

// A key that waits, and its value; no value for the element of a set. The memo keeps the container alive.
struct LateItem {
  PyObject* container;
  Ref key;
  Ref value;
};

class OpenInstances {
 public:
  // A key that reaches the open object at this position.
  struct Waiting {
    std::size_t position;
    Ref key;
  };

  [[nodiscard]] bool any() const { return !instances_.empty(); }
  [[nodiscard]] bool within_part() const { return !parts_.empty(); }

  // An object has been memoised, and its items or its state come next. REQUIRES: indices ascend
  void open(std::int64_t index, bool reads) {
    instances_.push_back({.index = index, .outer_floor = floor_, .late = nullptr});
    if (reads) floor_ = instances_.size();
  }
  // The innermost object is whole. True when keys have waited for it: late_items() has them, until close().
  bool finish() {
    instances_.back().whole = true;
    return instances_.back().late != nullptr;
  }
  Vector<LateItem>& late_items() { return *instances_.back().late; }
  void close() {
    floor_ = instances_.back().outer_floor;
    instances_.pop_back();
  }

  // A part begins that is read before the objects around it are whole: a key, or, for good, what `reads`.
  void enter(PyObject* key, bool reads) {
    parts_.push_back({Ref::borrow(key), instances_.size(), floor_, nowhere});
    if (reads) floor_ = instances_.size();
  }
  // It has been written. Answers with it when it reached open objects: it waits for the outermost that it may wait for.
  std::optional<Waiting> leave() {
    Part part = std::move(parts_.back());
    parts_.pop_back();
    floor_ = part.outer_floor;
    if (part.reached == nowhere) return std::nullopt;
    reach(part.reached);
    return Waiting{part.reached, std::move(part.key)};
  }
  // An object of the memo was met again.
  void meet(std::int64_t index) {
    const auto from = instances_.begin() + static_cast<std::ptrdiff_t>(floor_);
    const auto found = std::ranges::lower_bound(from, instances_.end(), index, {}, &Instance::index);
    if (found == instances_.end() || found->index != index || found->whole) return;
    reach(static_cast<std::size_t>(found - instances_.begin()));
  }
  void wait(std::size_t position, LateItem item) {
    auto& late = instances_[position].late;
    if (late == nullptr) late = std::make_unique<Vector<LateItem>>();
    late->push_back(std::move(item));
  }

  void clear() {
    instances_.clear();
    parts_.clear();
    floor_ = 0;
  }

 private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  struct Instance {
    std::int64_t index;
    std::size_t outer_floor;
    std::unique_ptr<Vector<LateItem>> late;
    bool whole = false;
  };
  struct Part {
    Ref key;
    std::size_t base;  // objects from here on were opened within it
    std::size_t outer_floor;
    std::size_t reached;
  };

  void reach(std::size_t position) {
    if (parts_.empty() || position >= parts_.back().base) return;
    parts_.back().reached = std::min(parts_.back().reached, position);
  }

  Vector<Instance> instances_;
  Vector<Part> parts_;
  std::size_t floor_ = 0;  // no key waits for an object below
};

}  // namespace brinery
