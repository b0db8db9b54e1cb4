// What comes after STOP: a caller's hook is shown the bytes and answers with what to append to them.
#pragma once

#include "objects/output.hpp"

namespace brinery {

// `data` with what `hook` answers, a bytes object, at its end; appended in place unless the hook has kept `data`.
// Calls hook(data), or hook(data, [(offset, length), ...]) where there are spans.
Ref with_tail(Ref data, PyObject* hook, const Vector<Span>& spans);

}  // namespace brinery
