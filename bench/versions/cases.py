"""What the matrix of versions has beside the functions and classes of `bench.breadth.cases`."""

from __future__ import annotations

import textwrap

from bench.breadth.cases import CASES
from bench.breadth.matrix import Case

FUNCTIONS: list[Case] = []
KINDS: list[Case] = []
VALUES: list[Case] = []
# Cases in the syntax of a later version, and since which one there is it.
SINCE: dict[str, tuple[int, int]] = {}
# Made of a text that nobody kept: on another version there is nothing to compile, and loading has to say so.
WITHOUT_SOURCE = {"exec without source"}


def function(name: str, make: str, use: str, since: tuple[int, int] | None = None) -> None:
    FUNCTIONS.append(Case("functions", name, textwrap.dedent(make).strip(), use))
    if since is not None:
        SINCE[name] = since


def a_class(name: str, make: str, use: str, since: tuple[int, int] | None = None) -> None:
    KINDS.append(Case("classes", name, textwrap.dedent(make).strip(), use))
    if since is not None:
        SINCE[name] = since


def value(name: str, make: str, use: str) -> None:
    VALUES.append(Case("values of the standard library", name, textwrap.dedent(make).strip(), use))


# --- functions: where the text is hard to find, and what versions compile otherwise -----------------------------------

function(
    "lambda in a call", "made = max([1], key=lambda x: -x) and dict(key=lambda x: -x, other=2)", "made['key'](3) == -3"
)
function("lambda in a subscript and a slice", "made = [lambda a: a[1:2], 5][0:1][0]", "made('abc') == 'b'")
function(
    "lambda over several lines",
    "made = (\n    lambda a, b=(1,\n      2): (\n        a\n        + b[1]\n    )\n)",
    "made(1) == 3",
)
function("lambda in a lambda", "made = (lambda x: lambda y: (lambda z: x + y + z))(1)(2)", "made(3) == 6")
function("lambda as a default of a lambda", "made = lambda x, f=lambda y: y + 1: f(x)", "made(1) == 2")
function(
    "lambda in a comprehension", "made = [lambda x, k=k: x * k for k in (1, 2, 3)]", "[f(2) for f in made] == [2, 4, 6]"
)
function(
    "lambda that closes over a comprehension's variable",
    "def outer():\n    return [lambda: k for k in (1, 2, 3)]\nmade = outer()",
    "[f() for f in made] == [3, 3, 3]",
)
function(
    "lambda in a dict, after a string",
    "made = {'lambda: 1': lambda: 2, 'b': (lambda: 3)}",
    "[f() for f in made.values()] == [2, 3]",
)
function("lambda in a default", "def f(key=lambda x: x + 1): return key\nmade = f()", "made(1) == 2")
function(
    "lambda in a decorator",
    "def by(g):\n    return lambda f: g\n@by(lambda x: x + 5)\ndef made(): pass",
    "made(1) == 6",
)
function(
    "lambda with a conditional and a walrus",
    "made = lambda x: (y := x + 1) if x else lambda: 0",
    "made(1) == 2 and made(0)() == 0",
)
function("lambda with a string of many lines", "made = lambda: '''one\n  two\n'''", "made() == 'one\\n  two\\n'")
function("lambda after other letters", "größe = 'ä€😀'; made = (größe, lambda: 'ü' + größe)", "made[1]() == 'üä€😀'")
function(
    "lambda of a class's body", "class A:\n    __k = 3\n    f = lambda self: self.__k\nmade = A()", "made.f() == 3"
)
function(
    "lambda of a method",
    "class A:\n    def __init__(self): self.__v = 3\n    def f(self): return lambda: self.__v\nmade = A().f()",
    "made() == 3",
)
function(
    "comprehensions of all kinds",
    "def made(n):\n    k = 2\n    return [i * k for i in range(n)], {i for i in range(n) if i % k}, {i: k for i in range(n)}, tuple(i for i in range(n)), [[j for j in range(i)] for i in range(n)]",
    "made(3) == ([0, 2, 4], {1}, {0: 2, 1: 2, 2: 2}, (0, 1, 2), [[], [0], [0, 1]])",
)
function(
    "comprehension with a name that is free",
    "def outer(k):\n    def inner(): return [k + i for i in range(2)], [(lambda: i + k)() for i in range(2)]\n    return inner\nmade = outer(5)",
    "made() == ([5, 6], [5, 6])",
)
function(
    "docstring over lines, in a method",
    "class A:\n    def f(self):\n        '''One.\n\n            Two.\n        '''\n        return 1\nmade = A()",
    "made.f() == 1 and __import__('inspect').getdoc(made.f) == 'One.\\n\\nTwo.'",
)
function(
    "string over lines at the margin, in a method",
    "class A:\n    def f(self):\n        x = '''a\nb'''\n        return x\nmade = A().f",
    "made() == 'a\\nb'",
)
function(
    "indented by tabs",
    "if True:\n\tdef outer(k):\n\t\tdef made():\n\t\t\treturn k\n\t\treturn made\nmade = outer(1)",
    "made() == 1",
)
function(
    "backslash at the end of a line",
    "def outer(k):\n    def made(x):\n        return x + \\\n  k\n    return made\nmade = outer(1)",
    "made(2) == 3",
)
function(
    "async all over",
    """
class Cm:
    async def __aenter__(self): return 1
    async def __aexit__(self, *a): return None
async def gen():
    for i in range(3): yield i
async def made():
    async with Cm() as x:
        return x, [i async for i in gen() if i], {i: [j async for j in gen()] async for i in gen()}
""",
    "__import__('asyncio').run(made()) == (1, [1, 2], {0: [0, 1, 2], 1: [0, 1, 2], 2: [0, 1, 2]})",
)
function(
    "generator that delegates",
    "def sub():\n    got = yield 1\n    return got\ndef made():\n    r = yield from sub()\n    yield r",
    "(lambda g: (next(g), g.send(7)))(made()) == (1, 7)",
)
function(
    "match over classes",
    "class P:\n    __match_args__ = ('x', 'y')\n    def __init__(s, x, y): s.x, s.y = x, y\ndef make(): return P(1, 2)\ndef f(p):\n    match p:\n        case P(1, y=z) | P(z, 1): return z\n        case str() | None: return 's'\n        case {'a': [*_, 1 as k], **rest}: return k, rest\nmade = (f, make)",
    "made[0](made[1]()) == 2 and made[0]('') == 's' and made[0]({'a': [2, 1], 'b': 3}) == (1, {'b': 3})",
)
function(
    "exception groups",
    "def made():\n    log = []\n    try: raise ExceptionGroup('g', [ValueError(1), KeyError(2)])\n    except* ValueError as e: log.append('v')\n    except* KeyError as e: log.append('k')\n    return log",
    "made() == ['v', 'k']",
)
function(
    "stars",
    "def made(*a, **k):\n    x, *y = a\n    return [*y, *[x]], {**k, 'z': 1}, (lambda *b: b)(*y), a[0:2]",
    "made(1, 2, 3, q=5) == ([2, 3, 1], {'q': 5, 'z': 1}, (2, 3), (1, 2))",
)
function(
    "star in a subscript and in annotations",
    "import typing\ndef made(*args: *tuple[int, ...]) -> int: return {(1, 2): 3}[*args]",
    "made(1, 2) == 3",
)
function(
    "global and nonlocal",
    "n = 1\ndef outer():\n    m = 1\n    def f():\n        global n\n        nonlocal m\n        n += 1; m += 1\n        return n, m\n    return f\nmade = outer()",
    "made() == (2, 2) and made() == (3, 3)",
)
function(
    "del, assert, augmented and chained",
    "def made(x):\n    a = b = x\n    a += 1; b @= 2\n    assert 0 < a < 10 != b, 'no'\n    del x\n    try: return x\n    except UnboundLocalError: return a",
    "made(type('M', (int,), {'__imatmul__': lambda s, o: 5})(3)) == 4",
)
function(
    "try in a loop with finally, continue and break",
    "def made():\n    log = []\n    for i in range(5):\n        try:\n            if i == 1: continue\n            if i == 3: break\n            log.append(i)\n        finally: log.append('f')\n    else: log.append('e')\n    return log",
    "made() == [0, 'f', 'f', 2, 'f', 'f']",
)
function(
    "nested with",
    "import contextlib\ndef made():\n    with (contextlib.nullcontext(1) as a, contextlib.nullcontext(2) as b): return a + b",
    "made() == 3",
)
function(
    "format strings",
    "def made(x, w=5): return f'{x!r:>{w}}|{x=}|{x + 1:03d}|{{}}|{\"q\"}'",
    "made(1) == '    1|x=1|002|{}|q'",
)
function(
    "private names in nested functions",
    "class A:\n    def f(self):\n        self.__x = 1\n        __y = 2\n        def g(): return self.__x + __y\n        return g\nmade = A().f()",
    "made() == 3",
)
function(
    "private name of a method",
    "class A:\n    def __f(self): return 1\n    def g(self): return self.__f\nmade = A().g()",
    "made() == 1",
)
function(
    "super in a nested function",
    "class A:\n    def f(self): return 1\nclass B(A):\n    def f(self):\n        def g(): return super(B, self).f() + 1\n        return g() + super().f()\nmade = B()",
    "made.f() == 3",
)
function(
    "names its class and __class__",
    "class A:\n    def f(self): return A, __class__\nmade = A()",
    "made.f() == (type(made), type(made))",
)
function(
    "local class in a function",
    "def made():\n    class A:\n        x = [i for i in range(3)]\n        def f(self): return __class__.__name__, self.x\n    return A().f()",
    "made() == ('A', [0, 1, 2])",
)
function(
    "a function makes functions after it was loaded",
    "def made(k):\n    def inner(x): return x + k\n    return inner",
    "made(1)(2) == 3",
)
function(
    "text in the cache of lines, as a notebook has it",
    """
import linecache
text = 'k = 2\\ndef f(x):\\n    return (lambda y: y * k)(x)\\n'
name = '/tmp/ipykernel_77/1234567.py'
linecache.cache[name] = (len(text), None, text.splitlines(True), name)
exec(compile(text, name, 'exec'), globals())
made = f
""",
    "made(3) == 6",
)
function(
    "cell of a notebook with await",
    """
import linecache, ast, types
text = 'import asyncio\\nawait asyncio.sleep(0)\\nf = lambda x: x + 1\\n'
name = '<ipython-input-7-abc>'
linecache.cache[name] = (len(text), None, text.splitlines(True), name)
code = compile(text, name, 'exec', flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
import asyncio
asyncio.run(eval(code, globals()))
made = f
""",
    "made(3) == 4",
)
function(
    "the file has changed since",
    """
import pathlib, sys
sys.path.insert(0, '.')
pathlib.Path('mod.py').write_text('def outer(k):\\n    def f(x):\\n        return x + k\\n    return f\\n')
import mod
pathlib.Path('mod.py').write_text('# one\\n# more\\nx = lambda: 1\\n' + pathlib.Path('mod.py').read_text())
import brinery
made = mod.outer(2)
made.__globals__['__name__'] = '__main__'
""",
    "made(3) == 5",
)
function(
    "a module in a zip file",
    """
import sys, zipfile
with zipfile.ZipFile('pack.zip', 'w') as file:
    file.writestr('inzip.py', 'def outer(k):\\n    return lambda x: x + k\\n')
sys.path.insert(0, 'pack.zip')
import inzip
for name, register in (('brinery', 'by_value'), ('cloudpickle', 'register_pickle_by_value')):
    try:
        getattr(__import__(name), register)(inzip)
    except ImportError:
        pass
made = inzip.outer(2)
""",
    "made(3) == 5",
)
function(
    "from __future__ import annotations",
    "from __future__ import annotations\ndef outer():\n    def made(x: Nowhere[1:2]) -> int: return x\n    return made\nmade = outer()",
    "made(1) == 1 and made.__annotations__['x'] == 'Nowhere[1:2]'",
)
function(
    "contextmanager that was decorated",
    "import contextlib\n@contextlib.contextmanager\ndef made():\n    yield 5",
    "(lambda: [made().__enter__()])() == [5]",
)
function(
    "invalid escapes, with which later versions find fault",
    "import warnings; warnings.simplefilter('ignore')\nns = {}\ndef made(): return eval(repr('x')) and 'a\\\\d'",
    "made() == 'a\\\\d'",
)
function(
    "long function",
    "exec('')\ndef made(x):\n" + "\n".join(f"    x = x + {i} if x else {i}" for i in range(400)) + "\n    return x",
    "made(1) == 1 + sum(range(400))",
)
function("code object", "made = (lambda x: x + 1).__code__", "type(lambda: 0)(made, {})(2) == 3")
function(
    "annotations of typing",
    "import typing\ndef made(a: typing.Optional[int], b: 'list[int]', c: int | None = None, *d: typing.Callable[[int], str]) -> typing.Literal['x']: return a",
    "made(3, []) == 3 and made.__annotations__['c'] == int | None and made.__annotations__['a'] == __import__('typing').Optional[int]",
)
function(
    "type parameters",
    "def made[T: int](x: T) -> T: return x",
    "made(1) == 1 and made.__type_params__[0].__name__ == 'T' and made.__type_params__[0].__bound__ is int",
    (3, 12),
)
function(
    "type parameters that the body uses",
    "def made[T, *Ts, **P](x: T) -> T: return T, Ts, P",
    "[t.__name__ for t in made(1)] == ['T', 'Ts', 'P']",
    (3, 12),
)
function(
    "quotes in format strings of the same kind",
    "def made(x): return f'{x['a']} {'\\n'.join(['b'])}'",
    "made({'a': 1}) == '1 b'",
    (3, 12),
)
function(
    "type alias",
    "type made = list[int] | dict[str, made]",
    "made.__name__ == 'made' and made.__value__.__args__[0] == list[int] and made.__value__.__args__[1].__args__[1] is made",
    (3, 12),
)
function(
    "type alias that leads to itself, with parameters",
    "type made[T: int, *Ts, **P] = T | list[made[T]]",
    "made.__value__.__args__[0] is made.__type_params__[0] and made.__type_params__[0].__bound__ is int",
    (3, 12),
)
function(
    "type alias with parameters, in a function",
    "type Pair[T] = tuple[T, T]\ndef made(x: Pair[int]): return Pair",
    "made(1).__type_params__[0].__name__ == 'T' and made(1)[int].__args__ == (int,)",
    (3, 12),
)

# --- classes ----------------------------------------------------------------------------------------------------------

a_class(
    "subclasses of what has hooks and slots",
    """
import typing, abc
T = typing.TypeVar('T')
class Hook:
    __slots__ = ()
    told = []
    def __init_subclass__(cls, **k): Hook.told.append(cls.__name__)
class Mid(Hook): pass
class S(Hook): __slots__ = ('__x', 'y')
class S2(S): __slots__ = ()
class Box(typing.Generic[T]): pass
class Child(Box[int]): pass
class R(typing.Generic[T], Mid): pass
class D(dict, Mid): pass
class E(Exception, Hook): pass
class A(abc.ABC, Mid): pass
made = [S2, Child, R, D, E, A]
""",
    "[c.__name__ for c in made[0].__mro__[:3]] == ['S2', 'S', 'Hook'] and made[0].told == ['Mid', 'S', 'S2', 'R', 'D', 'E', 'A'] and not hasattr(made[0](), '__dict__') and made[3](a=1)['a'] == 1",
)
a_class(
    "class made in a method, with a private parameter",
    "class F:\n    def make(self, k):\n        def build(x):\n            class C:\n                v = x + k\n                def get(self, __y=1): return self.v + __y\n            return C\n        return build\nmade = F().make(1)",
    "made(2)().get() == 4 and made(2).__qualname__ == 'F.make.<locals>.build.<locals>.C'",
)
a_class(
    "enum of values that are numbered by themselves",
    "import enum\nclass N(enum.Enum):\n    def __new__(cls):\n        o = object.__new__(cls); o._value_ = len(cls.__members__) + 1\n        return o\nclass C(N):\n    A = ()\n    B = ()\nmade = C.B",
    "made.value == 2 and type(made)(1).name == 'A'",
)
a_class(
    "nested classes with super",
    "class A:\n    def f(self): return 1\nclass B:\n    class C(A):\n        def f(self): return super().f() + 1\nmade = B",
    "made.C().f() == 2 and made.C.__qualname__ == 'B.C'",
)
a_class(
    "class with a docstring and annotations",
    "class made:\n    '''Says\n       what.'''\n    x: int = 3\n    y: 'str'",
    "__import__('inspect').getdoc(made) == 'Says\\nwhat.' and made.__annotations__ == {'x': int, 'y': 'str'}",
)
a_class(
    "decorated methods",
    "import functools\ndef log(f):\n    @functools.wraps(f)\n    def inner(self, *a): return ('logged', f(self, *a))\n    return inner\nclass A:\n    @log\n    def f(self, x): return x\n    @classmethod\n    @log\n    def g(cls, x): return x\n    @property\n    @log\n    def h(self): return 3\nmade = A()",
    "made.f(1) == ('logged', 1) and made.g(2) == ('logged', 2) and made.h == ('logged', 3)",
)
a_class(
    "dataclass with all options",
    "import dataclasses, typing\n@dataclasses.dataclass(order=True, unsafe_hash=True, kw_only=True, slots=True, weakref_slot=True)\nclass A:\n    x: int\n    k: typing.ClassVar[int] = 7\n    y: list = dataclasses.field(default_factory=lambda: [1], compare=False, repr=False)\n    z: dataclasses.InitVar[int] = 1\n    def __post_init__(self, z): self.x += z\nmade = A(x=1)",
    "made.x == 2 and type(made)(x=1, z=5).x == 6 and made.k == 7 and hash(made) == hash(type(made)(x=1)) and made < type(made)(x=5) and repr(made) == 'A(x=2)'",
)
a_class(
    "dataclass that inherits",
    "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1\n@dataclasses.dataclass(frozen=False)\nclass B(A):\n    y: int = 2\n    def s(self): return self.x + self.y\nmade = B(5)",
    "made.s() == 7 and repr(made) == 'B(x=5, y=2)' and [f.name for f in __import__('dataclasses').fields(made)] == ['x', 'y'] and made == type(made)(5)",
)
a_class(
    "frozen dataclass stays frozen",
    "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass A:\n    x: int\nmade = A(1)",
    "(lambda ns: (exec('try: made.x = 2\\nexcept AttributeError: ok = 1', ns), ns.get('ok'))[1])({'made': made}) == 1 and hash(made) == hash(type(made)(1))",
)
a_class(
    "dataclass made by make_dataclass",
    "import dataclasses\nmade = dataclasses.make_dataclass('M', [('x', int), ('y', list, dataclasses.field(default_factory=list))], namespace={'f': lambda self: self.x})(3)",
    "made.f() == 3 and made.y == [] and __import__('dataclasses').astuple(made) == (3, [])",
)
a_class(
    "dataclass with its own __eq__ and __repr__",
    "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n    def __repr__(self): return 'mine'\n    def __eq__(self, o): return True\nmade = A(1)",
    "repr(made) == 'mine' and made == 5",
)
a_class(
    "generic dataclass",
    "import dataclasses, typing\nT = typing.TypeVar('T')\n@dataclasses.dataclass\nclass Box(typing.Generic[T]):\n    v: T\nmade = Box[int](3)",
    "made == type(made)(3) and made.__orig_class__.__args__ == (int,)",
)
a_class(
    "enums of every kind",
    "import enum\nclass A(enum.IntFlag, boundary=enum.KEEP):\n    X = 1; Y = 2; Z = 4\nclass B(enum.StrEnum):\n    P = enum.auto()\n    Q = 'qq'\nclass C(enum.IntEnum):\n    M = 3\n    @classmethod\n    def _missing_(cls, v): return cls.M\n@enum.unique\nclass D(enum.Enum):\n    @staticmethod\n    def _generate_next_value_(name, *a): return name * 2\n    V = enum.auto()\nmade = (A.X | A.Z, B.P, C.M, D.V)",
    "made[0] == 5 and type(made[0])(9).value == 9 and made[1] == 'p' and type(made[2])(99) is made[2] and made[3].value == 'VV' and str(made[1]) == 'p' and [str(m) for m in type(made[0])][0]",
)
a_class(
    "enum by its members, repr and members",
    "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\n    ALIAS = 1\nmade = C",
    "repr(made.A) == '<C.A: 1>' and list(made) == [made.A, made.B] and made['ALIAS'] is made.A and 'B' in made.__members__ and made(2) is made.B and hash(made.A) == hash('A')",
)
a_class(
    "enum with nonmember and dataclass",
    "import dataclasses, enum\n@dataclasses.dataclass(frozen=True)\nclass P:\n    x: int\n    y: int\nclass E(P, enum.Enum):\n    A = 1, 2\n    k = enum.nonmember(7)\nmade = E.A",
    "made.x == 1 and made.y == 2 and type(made).k == 7 and type(made)['A'] is made",
)
a_class(
    "named tuples",
    "import typing, collections\nclass P(typing.NamedTuple):\n    'doc'\n    x: int\n    y: 'int' = 5\nQ = collections.namedtuple('Q', 'a b', defaults=[1])\nmade = (P(1), Q(2), P, Q)",
    "made[0] == (1, 5) and made[1]._asdict() == {'a': 2, 'b': 1} and made[2].__doc__ == 'doc' and made[2].__annotations__['x'] is int and made[3]._fields == ('a', 'b') and made[2]._field_defaults == {'y': 5} and made[0]._replace(x=3).x == 3",
)
a_class(
    "typed dicts",
    "import typing\nclass A(typing.TypedDict):\n    x: int\nclass made(A, total=False):\n    y: typing.Required[str]\n    z: int",
    "made.__required_keys__ == {'x', 'y'} and made.__optional_keys__ == {'z'} and made(x=1) == {'x': 1} and made.__total__ is False",
)
a_class(
    "protocols",
    "import typing\n@typing.runtime_checkable\nclass P(typing.Protocol):\n    x: int\n    def f(self) -> int: ...\nclass Q(P, typing.Protocol):\n    def g(self): return 1\nclass R(Q):\n    x = 3\n    def f(self): return 2\nmade = (P, Q, R)",
    "isinstance(made[2](), made[0]) and made[2]().g() == 1 and not isinstance(3, made[0])",
)
a_class(
    "generics of typing",
    "import typing\nT = typing.TypeVar('T', bound='int')\nP = typing.ParamSpec('P')\nTs = typing.TypeVarTuple('Ts')\nclass A(typing.Generic[T, P]): pass\nclass B(typing.Generic[*Ts]): pass\nmade = (A, B, A[int, [str]], B[int, str], typing.Callable[P, T], typing.Annotated[int, 'm'], typing.Union[int, None], typing.Literal[1, 'a'], typing.Callable[[int], str], list[T], typing.Type[T], typing.Concatenate[int, P])",
    "made[2].__args__[0] is int and made[3].__args__ == (int, str) and made[5].__metadata__ == ('m',) and made[6] == __import__('typing').Optional[int] and made[7].__args__ == (1, 'a') and made[8].__args__ == (int, str)",
)
a_class(
    "abstract classes and properties",
    "import abc\nclass A(abc.ABC):\n    @property\n    @abc.abstractmethod\n    def p(self): ...\n    @abc.abstractmethod\n    def f(self): ...\n    @classmethod\n    def __subclasshook__(cls, C): return hasattr(C, 'quack') or NotImplemented\nclass B(A):\n    @property\n    def p(self): return 1\n    def f(self): return super().f() or 2\nclass D:\n    quack = 1\nmade = (A, B, D)",
    "made[1]().f() == 2 and made[1]().p == 1 and issubclass(made[2], made[0]) and made[0].__abstractmethods__ == {'p', 'f'}",
)
a_class(
    "metaclass with __prepare__ and operators",
    "class M(type):\n    @classmethod\n    def __prepare__(m, n, b): return {'prepared': 1}\n    def __getitem__(cls, k): return k\n    def __len__(cls): return 7\nclass made(metaclass=M):\n    def f(self): return __class__.prepared",
    "made[3] == 3 and len(made) == 7 and made().f() == 1",
)
a_class(
    "slots with private names and a default",
    "class A:\n    __slots__ = ('__x', 'y', '__dict__', '__weakref__')\n    def __init__(self): self.__x, self.y, self.z = 1, 2, 3\n    def get(self): return self.__x + self.y + self.z\nmade = A()",
    "made.get() == 6 and vars(made) == {'z': 3}",
)
a_class(
    "descriptors, __set_name__ and __get__",
    "class D:\n    def __set_name__(self, o, n): self.n = '_' + n\n    def __get__(self, o, t=None): return self if o is None else getattr(o, self.n, 0)\n    def __set__(self, o, v): setattr(o, self.n, v * 2)\nclass A:\n    x = D()\nmade = A(); made.x = 3",
    "made.x == 6 and (setattr(made, 'x', 5), made.x)[1] == 10",
)
a_class(
    "partialmethod, cached_property and singledispatchmethod",
    "import functools\nclass A:\n    def f(self, a, b): return a - b\n    g = functools.partialmethod(f, b=1)\n    @functools.cached_property\n    def c(self): return [1]\n    @functools.singledispatchmethod\n    def s(self, x): return 'o'\n    @s.register\n    def _(self, x: int): return 'i'\n    @functools.lru_cache\n    def l(self, x): return x\nmade = A()",
    "made.g(5) == 4 and made.c is made.c and made.s(1) == 'i' and made.s('') == 'o' and made.l(3) == 3",
)
a_class(
    "context manager of a class and iterators",
    "import contextlib\nclass A(contextlib.ContextDecorator):\n    def __enter__(self): return self\n    def __exit__(self, *a): return False\n    def __iter__(self): yield from range(3)\n    def __contains__(self, x): return x in range(3)\n    async def __aiter__(self):\n        yield 1\nmade = A()",
    "list(made) == [0, 1, 2] and 2 in made and made.__enter__() is made",
)
a_class(
    "class of collections.abc",
    "import collections.abc\nclass M(collections.abc.MutableMapping):\n    def __init__(self): self.d = {}\n    def __getitem__(self, k): return self.d[k]\n    def __setitem__(self, k, v): self.d[k] = v\n    def __delitem__(self, k): del self.d[k]\n    def __iter__(self): return iter(self.d)\n    def __len__(self): return len(self.d)\nmade = M(); made['a'] = 1",
    "made.setdefault('b', 2) == 2 and dict(made) == {'a': 1, 'b': 2} and made.pop('a') == 1",
)
a_class(
    "exceptions of one's own",
    "class E(Exception):\n    def __init__(self, *, code): super().__init__(f'code {code}'); self.code = code\n    def __str__(self): return 'E:' + super().__str__()\nclass G(ExceptionGroup):\n    def derive(self, e): return G(self.message, e)\ntry:\n    try: raise E(code=3)\n    except E as e: raise KeyError('k') from e\nexcept KeyError as e:\n    e.add_note('n'); made = (e, G('g', [E(code=1), ValueError(2)]))",
    "str(made[0].__cause__) == 'E:code 3' and made[0].__notes__ == ['n'] and type(made[1].split(ValueError)[0]).__name__ == 'G' and 'KeyError' in ''.join(__import__('traceback').format_exception(made[0]))",
)
a_class(
    "subclass of a path",
    "import pathlib\nclass P(pathlib.PurePosixPath):\n    def twice(self): return str(self) * 2\nmade = P('a') / 'b'",
    "made.twice() == 'a/ba/b' and made.name == 'b'",
)
a_class(
    "subclasses of what is built in",
    "class D(dict):\n    def __missing__(self, k): return k\nclass S(str):\n    def up(self): return self.upper()\nclass F(float): pass\nclass T(tuple): pass\nclass B(bytes): pass\nmade = (D(a=1), S('x'), F(2.5), T((1, 2)), B(b'q'))",
    "made[0]['z'] == 'z' and made[1].up() == 'X' and made[2] == 2.5 and made[3] == (1, 2) and made[4] == b'q'",
)
a_class(
    "generic class with type parameters",
    "class Box[T]:\n    def __init__(self, v: T): self.v = v\n    def kind(self): return T\nmade = (Box, Box[int](3))",
    "made[1].v == 3 and made[1].kind() is made[0].__type_params__[0] and made[0].__parameters__ == made[0].__type_params__",
    (3, 12),
)
a_class(
    "dataclass with type parameters",
    "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass Box[T: (int, str)]:\n    v: T\n    n: list[T] = dataclasses.field(default_factory=list)\nmade = Box(1)",
    "made == type(made)(1) and repr(made) == 'Box(v=1, n=[])'",
    (3, 12),
)

# --- values -----------------------------------------------------------------------------------------------------------

value(
    "dates and times",
    "import datetime as d\nmade = [d.date(2024, 2, 29), d.datetime(2024, 1, 1, 2, 3, 4, 5, fold=1), d.time(1, 2, tzinfo=d.timezone.utc), d.timedelta(1, 2, 3), d.timezone(d.timedelta(hours=2), 'x')]",
    "made[1].fold == 1 and made[2].tzinfo is __import__('datetime').timezone.utc and str(made[4]) == 'x' and made[0].isoformat() == '2024-02-29'",
)
value(
    "paths",
    "import pathlib\nmade = [pathlib.Path('/a/b'), pathlib.PurePosixPath('c'), pathlib.PureWindowsPath('d:/e')]",
    "made[0] == __import__('pathlib').Path('/a/b') and made[1].name == 'c' and made[2].drive == 'd:'",
)
value(
    "path classes",
    "import pathlib\nmade = [pathlib.Path, pathlib.PosixPath, pathlib.PurePath]",
    "made[0] is __import__('pathlib').Path",
)
value(
    "numbers",
    "import decimal, fractions\nmade = [decimal.Decimal('1.50'), fractions.Fraction(-1, 3), 2**200, 1e300, 1 - 2j, decimal.Context(prec=7, rounding=decimal.ROUND_UP)]",
    "str(made[0]) == '1.50' and made[1] * 3 == -1 and made[2] == 1 << 200 and made[5].prec == 7 and made[5].rounding == 'ROUND_UP'",
)
value(
    "UUIDs",
    "import uuid\nmade = [uuid.UUID(int=5), uuid.SafeUUID.unknown, uuid.uuid5(uuid.NAMESPACE_DNS, 'a')]",
    "made[0].int == 5 and made[1] is __import__('uuid').SafeUUID.unknown and made[2].version == 5",
)
value(
    "zones",
    "import zoneinfo, datetime\nmade = [zoneinfo.ZoneInfo('Europe/Berlin'), datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo('UTC'))]",
    "made[0].key == 'Europe/Berlin' and made[1].tzinfo.key == 'UTC'",
)
value(
    "patterns and flags",
    "import re\nmade = [re.compile('(?i)a+', re.M), re.IGNORECASE, re.I | re.M, re.NOFLAG, re.match('a', 'a')]",
    "made[0].match('A') and made[1] is __import__('re').I and made[2] == 10 and made[3] == 0 and made[4].end() == 1",
)
value(
    "exceptions with notes",
    "e = ValueError('x'); e.add_note('n'); e.__cause__ = KeyError('k')\nmade = [e, OSError(2, 'no', 'f'), ExceptionGroup('g', [e]), UnicodeDecodeError('utf8', b'x', 0, 1, 'r'), SyntaxError('m', ('f', 1, 2, 't', 1, 3)), ImportError('i', name='n', path='p'), NameError('q', name='q'), StopIteration(4), SystemExit(3), AttributeError('a', name='b', obj=3), ModuleNotFoundError('z', name='y')]",
    "made[0].__notes__ == ['n'] and made[1].filename == 'f' and made[2].exceptions[0] is made[0] and made[3].start == 0 and made[4].lineno == 1 and made[5].name == 'n' and made[6].name == 'q' and made[7].value == 4 and made[9].name == 'b'",
)
value(
    "random generators",
    "import random\nr = random.Random(4); s = random.Random(4); made = (r, s.random())",
    "made[0].random() == made[1]",
)
value(
    "collections",
    "import collections as c\nmade = [c.OrderedDict(a=1, b=2), c.deque([1], 5), c.Counter('aab'), c.defaultdict(list, a=[1]), c.ChainMap({'a': 1}, {'b': 2}), c.UserDict(a=1), c.UserList([1]), c.UserString('s')]",
    "made[0].popitem() == ('b', 2) and made[1].maxlen == 5 and made[2]['a'] == 2 and made[3]['z'] == [] and made[4]['b'] == 2 and made[5]['a'] == 1 and made[6] == [1] and made[7] == 's'",
)
value(
    "namespaces and proxies",
    "import types\nmade = [types.SimpleNamespace(a=1, b=[2]), types.MappingProxyType({'a': 1}), types.ModuleType('m')]",
    "made[0].b == [2] and made[1]['a'] == 1 and made[2].__name__ == 'm'",
)
value(
    "addresses",
    "import ipaddress as i\nmade = [i.ip_address('1.2.3.4'), i.ip_network('10.0.0.0/8'), i.ip_interface('::1/64')]",
    "str(made[0]) == '1.2.3.4' and made[1].prefixlen == 8 and made[2].network.prefixlen == 64",
)
value(
    "aliases",
    "import collections.abc as a, typing as t\nmade = [a.Mapping[str, int], a.Callable[[int], str], a.Callable[..., int], list[int], dict[str, list[int]], tuple[int, ...], type[int], int | str, int | None]",
    "made[0].__args__ == (str, int) and made[1].__args__ == (int, str) and made[3] == list[int] and made[7] == int | str and made[5].__args__ == (int, ...)",
)
value(
    "objects of typing",
    "import typing as t\nmade = [t.Any, t.Optional[int], t.Union[int, str], t.List[int], t.Dict[str, int], t.Callable[[int], str], t.Literal['a', 1], t.ClassVar[int], t.Final[int], t.Annotated[int, 3], t.AnyStr, t.Tuple[int, ...], t.Type[int], t.NoReturn, t.Self, t.LiteralString, t.Never, t.ForwardRef('X'), t.Required[int], t.Unpack[tuple[int]], t.Mapping, t.List, t.Generic, t.Protocol, t.TypeGuard[int], t.Iterable[int]]",
    "made[0] is __import__('typing').Any and made[1] == __import__('typing').Optional[int] and made[3].__origin__ is list and made[10] is __import__('typing').AnyStr and made[9].__metadata__ == (3,) and made[17].__forward_arg__ == 'X'",
)
value(
    "functions and types of the interpreter",
    "import types, operator, math, functools, itertools\nmade = [len, math.sqrt, operator.add, operator.itemgetter(1), operator.attrgetter('a.b'), operator.methodcaller('f', 1), functools.partial(int, base=2), str.upper, 'a'.upper, dict.fromkeys, [].append, types.FunctionType, types.NoneType, type(len), type(...), itertools.chain, functools.reduce]",
    "made[1](4) == 2 and made[3]('ab') == 'b' and made[6]('101') == 5 and made[7]('a') == 'A' and made[8]() == 'A' and made[9]('a') == {'a': None}",
)
value(
    "enumerations",
    "import http, signal, socket, enum, inspect, logging, ssl\nmade = [http.HTTPStatus.OK, http.HTTPMethod.GET, signal.SIGINT, socket.AF_INET, inspect.Parameter.KEYWORD_ONLY, enum.KEEP, ssl.TLSVersion.TLSv1_2]",
    "made[0] == 200 and made[1] == 'GET' and made[2] is __import__('signal').SIGINT and made[3] is __import__('socket').AF_INET",
)
value(
    "arrays, buffers and streams",
    "import array, io\nmade = [array.array('d', [1.5]), bytearray(b'ab'), memoryview(b'cd'), io.StringIO('x\\ny'), io.BytesIO(b'z'), range(1, 9, 2), slice(1, 2, 3)]",
    "made[0][0] == 1.5 and made[1] == b'ab' and bytes(made[2]) == b'cd' and made[3].read() == 'x\\ny' and made[5][1] == 3 and made[6].step == 3",
)
value(
    "iterators",
    "import itertools\nmade = [iter([1, 2]), iter((1, 2)), iter({'a': 1}), iter(range(3)), enumerate('ab'), zip('ab', 'cd'), map(str, [1]), filter(None, [0, 1]), reversed([1, 2]), iter('ab')]\nnext(made[0])",
    "next(made[0]) == 2 and list(made[3]) == [0, 1, 2] and list(made[4]) == [(0, 'a'), (1, 'b')] and list(made[5])[1] == ('b', 'd') and list(made[6]) == ['1'] and list(made[8]) == [2, 1]",
)
value(
    "signatures and trees",
    "import inspect, ast, string, textwrap, argparse, json, csv\ndef f(a, /, b: int, *c, d=3): pass\nmade = [inspect.signature(f), ast.parse('x = 1'), string.Template('$a'), argparse.Namespace(a=1), json.JSONDecoder, csv.excel, ast.parse('def f(a): return a')]",
    "str(made[0]) == '(a, /, b, *c, d=3)' or made[0].parameters['d'].default == 3",
)
value(
    "syntax trees",
    "import ast\nmade = ast.parse('class C(B, k=1):\\n @d\\n async def f(self, *a, b: int = 2) -> str: return [lambda: f\"{x!r}\" for x in a]\\n\\ndef f(a): return a + 1')",
    "(lambda names: exec(compile(type(made)(made.body[1:], []), 'made', 'exec'), names) or names['f'](2) == 3)({}) and __import__('ast').unparse(made).startswith('class C(B, k=1)') and all(getattr(made.body[i], 'type_params', []) == [] for i in (0, 1))",
)
value(
    "configuration and messages",
    "import configparser, email.message, http.cookies, urllib.parse, xml.etree.ElementTree as e, fractions, statistics, graphlib, calendar, difflib, tempfile\nc = configparser.ConfigParser(); c.read_string('[a]\\nb=1')\nm = email.message.EmailMessage(); m['To'] = 'x'; m.set_content('hi')\nmade = [c, m, http.cookies.SimpleCookie('a=b'), urllib.parse.urlparse('http://x/y?z'), e.fromstring('<a b=\"c\"><d/></a>'), statistics.NormalDist(1, 2), calendar.Calendar(2), difflib.SequenceMatcher(None, 'ab', 'ac')]",
    "made[0]['a']['b'] == '1' and made[1]['To'] == 'x' and made[2]['a'].value == 'b' and made[3].netloc == 'x' and made[4][0].tag == 'd' and made[5].mean == 1",
)
value(
    "locks, loggers and contexts",
    "import threading, logging, contextvars, queue, weakref\nl = logging.getLogger('a.b'); h = logging.StreamHandler(); h.setFormatter(logging.Formatter('%(message)s'))\nq = queue.Queue(); q.put(1)\nmade = [threading.Lock(), threading.RLock(), threading.Event(), threading.Condition(), threading.Semaphore(2), l, contextvars.ContextVar('v'), q, h, threading.local(), threading.Barrier(2)]",
    "made[0].acquire(False) and made[1].acquire(False) and not made[2].is_set() and made[5] is __import__('logging').getLogger('a.b') and made[7].get() == 1",
)

ALL: list[Case] = [
    *(case for case in CASES if case.group == "functions"), *FUNCTIONS,
    *(case for case in CASES if case.group == "classes"), *KINDS,
    *VALUES,
]  # fmt: skip
