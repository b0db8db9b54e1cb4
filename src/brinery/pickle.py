"""The stdlib ``pickle`` module's API and semantics on a faster core.

Same names, same bytes, same errors::

    from brinery import pickle

    data = pickle.dumps({"a": [1, 2.5]}, protocol=5)
    assert pickle.loads(data) == {"a": [1, 2.5]}

As with the stdlib's module, **loading runs code that the pickle names**: never load what you do not trust.

The command line prints what is in pickle files, as ``python -m pickle`` does::

    python -m brinery.pickle FILE

Source: https://docs.python.org/3/library/pickle.html
"""

import copyreg
import pickle as _stdlib
import sys
from collections.abc import Sequence
from pickle import (
    DEFAULT_PROTOCOL,
    HIGHEST_PROTOCOL,
    PickleBuffer,
    PickleError,
    PicklingError,
    UnpicklingError,
    decode_long,
    encode_long,
)

from brinery.codec import Pickler, Unpickler, dump, dumps, load, loads

dispatch_table = copyreg.dispatch_table
format_version: str = getattr(_stdlib, "format_version")  # noqa: B009 - unknown to the type stubs
compatible_formats: list[str] = getattr(_stdlib, "compatible_formats")  # noqa: B009

# The opcodes are constants of the module, listed by the stdlib itself.
_opcodes = [name for name in _stdlib.__all__ if isinstance(getattr(_stdlib, name), bytes | bool)]
globals().update({name: getattr(_stdlib, name) for name in _opcodes})

__all__ = [  # noqa: PLE0604 - the opcode names differ between versions and are computed
    "DEFAULT_PROTOCOL",
    "HIGHEST_PROTOCOL",
    "PickleBuffer",
    "PickleError",
    "Pickler",
    "PicklingError",
    "Unpickler",
    "UnpicklingError",
    "compatible_formats",
    "decode_long",
    "dispatch_table",
    "dump",
    "dumps",
    "encode_long",
    "format_version",
    "load",
    "loads",
    *_opcodes,
]


def _main(arguments: Sequence[str] | None = None) -> None:
    """Print the objects in pickle files, as the stdlib's module does when run."""
    import argparse
    import doctest
    import pprint

    parser = argparse.ArgumentParser(description="display contents of the pickle files")
    if sys.version_info < (3, 13):
        parser.add_argument("pickle_file", type=argparse.FileType("br"), nargs="*", help="the pickle file")
    else:
        parser.add_argument("pickle_file", nargs="*", help="the pickle file")
    parser.add_argument("-t", "--test", action="store_true", help="run self-test suite")
    parser.add_argument("-v", action="store_true", help="run verbosely; only affects self-test run")
    options = parser.parse_args(arguments)
    if options.test:
        doctest.testmod(sys.modules[__name__], verbose=options.v)
    elif not options.pickle_file:
        parser.print_help()
    else:
        for file in options.pickle_file:
            pprint.pprint(_load_file(file))


def _load_file(file: object) -> object:
    if not isinstance(file, str):
        return load(file)  # type: ignore[arg-type]  # argparse has opened it
    if file == "-":
        return load(sys.stdin.buffer)
    with open(file, "rb") as opened:
        return load(opened)


if __name__ == "__main__":
    _main()
