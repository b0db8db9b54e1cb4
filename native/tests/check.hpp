// A check that says where it failed and lets the rest run.
#pragma once

#include <cstdio>

namespace brinery::test {

inline int failures = 0;

inline void check(bool good, const char* what, const char* file, int line) {
  if (good) return;
  std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
  ++failures;
}

}  // namespace brinery::test

#define CHECK(condition) ::brinery::test::check((condition), #condition, __FILE__, __LINE__)
