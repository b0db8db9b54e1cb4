"""The matrix of hard objects of the language and the standard library."""

from __future__ import annotations

from bench.breadth.matrix import Case, case

CASES: list[Case] = []


def function(name: str, make: str, use: str) -> None:
    CASES.append(case("functions", name, make, use))


def a_class(name: str, make: str, use: str) -> None:
    CASES.append(case("classes", name, make, use))


def half_live(name: str, make: str, use: str) -> None:
    CASES.append(case("half-live", name, make, use))


def array(name: str, make: str, use: str, package: str = "") -> None:
    CASES.append(case("arrays", name, make, use, package=package))


# --- functions -------------------------------------------------------------------------------------------------------

function("lambda", "made = lambda x: x + 1", "made(2) == 3")
function("lambda with default", "made = lambda x, y=5: x + y", "made(2) == 7")
function("two lambdas on a line", "made = (lambda x: x + 1, lambda x: x * 2)", "(made[0](5), made[1](5)) == (6, 10)")
function("function", "def made(x): return x + 1", "made(2) == 3 and made.__name__ == 'made'")
function("docstring and annotations", "def made(x: int = 3) -> str:\n    'What it says.'\n    return str(x)",
         "made() == '3' and made.__doc__ == 'What it says.' and made.__annotations__ == {'x': int, 'return': str}")  # fmt: skip
function(
    "closure",
    "def outer(a, b, c):\n    def inner(x): return a + b + c + x\n    return inner\nmade = outer(1, 2, 3)",
    "made(4) == 10",
)
function(
    "closure that counts",
    "def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n        return n\n    return inner\nmade = outer(); made()",
    "made() == 2 and made() == 3",
)
function(
    "two functions share a cell",
    """
def outer():
    n = 0
    def up():
        nonlocal n
        n += 1
    def get(): return n
    return up, get
made = outer()
""",
    "(made[0](), made[0](), made[1]())[2] == 2",
)
function("recursive", "def made(n): return 1 if n < 2 else n * made(n - 1)", "made(5) == 120")
function(
    "recursive closure",
    "def outer():\n    def f(n): return 1 if n < 2 else n * f(n - 1)\n    return f\nmade = outer()",
    "made(5) == 120",
)
function(
    "mutually recursive",
    "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)\nmade = even",
    "made(10) and not made(7)",
)
function("uses a global", "rate = 3\ndef made(x): return x * rate", "made(2) == 6")
function(
    "functions share a global",
    """
count = 0
def up():
    global count
    count += 1
def get(): return count
made = [up, get]
""",
    "(made[0](), made[0](), made[1]())[2] == 2",
)
function(
    "unused global stays",
    "big = bytearray(50_000_000)\ndef made(x): return x.big if hasattr(x, 'big') else 1",
    "made(3) == 1",
)
function("uses a module", "import math\ndef made(x): return math.sqrt(x)", "made(9) == 3")
function(
    "uses a submodule",
    "import os.path\nimport xml.dom.minidom\ndef made(): return xml.dom.minidom.parseString('<a/>').documentElement.tagName",
    "made() == 'a'",
)
function("imports within", "def made():\n    import json\n    return json.dumps([1])", "made() == '[1]'")
function(
    "keyword-only and positional-only",
    "def made(a, /, b, *args, c=3, **kw): return (a, b, args, c, kw)",
    "made(1, 2, 9, c=4, d=5) == (1, 2, (9,), 4, {'d': 5})",
)
function("generator function", "def made(n):\n    for i in range(n): yield i * i", "list(made(4)) == [0, 1, 4, 9]")
function("async function", "async def made(x):\n    return x + 1", "__import__('asyncio').run(made(1)) == 2")
function(
    "async generator",
    "async def gen(n):\n    for i in range(n): yield i\nasync def made(): return [i async for i in gen(3)]",
    "__import__('asyncio').run(made()) == [0, 1, 2]",
)
function(
    "comprehension with closure",
    "def outer(k):\n    return lambda xs: [x * k for x in xs if x > k]\nmade = outer(2)",
    "made([1, 2, 3]) == [6]",
)
function(
    "decorated with wraps",
    """
import functools
def twice(f):
    @functools.wraps(f)
    def wrapper(*a): return 2 * f(*a)
    return wrapper
@twice
def made(x):
    'doc'
    return x
""",
    "made(4) == 8 and made.__doc__ == 'doc' and made.__wrapped__(4) == 4",
)
function(
    "decorator with arguments",
    "def by(k):\n    def deco(f):\n        return lambda x: f(x) * k\n    return deco\n@by(3)\ndef made(x): return x",
    "made(4) == 12",
)
function(
    "partial", "import functools\nmade = functools.partial(lambda a, b, c=0: (a, b, c), 1, c=9)", "made(2) == (1, 2, 9)"
)
function(
    "partialmethod",
    "import functools\nclass A:\n    def f(self, x, y): return x + y\n    g = functools.partialmethod(f, 10)\nmade = A()",
    "made.g(5) == 15",
)
function(
    "lru_cache",
    "import functools\n@functools.lru_cache(maxsize=7)\ndef made(n): return n * 2",
    "made(4) == 8 and made.cache_info().maxsize == 7",
)
function(
    "recursive lru_cache",
    "import functools\n@functools.cache\ndef made(n): return n if n < 2 else made(n - 1) + made(n - 2)",
    "made(50) == 12586269025",
)
function(
    "singledispatch",
    """
import functools
@functools.singledispatch
def made(x): return 'other'
@made.register
def _(x: int): return 'int'
@made.register
def _(x: list): return 'list'
""",
    "(made(1), made([]), made('')) == ('int', 'list', 'other') and made.register(str, lambda x: 'str') and made('') == 'str'",
)
function(
    "bound method",
    "class A:\n    def __init__(self): self.v = 3\n    def f(self): return self.v\nmade = A().f",
    "made() == 3",
)
function(
    "class method", "class A:\n    k = 5\n    @classmethod\n    def f(cls): return cls.k\nmade = A.f", "made() == 5"
)
function("static method", "class A:\n    @staticmethod\n    def f(x): return x + 1\nmade = A.f", "made(1) == 2")
function("function attributes", "def made(): return made.k\nmade.k = 7", "made() == 7")
function(
    "default that is mutable",
    "def made(x, seen=[]):\n    seen.append(x)\n    return len(seen)\nmade(1)",
    "made(2) == 2",
)
function(
    "annotations by name",
    "from __future__ import annotations\ndef made(x: Nowhere) -> int: return x",
    "made(1) == 1 and made.__annotations__ == {'x': 'Nowhere', 'return': 'int'}",
)
function("exec without source", "ns = {}\nexec('def f(x): return x * 3', ns)\nmade = ns['f']", "made(2) == 6")
function(
    "type annotations of local classes",
    "class K: pass\ndef made(x: K) -> K: return x",
    "made(1) == 1 and made.__annotations__['x'].__name__ == 'K'",
)
function(
    "walrus, match and star",
    "def made(x):\n    match x:\n        case [a, *rest] if (n := len(rest)) > 1: return n\n        case {'k': v}: return v\n        case _: return None",
    "made([1, 2, 3]) == 2 and made({'k': 5}) == 5",
)
function(
    "try, with and finally",
    """
import contextlib
@contextlib.contextmanager
def cm(log):
    log.append('in')
    try: yield 5
    finally: log.append('out')
def made():
    log = []
    try:
        with cm(log) as x: raise ValueError(x)
    except ValueError as e: log.append(e.args[0])
    return log
""",
    "made() == ['in', 'out', 5]",
)
function(
    "operator and builtins",
    "import operator\nmade = [len, operator.itemgetter(1), operator.attrgetter('real'), str.upper, 'x'.join, [].append]",
    "made[0]([1]) == 1 and made[1]('ab') == 'b' and made[3]('a') == 'A' and made[4](['a', 'b']) == 'axb'",
)
function(
    "class cell by super()",
    "class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return super().f() + 1\nmade = B.f\nobj = B()\nmade = (B, B.f)",
    "made[1](made[0]()) == 2",
)
function("code object", "made = (lambda x: x + 41).__code__", "eval.__class__ and type(lambda: 0)(made, {})(1) == 42")
function(
    "cell", "def outer():\n    v = 3\n    return (lambda: v).__closure__[0]\nmade = outer()", "made.cell_contents == 3"
)
function("method of a builtin instance", "made = {'a': 1}.get", "made('a') == 1")
function(
    "callable instance",
    "class Adder:\n    def __init__(self, k): self.k = k\n    def __call__(self, x): return x + self.k\nmade = Adder(3)",
    "made(4) == 7",
)
function(
    "nested three deep",
    "def a(x):\n    def b(y):\n        def c(z): return (x, y, z)\n        return c\n    return b\nmade = a(1)(2)",
    "made(3) == (1, 2, 3)",
)
function(
    "many functions in a dict", "made = {f'f{i}': (lambda x, i=i: x + i) for i in range(20)}", "made['f7'](1) == 8"
)

function(
    "singledispatch over a class",
    """
import functools
class Other:
    def __init__(self, x): self.x = x
made = functools.singledispatch(Other)
made.register(int, lambda x: x + 1)
""",
    "made(1) == 2 and made('a').x == 'a'",
)
function(
    "decorated, says its own name",
    """
import functools
class Counted:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.calls = 0
    def __call__(self, *args):
        self.calls += 1
        return self.__wrapped__(*args)
    def __reduce__(self): return self.__qualname__
@Counted
def made(x): return x + 1
made(1)
""",
    "made(2) == 3 and made.calls == 2",
)

# --- classes ---------------------------------------------------------------------------------------------------------

a_class(
    "class", "class made:\n    k = 3\n    def f(self): return self.k", "made().f() == 3 and made.__name__ == 'made'"
)
a_class("instance", "class A:\n    def __init__(self, v): self.v = v\nmade = A(5)", "made.v == 5")
a_class(
    "local class",
    "def outer():\n    class A:\n        def f(self): return 7\n    return A\nmade = outer()",
    "made().f() == 7 and made.__qualname__ == 'outer.<locals>.A'",
)
a_class(
    "class and instances agree",
    "class A: pass\nmade = (A, A(), [A(), A()])",
    "isinstance(made[1], made[0]) and type(made[2][1]) is made[0]",
)
a_class(
    "inheritance",
    "class A:\n    def f(self): return 'A'\nclass B(A):\n    def f(self): return 'B' + super().f()\nclass C(B): pass\nmade = C()",
    "made.f() == 'BA' and [c.__name__ for c in type(made).__mro__] == ['C', 'B', 'A', 'object']",
)
a_class(
    "diamond",
    "class A:\n    def f(self): return 'A'\nclass B(A):\n    def f(self): return 'B' + super().f()\nclass C(A):\n    def f(self): return 'C' + super().f()\nclass D(B, C): pass\nmade = D",
    "made().f() == 'BCA'",
)
a_class(
    "refers to itself",
    "class made:\n    def make(self): return made()\nmade.again = made",
    "type(made().make()) is made and made.again is made",
)
a_class(
    "two classes that refer to each other",
    "class A:\n    def other(self): return B()\nclass B:\n    def other(self): return A()\nmade = A",
    "type(made().other().other()) is made",
)
a_class(
    "slots",
    "class A:\n    __slots__ = ('x', 'y')\nmade = A(); made.x = 1",
    "made.x == 1 and not hasattr(made, '__dict__') and not hasattr(made, 'y')",
)
a_class(
    "private names",
    "class A:\n    def __init__(self): self.__v = 4\n    def __get(self): return self.__v\n    def get(self): return self.__get()\nmade = A()",
    "made.get() == 4",
)
a_class(
    "property",
    "class A:\n    def __init__(self): self._v = 1\n    @property\n    def v(self):\n        'doc'\n        return self._v\n    @v.setter\n    def v(self, x): self._v = x\nmade = A()",
    "(setattr(made, 'v', 5), made.v)[1] == 5 and type(made).v.__doc__ == 'doc'",
)
a_class(
    "cached_property",
    "import functools\nclass A:\n    n = 0\n    @functools.cached_property\n    def v(self):\n        self.n += 1\n        return self.n\nmade = A()",
    "made.v == 1 and made.v == 1",
)
a_class(
    "descriptor with __set_name__",
    "class D:\n    def __set_name__(self, owner, name): self.name = name\n    def __get__(self, obj, cls): return self.name\nclass A:\n    field = D()\nmade = A()",
    "made.field == 'field'",
)
a_class(
    "class and static methods",
    "class made:\n    @classmethod\n    def c(cls): return cls.__name__\n    @staticmethod\n    def s(): return 1",
    "made.c() == 'made' and made.s() == 1",
)
a_class(
    "metaclass",
    "class M(type):\n    def __call__(cls, *a): return ('made', super().__call__(*a))\nclass A(metaclass=M):\n    pass\nmade = A",
    "made()[0] == 'made' and type(made).__name__ == 'M'",
)
a_class(
    "metaclass with keywords",
    "class M(type):\n    def __new__(m, n, b, d, *, tag): \n        c = super().__new__(m, n, b, d); c.tag = tag; return c\n    def __init__(c, n, b, d, *, tag): super().__init__(n, b, d)\nclass made(metaclass=M, tag='t'): pass",
    "made.tag == 't'",
)
a_class(
    "__init_subclass__ with keywords",
    "class Base:\n    seen = []\n    def __init_subclass__(cls, *, tag, **kw):\n        super().__init_subclass__(**kw); cls.tag = tag; Base.seen.append(tag)\nclass made(Base, tag='t'): pass",
    "made.tag == 't' and made.__mro__[1].seen == ['t']",
)
a_class(
    "abstract base class",
    "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\nclass B(A):\n    def f(self): return 2\nmade = (A, B)",
    "made[1]().f() == 2 and made[0].__abstractmethods__ == {'f'}",
)
a_class(
    "abstract class cannot be made",
    "import abc\nclass made(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...",
    "(lambda: (exec('try:\\n made()\\nexcept TypeError: ok = True', ns := {'made': made}), ns.get('ok'))[1])() is True",
)
a_class(
    "virtual subclass",
    "import abc\nclass A(abc.ABC): pass\nclass B: pass\nA.register(B)\nmade = (A, B)",
    "isinstance(made[1](), made[0]) and not isinstance(3, made[0])",
)
a_class(
    "__class_getitem__",
    "class made:\n    def __class_getitem__(cls, k): return (cls.__name__, k)",
    "made[int] == ('made', int)",
)
a_class(
    "class that is a dict",
    "class D(dict):\n    def __missing__(self, k): return k * 2\nmade = D(a=1)",
    "made['a'] == 1 and made[4] == 8",
)
a_class(
    "class that is a list with attributes",
    "class L(list): pass\nmade = L([1, 2]); made.tag = 'x'",
    "made == [1, 2] and made.tag == 'x'",
)
a_class(
    "class that is an int",
    "class I(int):\n    def twice(self): return self * 2\nmade = I(4)",
    "made.twice() == 8 and made == 4",
)
a_class(
    "class that is a tuple",
    "class T(tuple):\n    def __new__(cls, *a): return super().__new__(cls, a)\n    def __getnewargs__(self): return tuple(self)\nmade = T(1, 2)",
    "made == (1, 2)",
)
a_class(
    "class that is a function's result",
    "made = type('Made', (), {'k': 1, 'f': lambda self: self.k})",
    "made().f() == 1",
)
a_class(
    "nested class",
    "class A:\n    class B:\n        def f(self): return 3\nmade = A.B()",
    "made.f() == 3 and type(made).__qualname__ == 'A.B'",
)
a_class(
    "operators",
    "class V:\n    def __init__(self, x): self.x = x\n    def __add__(self, o): return V(self.x + o.x)\n    def __eq__(self, o): return self.x == o.x\n    def __hash__(self): return hash(self.x)\nmade = {V(1): V(2)}",
    "[k for k in made][0] + [v for v in made.values()][0] == type([k for k in made][0])(3)",
)
a_class(
    "instance in its own hash",
    "class K:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return self.n\n    def __eq__(self, o): return self.n == o.n\nk = K(1); k.seen = {k}\nmade = k",
    "made in made.seen",
)
a_class(
    "instances that hold each other, with their own hash",
    "class K:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return hash(self.n)\n    def __eq__(self, o): return self.n == o.n\na, b = K('a'), K('b'); a.friends, b.friends = {b: 1, (a, b): 2}, {a}\nmade = [a, b]",
    "made[1] in made[0].friends and list(made[0].friends) == [made[1], tuple(made)] and made[0] in made[1].friends",
)
a_class(
    "class that keeps its instances, with their own hash",
    "class made:\n    known = set()\n    def __init__(self, n): self.n = n; self.known.add(self)\n    def __hash__(self): return hash(self.n)\n    def __eq__(self, o): return self.n == o.n\nmade('a')",
    "[each.n for each in made.known] == ['a'] and all(each in made.known for each in made.known) and len(made('a').known) == 1",
)
a_class("__getattr__", "class A:\n    def __getattr__(self, name): return name\nmade = A()", "made.abc == 'abc'")
a_class(
    "__getstate__ and __setstate__",
    "class A:\n    def __init__(self): self.a, self.b = 1, open\n    def __getstate__(self): return {'a': self.a}\n    def __setstate__(self, s): self.a = s['a'] + 1\nmade = A()",
    "made.a == 2",
)
a_class(
    "__reduce__",
    "class A:\n    def __init__(self, x): self.x = x\n    def __reduce__(self): return (A, (self.x + 1,))\nmade = A(1)",
    "made.x == 2",
)
a_class(
    "class state changed",
    "class made:\n    count = 0\nmade.count = 5\nmade.late = lambda self: self.count",
    "made.count == 5 and made().late() == 5",
)
a_class(
    "dataclass",
    "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n    y: list = dataclasses.field(default_factory=list)\nmade = A(1)",
    "made == type(made)(1, []) and repr(made) == 'A(x=1, y=[])'",
)
a_class(
    "frozen ordered dataclass with slots",
    "import dataclasses\n@dataclasses.dataclass(frozen=True, order=True, slots=True)\nclass A:\n    x: int\n    y: int = 2\nmade = [A(3), A(1)]",
    "sorted(made)[0].x == 1 and hash(made[0]) and not hasattr(made[0], '__dict__')",
)
a_class(
    "dataclass functions work",
    "import dataclasses\n@dataclasses.dataclass(kw_only=True)\nclass A:\n    x: int = dataclasses.field(metadata={'m': 1})\n    z: dataclasses.InitVar[int] = 0\nmade = A(x=1)",
    "__import__('dataclasses').replace(made, x=5, z=1).x == 5 and __import__('dataclasses').fields(made)[0].metadata['m'] == 1",
)
a_class(
    "dataclass replaced after loading",
    "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 0\nmade = A",
    "__import__('dataclasses').asdict(made(4)) == {'x': 4} and __import__('dataclasses').fields(made)[0].default_factory is __import__('dataclasses').MISSING",
)
a_class(
    "enum",
    "import enum\nclass C(enum.Enum):\n    RED = 1\n    BLUE = 'b'\n    CRIMSON = 1\nmade = (C, C.RED)",
    "made[0].RED is made[1] and made[0]('b').name == 'BLUE' and made[0].CRIMSON is made[1] and len(made[0]) == 2",
)
a_class(
    "enum with methods",
    "import enum\nclass C(enum.Enum):\n    A = 1\n    def f(self): return self.value + 1\n    @property\n    def p(self): return self.name\nmade = C.A",
    "made.f() == 2 and made.p == 'A'",
)
a_class(
    "IntEnum and StrEnum",
    "import enum\nclass I(enum.IntEnum):\n    A = 1\nclass S(enum.StrEnum):\n    B = enum.auto()\nmade = (I.A, S.B)",
    "made[0] + 1 == 2 and made[1] == 'b' and type(made[1]).B is made[1]",
)
a_class(
    "Flag",
    "import enum\nclass F(enum.Flag):\n    A = 1\n    B = 2\n    C = 4\n    AB = 3\nmade = F.A | F.C",
    "made == type(made).A | type(made).C and type(made).AB == type(made)(3)",
)
a_class(
    "enum with values of its own making",
    "import enum\nclass P(enum.Enum):\n    A = (1, 2)\n    B = (3, 4)\n    def __init__(self, x, y): self.x, self.y = x, y\nmade = P.B",
    "made.x == 3 and made.y == 4 and type(made)((1, 2)).x == 1",
)
a_class(
    "enum with __new__",
    "import enum\nclass P(str, enum.Enum):\n    def __new__(cls, v, extra):\n        o = str.__new__(cls, v); o._value_ = v; o.extra = extra\n        return o\n    A = ('a', 7)\nmade = P.A",
    "made == 'a' and made.extra == 7 and type(made)('a') is made",
)
a_class(
    "namedtuple",
    "import collections\nP = collections.namedtuple('P', 'x y', defaults=[5])\nmade = P(1)",
    "made.y == 5 and made._replace(x=3) == (3, 5)",
)
a_class(
    "typing.NamedTuple",
    "import typing\nclass P(typing.NamedTuple):\n    x: int\n    y: int = 2\n    def s(self): return self.x + self.y\nmade = P(1)",
    "made.s() == 3 and made._asdict() == {'x': 1, 'y': 2}",
)
a_class(
    "TypedDict",
    "import typing\nclass made(typing.TypedDict, total=False):\n    x: int",
    "made(x=1) == {'x': 1} and made.__optional_keys__ == {'x'}",
)
a_class(
    "Protocol",
    "import typing\n@typing.runtime_checkable\nclass made(typing.Protocol):\n    def close(self) -> None: ...",
    "isinstance(open(__import__('os').devnull), made) and not isinstance(3, made)",
)
a_class(
    "Generic",
    "import typing\nT = typing.TypeVar('T')\nclass Box(typing.Generic[T]):\n    def __init__(self, v: T): self.v = v\nmade = (Box, Box[int], Box[int](3))",
    "made[2].v == 3 and made[1].__origin__ is made[0] and made[0].__parameters__[0].__name__ == 'T'",
)
a_class(
    "TypeVar, ParamSpec and NewType",
    "import typing\nT = typing.TypeVar('T', bound=int)\nP = typing.ParamSpec('P')\nN = typing.NewType('N', int)\nmade = (T, P, N, typing.Callable[P, T], [T, T])",
    "made[0].__bound__ is int and made[1].__name__ == 'P' and made[2](3) == 3 and made[4][0] is made[0]",
)
a_class(
    "exception class",
    "class E(Exception):\n    pass\nmade = E('why', 3)",
    "made.args == ('why', 3) and str(type(made).__name__) == 'E'",
)
a_class(
    "exception with two arguments",
    "class E(Exception):\n    def __init__(self, a, b): super().__init__(f'{a}-{b}'); self.a, self.b = a, b\nmade = E(1, 2)",
    "(made.a, made.b, str(made)) == (1, 2, '1-2')",
)
a_class(
    "exception with keywords only",
    "class E(Exception):\n    def __init__(self, *, code): super().__init__('boom'); self.code = code\nmade = E(code=5)",
    "made.code == 5 and str(made) == 'boom'",
)
a_class(
    "exception with cause, context and notes",
    "try:\n    try: 1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('x') from e\nexcept ValueError as e:\n    e.add_note('noted'); made = e",
    "type(made.__cause__) is ZeroDivisionError and made.__notes__ == ['noted'] and made.__suppress_context__",
)
a_class(
    "exception with a traceback that prints",
    "def boom(): raise KeyError('k')\ntry: boom()\nexcept KeyError as e: made = e",
    "', in boom' in ''.join(__import__('traceback').format_exception(made))",
)
a_class(
    "exception group",
    "made = ExceptionGroup('g', [ValueError(1), KeyError('k')])",
    "made.message == 'g' and [type(e) for e in made.exceptions] == [ValueError, KeyError]",
)
a_class(
    "OSError",
    "try: open('/no/such/file')\nexcept OSError as e: made = e",
    "made.errno == 2 and made.filename == '/no/such/file' and type(made) is FileNotFoundError",
)
a_class(
    "singleton by identity",
    "class S:\n    _it = None\n    def __new__(cls):\n        cls._it = cls._it or super().__new__(cls)\n        return cls._it\nmade = (S, S())",
    "made[0]() is made[1]",
)
a_class(
    "weak reference in a class",
    "import weakref\nclass A: pass\na = A()\nmade = (a, weakref.ref(a))",
    "made[1]() is made[0]",
)
a_class(
    "total_ordering",
    "import functools\n@functools.total_ordering\nclass A:\n    def __init__(self, n): self.n = n\n    def __eq__(self, o): return self.n == o.n\n    def __lt__(self, o): return self.n < o.n\nmade = [A(3), A(1)]",
    "max(made).n == 3 and made[0] >= made[1]",
)
a_class(
    "context manager class",
    "class made:\n    def __enter__(self): return 5\n    def __exit__(self, *a): return True",
    "(lambda: [x for x in [made().__enter__()]])() == [5]",
)
a_class(
    "graph of instances with cycles",
    "class N:\n    def __init__(self): self.next = None\na, b = N(), N()\na.next, b.next = b, a\nmade = [a, b]",
    "made[0].next is made[1] and made[1].next is made[0]",
)
a_class(
    "instances of a local class share it",
    "def outer():\n    class A: pass\n    return [A(), A()]\nmade = outer()",
    "type(made[0]) is type(made[1])",
)
a_class(
    "singledispatchmethod",
    "import functools\nclass A:\n    @functools.singledispatchmethod\n    def f(self, x): return 'other'\n    @f.register\n    def _(self, x: int): return 'int'\nmade = A()",
    "made.f(1) == 'int' and made.f('') == 'other'",
)

a_class(
    "bases with __init_subclass__ and rooms of every kind",
    """
import typing
def seen(cls, **settings): cls.seen = getattr(cls, 'seen', ()) + (cls.__name__,)
class Plain:
    __init_subclass__ = seen
class Generic(typing.Generic[typing.TypeVar('T')]):
    __init_subclass__ = seen
class Empty:
    __slots__ = ()
    __init_subclass__ = seen
class Slotted(Empty): __slots__ = ('a', '_b')
class Mapping(dict, Empty): pass
class Error(Exception, Plain): pass
class Pair(tuple, Empty): __slots__ = ()
bases = [(Plain,), (Generic,), (Empty,), (Slotted,), (Mapping,), (Error,), (Pair,), (Empty, Plain), (Generic, Slotted), (Empty, dict)]
made = [(type('C', each, {'f': lambda self: 3}), each) for each in bases]
""",
    "all(c.__bases__ == bases and c.seen[-1] == 'C' and c.seen.count('C') == 1 and c().f() == 3 for c, bases in made)",
)

a_class(
    "below a base with room of its own and a hook",
    """
from typing import Generic, TypeVar
T = TypeVar("T")
class Sized(Generic[T]):
    __slots__ = ("size", "__weakref__")
    def __init_subclass__(cls, **keywords): super().__init_subclass__(**keywords)
class Meta(type): pass
class Record(Sized, metaclass=Meta):
    __slots__ = ()
class Point(Record): pass
made = Point()
made.size = 2
made.name = "p"
""",
    "(made.size, made.name) == (2, 'p') and [each.__name__ for each in type(made).__mro__][:3] == ['Point', 'Record', 'Sized']",
)

# --- half-live -------------------------------------------------------------------------------------------------------

half_live("lock", "import threading\nmade = threading.Lock(); made.acquire()", "made.acquire(blocking=False)")
half_live(
    "instance with a lock",
    "import threading\nclass A:\n    def __init__(self): self.lock, self.v = threading.Lock(), 3\nmade = A()",
    "made.lock.acquire(False) and made.v == 3",
)
half_live(
    "RLock and Condition",
    "import threading\nmade = (threading.RLock(), threading.Condition())",
    "made[0].acquire() and made[1].__enter__() and made[1].notify() is None",
)
half_live("Event that is set", "import threading\nmade = threading.Event(); made.set()", "made.is_set()")
half_live(
    "Semaphore",
    "import threading\nmade = threading.BoundedSemaphore(2)",
    "made.acquire(False) and made.acquire(False) and not made.acquire(False)",
)
half_live("Barrier", "import threading\nmade = threading.Barrier(3)", "made.parties == 3")
half_live("thread-local", "import threading\nmade = threading.local(); made.x = 4", "made.x == 4")
half_live(
    "queue",
    "import queue\nmade = queue.Queue(maxsize=5); made.put(1); made.put(2)",
    "made.get() == 1 and made.get() == 2 and made.maxsize == 5",
)
half_live("SimpleQueue", "import queue\nmade = queue.SimpleQueue(); made.put(1)", "made.get() == 1")
half_live(
    "file being read",
    "f = open('lines.txt', 'w'); f.write('one\\ntwo\\n'); f.close()\nmade = open('lines.txt'); made.readline()",
    "made.readline() == 'two\\n'",
)
half_live(
    "file being written",
    "made = open('out.bin', 'wb'); made.write(b'abc')",
    "made.write(b'def') and made.flush() is None and open('out.bin', 'rb').read() == b'abcdef'",
)
half_live(
    "StringIO and BytesIO",
    "import io\nmade = (io.StringIO('abc'), io.BytesIO(b'def')); made[0].read(1)",
    "made[0].read() == 'bc' and made[1].read() == b'def'",
)
half_live("standard streams", "import sys\nmade = (sys.stdout, sys.stderr)", "made[0] is __import__('sys').stdout")
half_live("logger", "import logging\nmade = logging.getLogger('a.b')", "made is __import__('logging').getLogger('a.b')")
half_live(
    "instance with a logger",
    "import logging\nclass A:\n    log = logging.getLogger('x')\n    def f(self): return self.log.name\nmade = A()",
    "made.f() == 'x'",
)
half_live(
    "weak value dictionary",
    "import weakref\nclass A: pass\na = A()\nd = weakref.WeakValueDictionary(k=a)\nmade = (a, d)",
    "made[1]['k'] is made[0]",
)
half_live(
    "weak key dictionary and set",
    "import weakref\nclass A: pass\na = A()\nmade = (a, weakref.WeakKeyDictionary({a: 1}), weakref.WeakSet([a]))",
    "made[1][made[0]] == 1 and made[0] in made[2]",
)
half_live("dead weak reference", "import weakref\nclass A: pass\nmade = weakref.ref(A())", "made() is None")
half_live(
    "ContextVar",
    "import contextvars\nmade = contextvars.ContextVar('v', default=5)",
    "made.get() == 5 and made.name == 'v'",
)
half_live(
    "Context",
    "import contextvars\nv = contextvars.ContextVar('v'); v.set(3)\nmade = (v, contextvars.copy_context())",
    "made[1][made[0]] == 3",
)
half_live(
    "re.Match",
    "import re\nmade = re.search(r'(?P<y>\\d+)-(\\d+)', 'on 2024-05 ok')",
    "made.group('y') == '2024' and made.span() == (3, 10)",
)
half_live("re.Pattern", "import re\nmade = re.compile('a+', re.I)", "made.match('AAA').end() == 3")
half_live(
    "struct.Struct",
    "import struct\nmade = struct.Struct('<If')",
    "made.size == 8 and made.unpack(made.pack(1, 2.0)) == (1, 2.0)",
)
half_live("memoryview", "made = memoryview(bytearray(b'abc'))", "bytes(made) == b'abc' and not made.readonly")
half_live("mmap", "import mmap\nmade = mmap.mmap(-1, 4); made[:] = b'abcd'", "made[:] == b'abcd'")
half_live(
    "sqlite connection",
    "import sqlite3\nmade = sqlite3.connect('x.db'); made.execute('create table t(a)'); made.execute('insert into t values (5)'); made.commit()",
    "made.execute('select a from t').fetchone() == (5,)",
)
half_live(
    "thread pool",
    "import concurrent.futures\nmade = concurrent.futures.ThreadPoolExecutor(3)",
    "made.submit(pow, 2, 3).result() == 8 and made._max_workers == 3",
)
half_live(
    "process pool",
    "import concurrent.futures\nmade = concurrent.futures.ProcessPoolExecutor(2)",
    "made._max_workers == 2",
)
half_live("module", "import json\nmade = json", "made.dumps([1]) == '[1]'")
half_live(
    "module made by hand",
    "import types\nmade = types.ModuleType('byhand'); exec('x = 3\\ndef f(): return x', made.__dict__)",
    "made.f() == 3 and made.__name__ == 'byhand'",
)
half_live(
    "mappingproxy",
    "import types\nmade = types.MappingProxyType({'a': 1})",
    "made['a'] == 1 and type(made).__name__ == 'mappingproxy'",
)
half_live("SimpleNamespace with a lambda", "import types\nmade = types.SimpleNamespace(f=lambda: 1)", "made.f() == 1")
half_live(
    "itertools and iterators",
    "import itertools\nmade = [itertools.count(5), iter([1, 2, 3]), itertools.cycle('ab')]; next(made[0]); next(made[1])",
    "next(made[0]) == 6 and next(made[1]) == 2 and next(made[2]) == 'a'",
)
half_live(
    "range, slice, Ellipsis, NotImplemented",
    "made = (range(3), slice(1, 2), ..., NotImplemented, type(None), type(...))",
    "made == (range(3), slice(1, 2), ..., NotImplemented, type(None), type(...))",
)
half_live(
    "types of the interpreter",
    "import types\nmade = [types.FunctionType, types.GeneratorType, types.ModuleType, types.MappingProxyType, types.CellType]",
    "[c.__name__ for c in made] == ['function', 'generator', 'module', 'mappingproxy', 'cell']",
)
half_live(
    "random generator in mid-stream",
    "import random\nr, expected = random.Random(4), random.Random(4); r.random(), expected.random()\nmade = (r, expected.random())",
    "made[0].random() == made[1]",
)
half_live("property object", "made = property(lambda self: 5)", "made.fget(None) == 5")
half_live(
    "hashlib objects are refused or right",
    "import hashlib\nmade = hashlib.sha256",
    "made(b'a').hexdigest()[:6] == 'ca9781'",
)
half_live(
    "zoneinfo and dates",
    "import datetime, zoneinfo\nmade = datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
    "made.utcoffset().total_seconds() == 3600",
)
half_live(
    "traceback",
    "import sys\ntry: 1 / 0\nexcept ZeroDivisionError: made = sys.exc_info()[2]",
    "made.tb_lineno == 2 or made.tb_lineno > 0",
)

half_live(
    "thread-local of one's own class",
    """
import threading
class Local(threading.local):
    def __init__(self, start, step=1): self.value, self.step = start, step
made = Local(5, step=2)
made.value = 7
""",
    """
(lambda seen, threading: (
    (lambda thread: (thread.start(), thread.join()))(threading.Thread(target=lambda: seen.append((made.value, made.step)))),
    made.value == 7 and seen == [(5, 2)],
)[1])([], __import__("threading"))
""",
)

# --- arrays and tables -----------------------------------------------------------------------------------------------

array("array", "import numpy as np\nmade = np.arange(6.0).reshape(2, 3)", "made.tolist() == [[0, 1, 2], [3, 4, 5]]")
array(
    "Fortran order",
    "import numpy as np\nmade = np.asfortranarray(np.arange(6).reshape(2, 3))",
    "made.flags.f_contiguous and made.tolist() == [[0, 1, 2], [3, 4, 5]]",
)
array(
    "structured",
    "import numpy as np\nmade = np.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])",
    "made['b'][0] == 2.5",
)
array(
    "datetime64", "import numpy as np\nmade = np.array(['2024-01-02'], dtype='M8[D]')", "str(made[0]) == '2024-01-02'"
)
array(
    "object array with lambdas",
    "import numpy as np\nmade = np.array([lambda: 1, lambda: 2], dtype=object)",
    "made[1]() == 2",
)
array("masked", "import numpy as np\nmade = np.ma.array([1, 2, 3], mask=[0, 1, 0])", "made.sum() == 4")
array(
    "memmap",
    "import numpy as np\nmade = np.memmap('m.bin', dtype='i4', mode='w+', shape=3); made[:] = [1, 2, 3]",
    "made.tolist() == [1, 2, 3]",
)
array(
    "ufunc and vectorize",
    "import numpy as np\nmade = (np.add, np.vectorize(lambda x: x + 1))",
    "made[0](1, 2) == 3 and made[1]([1, 2]).tolist() == [2, 3]",
)
array(
    "random generator",
    "import numpy as np\nmade = np.random.default_rng(3); made.random(); made2 = np.random.default_rng(3); made2.random()\nmade = (made, made2.random())",
    "made[0].random() == made[1]",
)
array(
    "DataFrame",
    "import pandas as pd\nmade = pd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "made['a'].sum() == 3 and made['b'].isna().sum() == 1",
)
array(
    "DataFrame with a categorical and dates",
    "import pandas as pd\nmade = pd.DataFrame({'c': pd.Categorical(['a', 'b', 'a']), 'd': pd.date_range('2024', periods=3)})",
    "made['c'].cat.categories.tolist() == ['a', 'b'] and made['d'].dt.day.tolist() == [1, 2, 3]",
)
array(
    "model in a class of __main__",
    "import numpy as np\nclass Model:\n    def fit(self, x): self.mean = x.mean(0); return self\n    def predict(self, x): return x - self.mean\nmade = Model().fit(np.arange(6.0).reshape(3, 2))",
    "made.predict(made.mean).tolist() == [0, 0]",
)
array(
    "array and a view of it",
    "import numpy as np\na = np.arange(10.0)\nmade = (a, a[::2])",
    "made[1].__setitem__(1, 99) is None and made[0][2] == 99",
)
array(
    "view before its array",
    "import numpy as np\na = np.arange(10.0)\nmade = (a[2:4], a)",
    "made[1].__setitem__(2, 99) is None and made[0][0] == 99",
)
array(
    "reshape, transpose and reversed",
    "import numpy as np\na = np.arange(6.0)\nmade = (a.reshape(2, 3), a.reshape(2, 3).T, a[::-1])",
    "made[1].__setitem__((0, 0), 99) is None and made[0][0, 0] == 99 and made[2][-1] == 99",
)
array(
    "views that overlap",
    "import numpy as np\na = np.arange(100)\nmade = (a[:10], a[5:20])",
    "made[0].__setitem__(7, -1) is None and made[1][2] == -1",
)
array(
    "small view of a large array",
    "import numpy as np\nmade = np.zeros(1_000_000)[10:13]",
    "made.shape == (3,) and len(data) < 10_000",
)
array(
    "view of objects",
    "import numpy as np\na = np.array([1, 'x', None, 2.5], dtype=object)\nmade = (a, a[1:3])",
    "made[1].__setitem__(0, 'y') is None and made[0][1] == 'y'",
)
array(
    "view of dates",
    "import numpy as np\na = np.arange('2024-01', '2024-02', dtype='M8[D]')\nmade = (a, a[3:5])",
    "made[1].__setitem__(0, '1999-01-01') is None and str(made[0][3]) == '1999-01-01'",
)
array(
    "field of a structured array",
    "import numpy as np\na = np.zeros(3, dtype=[('x', 'i4'), ('y', 'f8')])\nmade = (a, a['y'])",
    "made[1].fill(2) is None and made[0]['y'].tolist() == [2, 2, 2]",
)
array(
    "broadcast",
    "import numpy as np\nmade = np.broadcast_to(np.arange(1000.0), (1000, 1000))",
    "made.shape == (1000, 1000) and made[999, 7] == 7 and len(data) < 100_000",
)
array(
    "read-only slice",
    "import numpy as np\nmade = np.arange(10)[::2]\nmade.flags.writeable = False",
    "made.tolist() == [0, 2, 4, 6, 8] and not made.flags.writeable",
)
array(
    "read-only dates",
    "import numpy as np\nmade = np.array(['2024-01-02'], dtype='M8[D]')\nmade.flags.writeable = False",
    "not made.flags.writeable",
)
array(
    "subclass with an attribute",
    "import numpy as np\nclass Signal(np.ndarray): pass\nmade = np.arange(3.0).view(Signal); made.rate = 44100",
    "made.rate == 44100 and type(made).__name__ == 'Signal' and made.sum() == 3",
)
array(
    "record array",
    "import numpy as np\nmade = np.rec.array([(1, 'a'), (2, 'b')], names='n,s')",
    "made.n.tolist() == [1, 2] and type(made).__name__ == 'recarray'",
)
array(
    "masked with a hard mask",
    "import numpy as np\nmade = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9, hard_mask=True)",
    "made.hardmask and made.filled().tolist() == [1, 9, 3]",
)
array(
    "masked array and its data",
    "import numpy as np\na = np.arange(3.0)\nmade = (a, np.ma.array(a, mask=[0, 1, 0], copy=False))",
    "made[0].__setitem__(0, 5) is None and made[1][0] == 5",
)
array(
    "variable-width strings",
    "import numpy as np\nmade = np.array(['a', 'long' * 20], dtype=np.dtypes.StringDType())",
    "made[1] == 'long' * 20",
)
array(
    "DataFrame and a shallow copy",
    "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\nmade = (df, df.copy(deep=False))",
    "made[1].__setitem__('b', 0) is None and made[1].iloc.__setitem__((0, 0), 99) is None and made[0].iloc[0, 0] == 1",
    "pandas",
)
array(
    "DataFrame and a column of it",
    "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\nmade = (df, df['a'])",
    "made[1].iloc.__setitem__(0, 99) is None and made[0]['a'].tolist() == [1, 2]",
    "pandas",
)
array(
    "Series of an Index",
    "import pandas as pd\nindex = pd.Index([1, 2, 3])\nmade = (index, pd.Series(index, copy=False))",
    "made[1].iloc.__setitem__(0, 99) is None and made[0][0] == 1",
    "pandas",
)
array(
    "MultiIndex",
    "import pandas as pd\nmade = pd.DataFrame({'v': [1, 2, 3, 4]}, index=pd.MultiIndex.from_product([['a', 'b'], [1, 2]]))",
    "made.loc[('b', 1), 'v'] == 3",
    "pandas",
)
array(
    "extension arrays",
    "import pandas as pd\nmade = pd.DataFrame({'i': pd.array([1, None], dtype='Int64'), 's': pd.array(['x', None], dtype='string'), 'z': pd.date_range('2024', periods=2, tz='UTC'), 'p': pd.period_range('2024', periods=2, freq='M')})",
    "made['i'].sum() == 1 and made['s'].isna().tolist() == [False, True] and str(made['z'].dt.tz) == 'UTC' and made['p'].dt.month.tolist() == [1, 2]",
    "pandas",
)
array(
    "Arrow-backed DataFrame",
    "import pandas as pd\nmade = pd.DataFrame({'s': pd.array(['x', None], dtype='string[pyarrow]'), 'n': pd.array([1, 2], dtype='int64[pyarrow]')})",
    "made['n'].sum() == 3 and made['s'][0] == 'x'",
    "pyarrow",
)
array(
    "Arrow table",
    "import pyarrow as pa\nmade = pa.table({'a': [1, 2, None], 's': ['x', None, 'z']})",
    "made.column('a').to_pylist() == [1, 2, None] and made.schema.names == ['a', 's']",
    "pyarrow",
)
array(
    "small slice of an Arrow array",
    "import pyarrow as pa\nmade = pa.array(range(1_000_000))[10:13]",
    "made.to_pylist() == [10, 11, 12] and len(data) < 10_000",
    "pyarrow",
)
array(
    "Arrow batch, schema, scalar and buffer",
    "import pyarrow as pa\nmade = (pa.record_batch({'a': [1]}), pa.schema([('a', pa.list_(pa.int8()))]), pa.scalar([1, 2]), pa.py_buffer(b'abc'), pa.chunked_array([[1], [2, 3]]))",
    "made[0].num_rows == 1 and made[2].as_py() == [1, 2] and made[3].to_pybytes() == b'abc' and made[4].num_chunks == 2 and str(made[1].field('a').type) == 'list<item: int8>'",
    "pyarrow",
)
array(
    "polars DataFrame",
    "import polars as pl\nmade = pl.DataFrame({'a': [1, None], 's': ['x', 'y'], 'l': [[1], [2, 3]], 'c': pl.Series(['u', 'v'], dtype=pl.Categorical)})",
    "made['a'].to_list() == [1, None] and made['l'].to_list() == [[1], [2, 3]] and str(made.schema['c']).startswith('Categorical')",
    "polars",
)
array(
    "polars LazyFrame",
    "import polars as pl\nmade = pl.DataFrame({'a': [1, 2, 3]}).lazy().filter(pl.col('a') > 1)",
    "made.collect()['a'].to_list() == [2, 3]",
    "polars",
)
array(
    "polars LazyFrame with a lambda",
    "import polars as pl\nmade = pl.DataFrame({'a': [1, 2]}).lazy().select(pl.col('a').map_elements(lambda x: x + 1, return_dtype=pl.Int64))",
    "made.collect()['a'].to_list() == [2, 3]",
    "polars",
)
array(
    "sparse matrix",
    "import scipy.sparse as sp\nmade = [getattr(sp.eye(3), f'to{k}')() for k in ('csr', 'csc', 'coo', 'lil', 'dok', 'dia', 'bsr')]",
    "all(m.sum() == 3 for m in made) and made[0].format == 'csr'",
    "scipy",
)
array(
    "tensor",
    "import torch\nmade = torch.arange(6.0).reshape(2, 3)",
    "made.tolist() == [[0, 1, 2], [3, 4, 5]]",
    "torch==2.13.0",
)
array(
    "tensors that share a storage",
    "import torch\na = torch.arange(6.0)\nmade = (a, a[::2], a.view(2, 3).T)",
    "made[0].__setitem__(0, 9) is None and made[1][0] == 9 and made[2][0, 0] == 9",
    "torch==2.13.0",
)
array(
    "small view of a large tensor",
    "import torch\nmade = torch.zeros(1_000_000)[5:8]",
    "made.shape == (3,) and len(data) < 10_000",
    "torch==2.13.0",
)
array(
    "parameter with its gradient",
    "import torch\nmade = torch.nn.Parameter(torch.ones(2)); (made * 3).sum().backward()",
    "made.grad.tolist() == [3, 3] and made.requires_grad and type(made).__name__ == 'Parameter'",
    "torch==2.13.0",
)
array(
    "tied weights of a module in __main__",
    "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__(); self.a = torch.nn.Linear(2, 2, bias=False); self.b = torch.nn.Linear(2, 2, bias=False); self.b.weight = self.a.weight\n    def forward(self, x): return self.b(self.a(x))\nmade = Net()",
    "made.a.weight is made.b.weight and made(made.a.weight).shape == (2, 2)",
    "torch==2.13.0",
)
array(
    "state dict of tied weights",
    "import torch\na = torch.nn.Linear(2, 2); b = torch.nn.Linear(2, 2); b.weight = a.weight\nmade = torch.nn.Sequential(a, b).state_dict()",
    "made['0.weight'].data_ptr() == made['1.weight'].data_ptr() and list(made)[0] == '0.weight'",
    "torch==2.13.0",
)
array(
    "bfloat16, bool, complex and sparse tensors",
    "import torch\nmade = [torch.ones(2, dtype=torch.bfloat16), torch.tensor([True]), torch.tensor([1 + 2j]).conj(), torch.eye(2).to_sparse()]",
    "made[0].sum() == 2 and bool(made[1]) and made[2].item() == 1 - 2j and made[3].to_dense().trace() == 2",
    "torch==2.13.0",
)
array(
    "optimizer and its parameters",
    "import torch\np = torch.nn.Parameter(torch.ones(2)); o = torch.optim.SGD([p], lr=1.0, momentum=0.9); (p * 2).sum().backward(); o.step(); made = (p, o)",
    "made[1].step() is None and made[1].param_groups[0]['params'][0] is made[0] and made[0].tolist() != [-1, -1]",
    "torch==2.13.0",
)
