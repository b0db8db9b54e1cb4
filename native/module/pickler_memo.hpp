// Pickler.memo: a view of the memo table that looks like the dict it is in pickle.py, {id: (index, object)}.
#pragma once

#include "objects/memo_table.hpp"
#include "objects/state.hpp"

namespace brinery {

Ref make_pickler_memo_type(PyObject* module);
// `table` lives in `pickler`, which the view keeps alive.
Ref new_pickler_memo(State& state, PyObject* pickler, MemoTable& table);
// Fills an empty table from such a view or such a dict. Raises TypeError for anything else.
void fill_memo(State& state, PyObject* value, MemoTable& table);

}  // namespace brinery
