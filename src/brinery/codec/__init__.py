"""The core's Python face: objects to pickle bytes and back, with the hooks the stdlib has.

Everything here is native code with the semantics of the stdlib's ``_pickle``; ``brinery.pickle`` is the module to
import in its place.

>>> loads(dumps({"answer": [42]}))
{'answer': [42]}
"""

from brinery.codec._core import Pickler, Trace, TraceNode, Unpickler, decode, dump, dumps, encode, load, loads, trace

__all__ = ["Pickler", "Trace", "TraceNode", "Unpickler", "decode", "dump", "dumps", "encode", "load", "loads", "trace"]
