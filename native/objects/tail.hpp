// What comes after STOP: a caller's hook is shown the bytes and answers with what to append to them.
#pragma once

#include "objects/output.hpp"

namespace brinery {

// More than most answers take, in bytes.
inline constexpr std::size_t usual_tail = 128;

// What `out` has, with what `hook` answers, a bytes object, at its end; appended in place unless the hook has kept what
// it was shown. Calls hook(data), or hook(data, [(offset, length), ...]) where there are spans.
Ref finish_with_tail(Output& out, PyObject* hook);

// The same for bytes that are done, in which there are no spans.
Ref with_tail(const Ref& data, PyObject* hook);

}  // namespace brinery
