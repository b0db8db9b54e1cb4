"""The core's Python face: objects to pickle bytes and back, with the hooks the stdlib has.

Everything here is native code with the semantics of the stdlib's ``_pickle``; ``brinery.pickle`` is the module to
import in its place.

>>> loads(dumps({"answer": [42]}))
{'answer': [42]}
"""

from brinery.codec._core import (
    Finding,
    GlobalUse,
    Pickler,
    Report,
    Rules,
    Trace,
    TraceNode,
    Unpickler,
    array_scalar,
    check,
    decode,
    dump,
    dumps,
    empty_array,
    encode,
    encode_pieces,
    load,
    loads,
    outline,
    passed,
    restored_array,
    restored_dtype,
    trace,
    tree_shape,
)

__all__ = [
    "Finding",
    "GlobalUse",
    "Pickler",
    "Report",
    "Rules",
    "Trace",
    "TraceNode",
    "Unpickler",
    "array_scalar",
    "check",
    "decode",
    "dump",
    "dumps",
    "empty_array",
    "encode",
    "encode_pieces",
    "load",
    "loads",
    "outline",
    "passed",
    "restored_array",
    "restored_dtype",
    "trace",
    "tree_shape",
]
