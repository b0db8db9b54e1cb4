"""Containers, decorators, dates, state machines and other tools for functions."""

from bench.breadth.matrix import Case, case

CASES: list[Case] = []


def tool(package: str, what: str, make: str, use: str) -> None:
    CASES.append(case("tools", f"{package}: {what}", make, use, package=package))


tool(
    "python-dateutil",
    "recurrence, delta and zone",
    """
import datetime
from dateutil import parser, relativedelta, rrule, tz
made = (rrule.rrule(rrule.DAILY, count=3, dtstart=datetime.datetime(2024, 1, 1)), relativedelta.relativedelta(months=1), tz.gettz("Europe/Berlin"), lambda text: parser.parse(text))
""",
    "len(list(made[0])) == 3 and (made[3]('2024-01-31') + made[1]).day == 29 and made[2] is not None",
)
tool(
    "pendulum",
    "moment, duration and interval",
    "import pendulum\na = pendulum.datetime(2024, 1, 31, tz='Europe/Berlin')\nmade = (a, a.add(months=1), a.add(days=2) - a, pendulum.duration(days=3), lambda: a.start_of('year'))",
    "made[1].day == 29 and made[2].in_days() == 2 and made[3].days == 3 and made[4]().month == 1 and made[0].timezone_name == 'Europe/Berlin'",
)
tool(
    "arrow",
    "moment and a subclass of one's own",
    """
import arrow

class Moment(arrow.Arrow):
    def is_new_year(self): return self.month == self.day == 1

made = (arrow.get(2024, 1, 31), Moment(2024, 1, 1), arrow.ArrowFactory(Moment))
""",
    "made[0].shift(months=1).day == 29 and made[1].is_new_year() and made[2].get('2024-01-01').is_new_year()",
)
tool(
    "toolz",
    "curry, compose, juxt and pipe",
    """
import toolz
add = toolz.curry(lambda x, y: x + y)
made = (add(1), toolz.compose(str, lambda x: x + 1), toolz.juxt(min, lambda xs: max(xs)), toolz.curry(toolz.map)(lambda x: x * 2), toolz.memoize(lambda x: [x]))
""",
    "made[0](2) == 3 and made[1](1) == '2' and made[2]([1, 2]) == (1, 2) and list(made[3]([1])) == [2] and made[4](3) == [3]",
)
tool(
    "cytoolz",
    "curry, compose and juxt",
    """
import cytoolz
add = cytoolz.curry(lambda x, y: x + y)
made = (add(1), cytoolz.compose(str, lambda x: x + 1), cytoolz.juxt(min, lambda xs: max(xs)), cytoolz.complement(lambda x: x), cytoolz.curry(lambda x, y, z: x + y + z)(1, z=3))
""",
    "made[0](2) == 3 and made[1](1) == '2' and made[2]([1, 2]) == (1, 2) and made[3](False) and made[4](2) == 6",
)
tool(
    "more-itertools",
    "lazy containers",
    "import more_itertools as mi\nmade = (mi.SequenceView([1, 2]), mi.countable([1, 2]).items_seen, mi.numeric_range(1, 9, 3), mi.map_reduce(range(4), lambda x: x % 2), lambda xs: list(mi.chunked(xs, 2)), mi.bucket)",
    "made[0][1] == 2 and list(made[2]) == [1, 4, 7] and made[3][1] == [1, 3] and made[4]([1, 2, 3]) == [[1, 2], [3]]",
)
tool(
    "sortedcontainers",
    "sorted list and dict by a lambda",
    "import sortedcontainers as sc\nmade = (sc.SortedKeyList([1, 3, 2], key=lambda x: -x), sc.SortedDict(lambda k: -k, {1: 'a', 2: 'b'}), sc.SortedSet([2, 1]))",
    "(made[0].add(9), list(made[0]))[1] == [9, 3, 2, 1] and list(made[1]) == [2, 1] and list(made[2]) == [1, 2] and (made[1].update({7: 'c'}), list(made[1])[0])[1] == 7",
)
tool(
    "boltons",
    "caches, multi dict and bound partial",
    """
from boltons import cacheutils, dictutils, funcutils, iterutils, setutils
cache = cacheutils.LRU(max_size=2, on_miss=lambda key: key * 2)

class A:
    @cacheutils.cachedproperty
    def v(self): return [1]

made = (cache, dictutils.OMD([("a", 1), ("a", 2)]), A(), setutils.IndexedSet([3, 1]), funcutils.wraps(lambda a, b=2: 0)(lambda *args, **kw: args))
""",
    "made[0][4] == 8 and made[1].getlist('a') == [1, 2] and made[2].v == [1] and made[3][0] == 3 and made[4](1)[0] == 1",
)
tool(
    "pyrsistent",
    "maps, vectors and a record of one's own",
    """
import pyrsistent as pr

class Point(pr.PRecord):
    x = pr.field(type=int, invariant=lambda x: (x > 0, "positive"))

class Items(pr.PClass):
    xs = pr.field(initial=pr.v(1, 2))

made = (pr.pmap({"a": lambda: 1}), pr.pvector([1, 2]), Point(x=3), Items(), pr.pset([1]), pr.pdeque([1]))
""",
    "made[0]['a']() == 1 and made[1].append(3)[2] == 3 and made[2].set(x=4).x == 4 and made[3].xs[1] == 2 and type(made[2])(x=5).x == 5 and 1 in made[4]",
)
tool(
    "immutables",
    "map",
    "import immutables\nmade = immutables.Map(a=lambda: 1, b=2)",
    "made['a']() == 1 and made.set('c', 3)['c'] == 3 and len(made) == 2",
)
tool(
    "bitarray",
    "bit arrays",
    "from bitarray import bitarray, frozenbitarray\nfrom bitarray.util import ba2int\nbits = bitarray('1011')\nmade = (bits, {frozenbitarray('01'): 'k'}, lambda: ba2int(bits))",
    "made[0].count() == 3 and list(made[1])[0].to01() == '01' and made[2]() == 11",
)
tool(
    "regex",
    "pattern, and a function over it",
    "import regex\npattern = regex.compile(r'(?P<w>\\p{L}+)')\nmade = (pattern, lambda text: pattern.sub(lambda m: m['w'].upper(), text))",
    "made[0].findall('ä b') == ['ä', 'b'] and made[1]('a1') == 'A1'",
)
tool(
    "tenacity",
    "function that is tried again",
    """
import tenacity
calls = []

@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_none(), retry=tenacity.retry_if_exception(lambda e: isinstance(e, KeyError)))
def made(value):
    calls.append(value)
    if len(calls) < 3:
        raise KeyError(value)
    return len(calls)
""",
    "made(1) == 3 and made.retry.stop.max_attempt_number == 3",
)
tool(
    "tenacity",
    "retrying object",
    "import tenacity\nmade = tenacity.Retrying(stop=tenacity.stop_after_attempt(2), retry_error_callback=lambda state: 'gone', sleep=lambda seconds: None)",
    "made(lambda: 1 / 0) == 'gone'",
)
tool(
    "cachetools",
    "caches and cached functions",
    """
import threading
import cachetools

class Sized(cachetools.LRUCache):
    def popitem(self): return super().popitem()

@cachetools.cached(cachetools.TTLCache(8, 600), key=lambda x: x % 3, lock=threading.Lock())
def cached(x): return [x]

made = (Sized(2, getsizeof=lambda v: 1), cached, cachetools.LFUCache(3))
made[0]["a"] = 1
""",
    "made[0]['a'] == 1 and made[1](1) is made[1](4) and made[2].maxsize == 3 and (made[0].update(b=2, c=3), len(made[0]))[1] == 2",
)
tool(
    "wrapt",
    "decorated function",
    """
import wrapt

@wrapt.decorator
def twice(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs) * 2

@twice
def made(x): return x + 1
""",
    "made(2) == 6 and made.__name__ == 'made'",
)
tool(
    "wrapt",
    "object proxy with its own reduction",
    """
import wrapt

class Proxy(wrapt.ObjectProxy):
    def __reduce__(self): return Proxy, (self.__wrapped__,)
    def __reduce_ex__(self, protocol): return self.__reduce__()
    def extra(self): return len(self) + 1

made = Proxy([1, 2])
""",
    "made.extra() == 3 and made == [1, 2] and type(made).__name__ == 'Proxy'",
)
tool(
    "transitions",
    "machine with callbacks",
    """
import transitions

class Door:
    opened = 0
    def count(self): self.opened += 1

made = Door()
machine = transitions.Machine(made, states=["shut", "open"], initial="shut")
machine.add_transition("push", "shut", "open", after="count", conditions=[lambda: True])
made.machine = machine
made.push()
""",
    "made.state == 'open' and made.opened == 1 and (made.to_shut(), made.push(), made.opened)[2] == 2 and made.is_open()",
)
tool(
    "simpy",
    "environment",
    "import simpy\nmade = lambda: (lambda env: (env.run(5), env.now)[1])(simpy.Environment())",
    "made() == 5",
)
tool(
    "cffi",
    "function with declarations",
    "import cffi\nffi = cffi.FFI()\nmade = lambda: ffi.sizeof('int')",
    "made() == 4",
)
tool(
    "cryptography",
    "key from its bytes in a function",
    "from cryptography.fernet import Fernet\nkey = Fernet.generate_key()\nmade = lambda text: Fernet(key).decrypt(Fernet(key).encrypt(text))",
    "made(b'x') == b'x'",
)
tool(
    "typing_extensions",
    "typed dict, protocol and sentinel names",
    """
import typing_extensions as te

class Options(te.TypedDict, total=False):
    name: te.Required[str]
    size: te.NotRequired[int]

@te.runtime_checkable
class Runs(te.Protocol):
    def run(self) -> int: ...

class Job:
    def run(self): return 1

made = (Options, Runs, Job(), te.Annotated[int, "meta"], te.TypeVar("T", default=int), te.Literal["a"])
""",
    "made[0].__required_keys__ == {'name'} and isinstance(made[2], made[1]) and not isinstance(3, made[1]) and made[3].__metadata__ == ('meta',) and made[4].__name__ == 'T'",
)
tool(
    "anyio",
    "function that opens a task group",
    """
import anyio
async def add(seen, value): seen.append(value)
async def main():
    seen = []
    async with anyio.create_task_group() as group:
        group.start_soon(add, seen, 1)
    return seen
made = lambda: anyio.run(main)
""",
    "made() == [1]",
)
