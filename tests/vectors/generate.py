"""Writes the vectors: the same values pickled by this interpreter, in each protocol it has.

Runs on Python 2.7 and 3.6 or later::

    python2.7 tests/vectors/generate.py tests/vectors/2.7.json

The result maps the name of a value and a protocol to the hexadecimal text of its pickle.
"""

from __future__ import print_function, unicode_literals  # noqa: UP010 - for Python 2

import array
import binascii
import collections
import datetime
import decimal
import fractions
import json
import pickle
import sys
import uuid

PYTHON2 = sys.version_info[0] == 2


def both(name):
    """A name that Python 2 pickles as its own str."""
    return name.encode("ascii") if PYTHON2 else name


def values():
    shared = ["shared"]
    cycle = [1]
    cycle.append(cycle)
    made = {
        "none": None,
        "booleans": [True, False],
        "integers": [0, -1, 255, 256, 65536, 2**31 - 1, -(2**31), 2**63, -(2**80), 2**2100],
        "floats": [0.0, -0.5, 1e300, float("inf")],
        "text": ["", "plain", "\xe9\u20ac\U0001f600", "line\nback\\slash", "long " * 100],
        "native_text": [both("native"), both("")],
        "bytes": [b"", b"raw\x00\xff\n'\"", b"long" * 100],
        "bytearray": bytearray(b"mutable\xff"),
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "dict": {1: "one", 2: ["two"]},
        "many": list(range(1100)),
        "sets": [{1, 2}, frozenset([3])],
        "complex": 1 - 2j,
        "shared": [shared, shared],
        "cycle": cycle,
        "ordered": collections.OrderedDict([(1, 2), (3, 4)]),
        "counter": collections.Counter([1, 1, 2]),
        "deque": collections.deque([1, 2], 5),
        "defaultdict": collections.defaultdict(list, {1: [2]}),
        "array": array.array(both("i"), [1, -2, 3]),
        "datetime": datetime.datetime(2024, 2, 29, 12, 30, 59, 999999),
        "date": datetime.date(1999, 12, 31),
        "time": datetime.time(23, 59, 58, 7),
        "timedelta": datetime.timedelta(-1, 2, 3),
        "decimal": decimal.Decimal("-1.50"),
        "fraction": fractions.Fraction(-1, 3),
        "uuid": uuid.UUID(int=2**100 + 5),
        "exception": ValueError(both("bad"), 1),
        "globals": [int, len, collections.OrderedDict, range, uuid.UUID],
    }
    if not PYTHON2:
        import pathlib
        import types

        made["path"] = pathlib.PurePosixPath("/a/b")
        made["namespace"] = types.SimpleNamespace(a=1, b=[2])
        made["zone"] = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "two"))
        made["fold"] = datetime.datetime(2024, 1, 2, fold=1)
    return made


def main(path):
    written = {}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for name, value in values().items():
            written["%s/%d" % (name, protocol)] = binascii.hexlify(pickle.dumps(value, protocol)).decode("ascii")  # noqa: UP031
    with open(path, "w") as file:
        text = json.dumps(written, indent=0, sort_keys=True, separators=(",", ":"))
        file.write(text.decode("ascii") if PYTHON2 and isinstance(text, bytes) else text)
        file.write("\n" if not PYTHON2 else "\n".encode("ascii"))
    print(len(written), "pickles by", sys.version.split()[0])


if __name__ == "__main__":
    main(sys.argv[1])
