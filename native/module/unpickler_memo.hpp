// Unpickler.memo: a view of the memo that looks like the dict it is in pickle.py, {index: object}.
#pragma once

#include "objects/decode_memo.hpp"
#include "objects/state.hpp"

namespace brinery {

Ref make_unpickler_memo_type(PyObject* module);
// `memo` lives in `unpickler`, which the view keeps alive.
Ref new_unpickler_memo(State& state, PyObject* unpickler, DecodeMemo& memo);
// Fills an empty memo from such a view or such a dict. Raises TypeError or ValueError for anything else.
void fill_memo(State& state, PyObject* value, DecodeMemo& memo);

}  // namespace brinery
