"""Taking apart what pickle cannot, and putting it together: functions, classes, modules, half-live objects.

The rule of what goes by value is in :mod:`brinery.reducers.rule`. Functions marked with ``@rebuilds`` are named in
users' pickles, as ``brinery.reducers.NAME``: their names and arguments are kept from one version to the next.
"""

from brinery.reducers.aliases import make_forward_reference, make_type_alias, set_type_alias
from brinery.reducers.arrays import make_array, make_array_subclass, make_masked_array, set_array_attributes
from brinery.reducers.classes import (
    builtin_type,
    make_class,
    make_enum,
    make_named_tuple,
    set_class_state,
    set_enum_state,
)
from brinery.reducers.code import make_code
from brinery.reducers.exceptions import (
    make_exception,
    make_group,
    set_exception_state,
    traceback_of,
)
from brinery.reducers.functions import (
    make_cached_property,
    make_cell,
    make_function,
    make_lru_cache,
    make_singledispatch,
    make_singledispatchmethod,
    set_cell,
    set_function_state,
    set_singledispatch_state,
)
from brinery.reducers.libraries import make_function_wrapper, make_instance, set_instance_state
from brinery.reducers.moves import find_moved, moved
from brinery.reducers.reduction import Reduction
from brinery.reducers.refusals import LEAVE_OUT, Refused
from brinery.reducers.registry import rebuild_by_hook, reduces, register
from brinery.reducers.resources import (
    make_connection,
    make_context,
    make_context_variable,
    make_event,
    make_file,
    make_lock,
    make_memory_map,
    make_pool,
    make_queue,
    make_reentrant_lock,
    make_simple_queue,
    make_thread_local,
)
from brinery.reducers.rule import VALUE_MODULES, by_value
from brinery.reducers.sending import recall, receive
from brinery.reducers.standins import StandIn, make_stand_in
from brinery.reducers.tables import make_frame, make_series, make_sharers, set_block_sharers, set_index_sharers
from brinery.reducers.tensors import make_parameter, make_storage, make_tensor, make_typed_storage, set_tensor_state
from brinery.reducers.trees import reduce_syntax_node  # noqa: F401 - is registered
from brinery.reducers.values import (
    make_dataclass_settings,
    make_match,
    make_memoryview,
    make_module,
    make_new_type,
    make_type_variable,
    make_weak_reference,
    module_value,
    set_module_state,
)
from brinery.reducers.versions import Schema, StateSetter, reduce_versioned, versioned

__all__ = [
    "LEAVE_OUT",
    "VALUE_MODULES",
    "Reduction",
    "Refused",
    "Schema",
    "StandIn",
    "StateSetter",
    "builtin_type",
    "by_value",
    "find_moved",
    "make_array",
    "make_array_subclass",
    "make_cached_property",
    "make_cell",
    "make_class",
    "make_code",
    "make_connection",
    "make_context",
    "make_context_variable",
    "make_dataclass_settings",
    "make_enum",
    "make_event",
    "make_exception",
    "make_file",
    "make_forward_reference",
    "make_frame",
    "make_function",
    "make_function_wrapper",
    "make_group",
    "make_instance",
    "make_lock",
    "make_lru_cache",
    "make_masked_array",
    "make_match",
    "make_memory_map",
    "make_memoryview",
    "make_module",
    "make_named_tuple",
    "make_new_type",
    "make_parameter",
    "make_pool",
    "make_queue",
    "make_reentrant_lock",
    "make_series",
    "make_sharers",
    "make_simple_queue",
    "make_singledispatch",
    "make_singledispatchmethod",
    "make_stand_in",
    "make_storage",
    "make_tensor",
    "make_thread_local",
    "make_type_alias",
    "make_type_variable",
    "make_typed_storage",
    "make_weak_reference",
    "module_value",
    "moved",
    "rebuild_by_hook",
    "recall",
    "receive",
    "reduce_versioned",
    "reduces",
    "register",
    "set_array_attributes",
    "set_block_sharers",
    "set_cell",
    "set_class_state",
    "set_enum_state",
    "set_exception_state",
    "set_function_state",
    "set_index_sharers",
    "set_instance_state",
    "set_module_state",
    "set_singledispatch_state",
    "set_tensor_state",
    "set_type_alias",
    "traceback_of",
    "versioned",
]
