"""`python -m fuzz.honesty [--cases N] [--seconds N] [--seed N]`: whether what `scan` says is what `loads` does.

Attacks, pickles of real objects, and both with bytes changed, cut out and put in, or two of them joined: what the scanner
says would load has to load, and what it says would not has to be refused. The names that it says would let a pickle load
have to be enough, and where it says that none would, all that there are must not be. Opened is what default trust lets
through, and what needs nothing but a few classes of the tests, so that it may be in this process.
"""

from __future__ import annotations

import argparse
import itertools
import pickle
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from typing import Any

from tests.attacks.case import Marker
from tests.attacks.corpus import CORPUS

import brinery
from brinery.peeking import Pickle, parts_of
from brinery.trust import Trust, is_exact

SECONDS_A_CASE = 20
LONGEST = 100_000  # bytes: what takes long by its size is for other tests
MOST_EDITS = 4
# May be made with any arguments and state.
HARMLESS = {f"tests.trust.strangers.{name}" for name in ("Point", "Row", "Table", "Tag")}


def real_objects() -> Iterator[bytes]:
    """Pickles of the standard library's data types, and NumPy's where it is there."""
    import collections
    import datetime
    import decimal
    import fractions
    import pathlib
    import uuid

    from tests.trust.strangers import Point, Row, Table, Tag

    objects: list[Any] = [
        [Point(1, Tag("a")), Row([Point(2, 3)]), Table({Tag("b"): 1})],
        {Tag("c"), Tag("d"), 5},
        {"a": [1, 2.5, None, True], b"b": (1, (2, (3,)))},
        [datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), datetime.timedelta(3), datetime.date(1999, 1, 1)],
        [decimal.Decimal("1.50"), fractions.Fraction(1, 3), 10**30, -1, complex(1, 2)],
        collections.OrderedDict(x=collections.Counter("abca"), y=collections.deque([1, 2], 5)),
        {frozenset({1, 2}), ("a", "b"), uuid.UUID(int=5)},
        [pathlib.PurePosixPath("/a/b"), range(3), slice(1, 2), bytearray(b"abc"), "\u20ac\ud800"],
    ]
    try:
        import numpy
    except ImportError:
        pass
    else:
        generator = numpy.random.default_rng(5)
        objects += [numpy.arange(6.0).reshape(2, 3), numpy.array(["a", None], dtype=object), numpy.float32(2)]
        objects += [numpy.zeros(2, dtype=[("a", "i4"), ("b", "f8")]), generator, numpy.random.RandomState(5)]
    for obj in objects:
        for protocol in range(6):
            yield pickle.dumps(obj, protocol)
        yield brinery.dumps(obj, seal=False)
        yield brinery.dumps(obj)


def seeds(folder: str) -> list[bytes]:
    warnings.simplefilter("ignore")
    attacks = (each.build(Marker(folder).prepare()) for each in CORPUS if not each.missing())
    return [data for data in itertools.chain(attacks, real_objects()) if len(data) <= LONGEST]


def changed(known: list[bytes], source: random.Random) -> bytes:
    """One of them with a few edits, or none."""
    data = bytearray(source.choice(known))
    for _ in range(source.randrange(MOST_EDITS)):
        at = source.randrange(len(data) + 1)
        match source.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << source.randrange(8)
            case 1:
                del data[at : at + source.randrange(1, 12)]
            case 2:
                data[at:at] = source.randbytes(source.randrange(1, 4))
            case 3:
                other = source.choice(known)
                start = source.randrange(len(other) + 1)
                data[at:at] = other[start : start + source.randrange(1, 60)]
            case 4 if data:
                data[at % len(data)] = source.choice(
                    b"(.0123456789FIJKLMNRSTUVX]bcdeghijloqrstu}\x80\x81\x85\x86\x93\x94"
                )
            case 5:
                data[at:] = source.choice(known)
    return bytes(data)


def disagreement(data: bytes, trust: Trust) -> str | None:
    """What the scanner says otherwise than the loader does; None where they agree."""
    report = brinery.scan(data, trust=trust).files[0]
    outer = [each for each in report.pickles if not each.nested]
    # An archive is no pickle, whatever is in it, and of several in a row only the first would be loaded.
    says = report.loads and len(outer) == 1 and (outer[0].place, outer[0].offset) == ("", 0)
    try:
        brinery.loads(data, trust=trust)
    except brinery.DecodeError as error:
        return f"is said to load, and {type(error).__name__}: {error}" if says else None
    return None if says else f"loads, and is said to be {report.verdict}: {report.all_findings[:2]}"


def wrong_advice(data: bytes, trust: Trust) -> str | None:
    """What is wrong with the names that the scanner says would let a pickle load; None where nothing is."""
    file = brinery.scan(data, trust=trust, static=True).files[0]
    report = next((each for each in file.pickles if (each.place, each.offset) == ("", 0)), None)
    first = next(parts_of(memoryview(data)))
    if not isinstance(first, Pickle) or first.gaps or len(first.data) != len(data):
        return None  # something is around the pickle
    if report is None or report.loads or file.origin == "you":
        return None
    if not report.needs:
        names = {usage.name for usage in report.globals if is_exact(usage.name)}
        passes = trust.allowing(names).judge(data).passes
        return f"would pass with {sorted(names)}, and it is said that no names would do" if passes else None
    if not trust.allowing(report.needs).judge(data).passes:
        return f"does not pass with {report.needs}, and it is said that it would"
    unknown = {usage.name for usage in report.globals if usage.verdict == "unknown"}
    for name in unknown & set(report.needs):
        if trust.allowing(set(report.needs) - {name}).judge(data).passes:
            return f"passes without {name}, and it is said to need it"
    if set(report.needs) <= HARMLESS:
        try:
            brinery.loads(data, trust=report.needs)
        except (brinery.UntrustedError, brinery.LimitError) as error:
            return f"is said to load with {report.needs}, and {type(error).__name__}: {error}"
        except brinery.DecodeError:
            return None  # the class itself does not take what it is given
    return None


def run(cases: int, seconds: float, seed: int) -> int:
    trust = Trust()
    findings = done = 0
    last = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        known = seeds(folder)
        for number in range(seed, seed + cases):
            if time.monotonic() > last:
                break
            data = changed(known, random.Random(number))
            signal.alarm(SECONDS_A_CASE)
            told = disagreement(data, trust) or wrong_advice(data, trust)
            signal.alarm(0)
            done += 1
            if told is not None:
                findings += 1
                print(f"case {number}: {told}: {data[:200]!r}", flush=True)
    print(f"{done:,} cases from seed {seed}, {findings} findings")
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    return 1 if run(options.cases, options.seconds, options.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
