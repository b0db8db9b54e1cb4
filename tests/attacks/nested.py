"""Pickles in the bytes of a pickle, under readers of every package, and code that travels by value."""

from __future__ import annotations

import pickletools

from tests.attacks import sources
from tests.attacks.assembly import call, mapped, name, raw, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("nested")


def inner(marker: Marker) -> bytes:
    return stream(call(name("os", "system"), text(marker.command)))


def buffer(marker: Marker) -> bytes:
    return call(name("io", "BytesIO"), raw(inner(marker)))


class Calls:
    """Pickles as a call of a function by value."""

    def __init__(self, function: object) -> None:
        self.function = function

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.function, ()  # type: ignore[return-value]


def by_value(marker: Marker):
    path = marker.path
    return lambda: open(path, "w").close()


def from_cloudpickle(marker: Marker) -> bytes:
    import cloudpickle

    return cloudpickle.dumps(Calls(by_value(marker)))


def from_dill(marker: Marker) -> bytes:
    import dill

    return dill.dumps(Calls(by_value(marker)), recurse=True)


def from_brinery(marker: Marker) -> bytes:
    """Our own functions by value, without a seal: what follows STOP is cut off."""
    import brinery

    data = brinery.dumps(Calls(by_value(marker)))
    return data[: next(place for opcode, _, place in pickletools.genops(data) if opcode.name == "STOP") + 1]


def twice(marker: Marker) -> bytes:
    once = stream(call(name("pickle", "loads"), raw(inner(marker))))
    return stream(call(name("pickle", "loads"), raw(once)))


CASES.add(
    "pickle-loads",
    "pickle.loads of bytes",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pickle", "loads"), raw(inner(m)))),
)
CASES.add(
    "pickle-loads-private",
    "_pickle.loads, as the pickler names it",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("_pickle", "loads"), raw(inner(m)))),
)
CASES.add(
    "pickle-loads-python",
    "pickle._loads, the one in Python",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pickle", "_loads"), raw(inner(m)))),
)
CASES.add("pickle-loads-twice", "a pickle in a pickle in a pickle", sources.PICKLESCAN_TESTS, twice)
CASES.add(
    "pickle-load-buffer",
    "pickle.load of a BytesIO that the stream makes",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pickle", "load"), buffer(m))),
)
CASES.add(
    "unpickler-object",
    "an Unpickler is made, then its method called",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pickle", "_Unpickler.load"), call(name("pickle", "_Unpickler"), buffer(m)))),
)
CASES.add(
    "lib2to3-grammar",
    "lib2to3's Grammar.loads",
    sources.picklescan("GHSA-f54q-57x4-jg88"),
    lambda m: stream(
        call(name("lib2to3.pgen2.grammar", "Grammar.loads"), call(name("types", "SimpleNamespace")), raw(inner(m)))
    ),
    until=(3, 13),
)
CASES.add(
    "shelf",
    "a Shelf unpickles what is taken from it",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(
            name("shelve", "Shelf.__getitem__"),
            call(name("shelve", "Shelf"), mapped((raw(b"k"), raw(inner(m))))),
            text("k"),
        )
    ),
)
CASES.add(
    "forking-pickler",
    "multiprocessing's own loads",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("multiprocessing.reduction", "ForkingPickler.loads"), raw(inner(m)))),
)
CASES.add(
    "numpy-load",
    "numpy.load of a BytesIO",
    sources.NUMPY_LOAD,
    lambda m: stream(call(name("numpy", "load"), buffer(m), b"N", b"\x88")),
    package="numpy",
)
CASES.add(
    "pandas-read-pickle",
    "pandas.read_pickle of a BytesIO",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("pandas", "read_pickle"), buffer(m), b"N")),
    package="pandas",
)
CASES.add(
    "joblib-load",
    "joblib.load of a BytesIO",
    sources.JOBLIB_LOAD,
    lambda m: stream(call(name("joblib", "load"), buffer(m))),
    package="joblib",
)
CASES.add(
    "torch-load-from-bytes",
    "torch.storage._load_from_bytes, which the pickles of storages name",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("torch.storage", "_load_from_bytes"), raw(legacy_torch(m)))),
    package="torch",
)
CASES.add(
    "torch-config",
    "torch.utils._config_module.ConfigModule.load_config",
    sources.picklescan("GHSA-vv6j-3g6g-2pvj"),
    lambda m: stream(
        call(
            name("torch.utils._config_module", "ConfigModule.load_config"),
            call(name("types", "SimpleNamespace")),
            raw(inner(m)),
        )
    ),
    package="torch",
)
CASES.add(
    "torch-basichandlers",
    "torch's decoder of data pipes takes the extension for the format",
    sources.picklescan("GHSA-h3qp-7fh3-f8h4"),
    lambda m: stream(
        call(name("torch.utils.data.datapipes.utils.decoder", "basichandlers"), text("pickle"), raw(inner(m)))
    ),
    package="torch",
)
CASES.add(
    "cloudpickle-function",
    "a function by value, called: cloudpickle",
    sources.PICKLESCAN_TESTS,
    from_cloudpickle,
    package="cloudpickle",
)
CASES.add("dill-function", "a function by value, called: dill", sources.PICKLESCAN_TESTS, from_dill, package="dill")
CASES.add(
    "brinery-function",
    "a function by value, called: brinery's own, without a seal",
    sources.PICKLESCAN_TESTS,
    from_brinery,
)


def legacy_torch(marker: Marker) -> bytes:
    """A file as torch wrote it before 1.6: three headers, then the object."""
    magic = 0x1950A86A20F9469CFC6C
    head = (
        stream(b"\x8a\x0a" + magic.to_bytes(10, "little"), protocol=2)
        + stream(b"M\xe9\x03", protocol=2)
        + stream(b"}", protocol=2)
    )
    return head + inner(marker) + stream(b"]", protocol=2)
