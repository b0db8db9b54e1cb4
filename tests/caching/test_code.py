"""Edits of a project, and whether what its function does is another thing after them."""

import functools
import subprocess
import sys
import textwrap
import threading
import types
from pathlib import Path

import numpy
import pytest

import brinery
from brinery.caching.code import Watched, arguments_digest, code_of_classes
from tests.caching.trees import APP, TREE, look, write

HIT, MISS = "hit", "miss"
F = APP[APP.index("def f(") :]


def moved(text, part):
    """A text with a part of it at the end."""
    assert part in text
    return text.replace(part, "") + "\n\n" + part


# name, outcome, file, what is replaced, by what
EDITS = [
    ("own body", MISS, "app.py", "callee(x) - y", "callee(x) + y"),
    ("a constant in it", MISS, "app.py", "- y * 2", "- y * 3"),
    ("swapped operands", MISS, "app.py", "- y * 2", "- 2 * y"),
    ("int to float", MISS, "app.py", "- y * 2", "- y * 2.0"),
    ("callee", MISS, "app.py", "inner(x) ** power", "inner(x) * power"),
    ("callee's callee", MISS, "app.py", "return x + 1\n\n\ndef callee", "return x + 2\n\n\ndef callee"),
    ("callee in another module", MISS, "helpers.py", "return x + LIMIT", "return x - LIMIT"),
    ("callee by module attribute", MISS, "helpers.py", "deeper(x) * 3", "deeper(x) * 4"),
    ("what it calls", MISS, "helpers.py", "def deeper(x):\n    return x", "def deeper(x):\n    return -x"),
    ("a global of another module", MISS, "helpers.py", "LIMIT = 7", "LIMIT = 8"),
    ("from-import inside", MISS, "lazily.py", "x + SIZE", "x * SIZE"),
    ("global of a from-import inside", MISS, "lazily.py", "SIZE = 4", "SIZE = 5"),
    ("module of a package imported inside", MISS, "package/inside.py", "value = 1", "value = 2"),
    ("what is not used of it", HIT, "package/inside.py", "other = 2", "other = 3"),
    ("from-import of another name", MISS, "app.py", "import swapped_one as one,", "import swapped_two as one,"),
    (
        "two names swapped",
        MISS,
        "app.py",
        "import swapped_one as one, swapped_two as two",
        "import swapped_two as one, swapped_one as two",
    ),
    ("global number", MISS, "app.py", "RATE = 3", "RATE = 4"),
    ("global number of another type", MISS, "app.py", "RATE = 3", "RATE = 3.0"),
    ("global list in a dict", MISS, "app.py", "[2, 3]", "[2, 4]"),
    ("order of a global dict", HIT, "app.py", '{"a": 1, "b": [2, 3]}', '{"b": [2, 3], "a": 1}'),
    ("unused global", HIT, "app.py", "UNUSED = 1", "UNUSED = 2"),
    ("global removed", MISS, "app.py", "RATE = 3\n", ""),
    ("unused global of another module", HIT, "helpers.py", "NOT_USED = 1", "NOT_USED = 2"),
    ("closure value", MISS, "app.py", "adder(10)", "adder(11)"),
    ("closure's body", MISS, "app.py", "return x + n", "return x - n"),
    ("default", MISS, "app.py", "def f(x, y=1)", "def f(x, y=2)"),
    ("callee's default", MISS, "app.py", "power=2", "power=3"),
    ("keyword default", MISS, "app.py", "offset=0", "offset=1"),
    ("method of a global instance", MISS, "app.py", "self.scale(x) + self.zero()", "self.scale(x) - self.zero()"),
    ("base's method", MISS, "app.py", "x * self.factor", "x / self.factor"),
    ("class attribute", MISS, "app.py", "factor = 2", "factor = 3"),
    ("property", MISS, "app.py", 'return "base"', 'return "basis"'),
    ("static method", MISS, "app.py", "return 0", "return 1"),
    ("class method", MISS, "app.py", "return cls()", "return cls"),
    ("cached property", MISS, "app.py", "return 5", "return 6"),
    ("attribute of an instance", MISS, "app.py", "model = Model()", "model = Model()\nmodel.factor = 9"),
    ("class used inside", MISS, "helpers.py", "def get(self):\n        return 1", "def get(self):\n        return 2"),
    ("decorator's body", MISS, "app.py", "function(*args) + 0", "function(*args) + 1"),
    ("decorator removed", MISS, "app.py", "@traced\ndef decorated", "def decorated"),
    ("decorated function", MISS, "app.py", "def decorated(x):\n    return x", "def decorated(x):\n    return -x"),
    ("cached function", MISS, "app.py", "n < 2", "n <= 2"),
    ("mutual recursion", MISS, "app.py", "n != 0 and", "n > 0 and"),
    ("lambda", MISS, "app.py", "lambda x: x * x", "lambda x: x * x * x"),
    ("partial's argument", MISS, "app.py", "by=2)", "by=3)"),
    ("partial's function", MISS, "helpers.py", "x / by", "x // by"),
    ("table of functions", MISS, "app.py", '"square": square}', '"square": shift}'),
    ("nested function", MISS, "app.py", "value * 2", "value * 3"),
    ("comprehension", MISS, "app.py", "each + 1 for", "each + 2 for"),
    ("library function", MISS, "app.py", "wave = numpy.sin", "wave = numpy.cos"),
    ("renamed parameter", MISS, "app.py", "", F.replace("def f(x, y=1)", "def f(x, z=1)").replace("- y", "- z")),
    ("package's version", MISS, "site-packages/fakelib-1.0.dist-info/METADATA", "Version: 1.0", "Version: 1.1"),
    ("package's code", HIT, "site-packages/fakelib/__init__.py", "return x", "return x + 0"),
    ("comment", HIT, "app.py", "# the sum", "# another sum"),
    ("docstring", HIT, "app.py", '"""Compute it."""', '"""Compute something else."""'),
    ("docstring removed", HIT, "app.py", '    """Compute it."""\n', ""),
    ("docstring added", HIT, "app.py", "def inner(x):", 'def inner(x):\n    """Add one."""'),
    ("method's docstring", HIT, "app.py", '"""Scale it."""', '"""Scale something."""'),
    ("property's docstring", HIT, "app.py", '"""The name."""', '"""A name."""'),
    ("class's docstring", HIT, "app.py", '"""A model."""', '"""Another model."""'),
    ("module's docstring", HIT, "app.py", '"""The project."""', ""),
    ("wrapper's docstring", HIT, "app.py", '"""Call it."""', '"""Call the other."""'),
    ("blank lines", HIT, "app.py", "    return total", "\n\n    return total"),
    ("layout", HIT, "app.py", "callee(x) - y * 2", "(\n        callee( x )-y *2 )"),
    ("quotes", HIT, "app.py", 'return "base"', "return 'base'"),
    ("renamed local", HIT, "app.py", "", F.replace("total", "result").replace("result %s", "total %s")),
    ("renamed variable of a comprehension", HIT, "app.py", "each + 1 for each in", "number + 1 for number in"),
    ("renamed nested function", HIT, "app.py", "", F.replace("step", "double")),
    ("log line", HIT, "app.py", '"total %s", total', '"the total is %s", total'),
    ("log line removed", HIT, "app.py", '    log.info("total %s", total)\n', ""),
    ("print added", HIT, "app.py", "    return total\n", '    print("total", total, flush=True)\n    return total\n'),
    (
        "print that takes from an iterator",
        MISS,
        "app.py",
        "    return total\n",
        "    print(next(x))\n    return total\n",
    ),
    ("level of the logger", HIT, "app.py", "RATE = 3", "RATE = 3\nlog.setLevel(10)"),
    ("type comment", HIT, "app.py", "def inner(x):", "def inner(x):  # type: (int) -> int"),
    (
        "unrelated function",
        HIT,
        "app.py",
        "def used_by_nobody(x):\n    return x",
        "def used_by_nobody(x):\n    return 3",
    ),
    ("unrelated function elsewhere", HIT, "helpers.py", "return 1\nclass", "return 2\nclass"),
    ("function moved in the file", HIT, "app.py", "", "def inner(x):\n    return x + 1\n"),
    ("moved down", HIT, "app.py", "RATE = 3", "\n\n\n# here\nRATE = 3"),
    ("renamed callee", MISS, "app.py", "callee", "called"),
]


def edited(name, file, old, new):
    """The project after an edit; without anything to replace, with another definition at the end."""
    text = TREE[file]
    if old:
        assert old in text
        text = text.replace(old, new)
    else:
        text = text.replace(F, "") + "\n\n" + new if new.startswith("def f(") else moved(text, new)
    return TREE | {file: text}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What two fresh processes find before and after each edit."""
    root = tmp_path_factory.mktemp("trees")
    before = look({"before": write(root / "before", TREE)})["before"]
    after = {
        name: write(root / str(index), edited(name, file, old, new))
        for index, (name, _, file, old, new) in enumerate(EDITS)
    }
    return before, look(after, seed="1")


@pytest.mark.parametrize(("name", "outcome"), [edit[:2] for edit in EDITS])
def test_what_an_edit_changes(found, name, outcome):
    before, after = found
    is_same = after[name].digest == before.digest
    assert is_same == (outcome == HIT), [part for part in after[name].parts if part not in before.parts]


def test_a_digest_is_the_same_in_each_process(tmp_path):
    folder = write(tmp_path / "tree", TREE)
    seen = [look({"tree": folder}, seed=str(seed))["tree"] for seed in range(5)]
    assert all(each == seen[0] for each in seen)


def test_parts_tell_what_a_function_depends_on(found):
    before, _ = found
    parts = {(kind, name): text for kind, name, _, text in before.parts}
    assert parts["function", "helpers.deeper"] == "def deeper(x):\n    return x"
    assert parts["function", "app.Base.zero"] == "@staticmethod\ndef zero():\n    return 0"
    assert parts["global", "app.RATE"] == "3"
    assert parts["global", "app.one"] == "other.swapped_one"
    assert parts["default", "app.callee(power)"] == "2"
    assert parts["closure", "app.adder.<locals>.add.<closure>.n"] == "10"
    assert parts["package", "fakelib"] == "1.0"
    assert parts["python", "python"].startswith(f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert ("global", "app.UNUSED") not in parts
    assert ("global", "app.log") not in parts
    assert [tuple(part[:2]) for part in before.parts] == sorted(parts)


def made(source, name="f", **known):
    """What a text makes of a name."""
    import linecache

    filename = f"<test {len(linecache.cache)}>"
    source = textwrap.dedent(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = {"__name__": "made", **known}
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


def same(one, other):
    return Watched(one).code().digest == Watched(other).code().digest


# What changes in a process


def test_a_name_that_leads_elsewhere_is_seen():
    f = made("def g(x): return x\ndef f(x): return g(x) + RATE", RATE=1)
    watched = Watched(f)
    assert not watched.is_same()
    before = watched.code()
    assert watched.is_same()
    assert watched.code() is before
    f.__globals__["RATE"] = 2
    assert not watched.is_same()
    after = watched.code()
    assert after.digest != before.digest
    f.__globals__["g"] = made("def g(x): return -x", "g")
    assert not watched.is_same()
    assert watched.code().digest not in {before.digest, after.digest}


def test_a_name_that_goes_or_comes_is_seen():
    f = made("def f(x): return len(x) + RATE", RATE=1)
    watched = Watched(f)
    before = watched.code()
    del f.__globals__["RATE"]
    assert not watched.is_same()
    assert watched.code().digest != before.digest
    assert watched.is_same()
    f.__globals__["RATE"] = 1
    assert not watched.is_same()
    assert watched.code().digest == before.digest
    f.__globals__["len"] = lambda x: 0
    assert not watched.is_same()
    assert watched.code().digest != before.digest


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (lambda: [1, 2], lambda value: value.append(3)),
        (lambda: {"a": [1]}, lambda value: value["a"].append(2)),
        (lambda: types.SimpleNamespace(x=1), lambda value: setattr(value, "x", 2)),
        (lambda: (1, {2}), lambda value: value[1].add(3)),
        (lambda: bytearray(b"1"), lambda value: value.extend(b"2")),
        (lambda: functools.partial(max, [1]), lambda value: value.args[0].append(2)),
        (lambda: numpy.zeros(2), lambda value: value.fill(1)),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "def f(): return value",
        "def make(value):\n def f(): return value\n return f\nf = make(value)",
        "def f(x=value): return x",
        "def f(*, x=value): return x",
        "def g(x=value): return x\ndef f(): return g()",
        "class A:\n x = value\ndef f(): return A",
    ],
)
def test_a_value_that_is_changed_in_place_is_seen(source, value, change):
    value = value()
    watched = Watched(made(source, value=value))
    before = watched.code()
    assert watched.is_same()
    change(value)
    assert not watched.is_same()
    assert watched.code().digest != before.digest


def test_a_class_that_is_changed_is_seen():
    f = made("class A:\n def m(self): return 1\nclass B(A): pass\nb = B()\ndef f(): return b.m()")
    watched = Watched(f)
    before = watched.code()
    cls = f.__globals__["A"]
    cls.m = made("def m(self): return 2", "m")
    assert not watched.is_same()
    assert watched.code().digest != before.digest
    cls.extra = 1
    assert not watched.is_same()
    watched.code()
    f.__globals__["B"].__bases__ = (made("class C: pass", "C"),)
    assert not watched.is_same()


def test_the_code_and_the_defaults_of_functions_are_seen():
    f = made("def g(x, y=1, *, z=1): return x\ndef f(x): return g(x)")
    g = f.__globals__["g"]
    watched = Watched(f)
    digests = {watched.code().digest}
    g.__code__ = made("def g(x, y, *, z): return -x", "g").__code__
    assert not watched.is_same()
    digests.add(watched.code().digest)
    g.__defaults__ = (2,)
    assert not watched.is_same()
    digests.add(watched.code().digest)
    g.__kwdefaults__ = {"z": 2}
    assert not watched.is_same()
    digests.add(watched.code().digest)
    f.__defaults__ = (3,)
    assert not watched.is_same()
    digests.add(watched.code().digest)
    assert len(digests) == 5


def test_a_cell_that_is_changed_is_seen():
    f = made("def make():\n n = 1\n def f(): return n\n return f", "make")()
    watched = Watched(f)
    before = watched.code()
    f.__closure__[0].cell_contents = 2
    assert not watched.is_same()
    assert watched.code().digest != before.digest


def test_an_attribute_of_a_module_that_is_changed_is_seen(tmp_path, monkeypatch):
    (tmp_path / "changed_later.py").write_text("import math\nx = 1\ny = 1\ndef g(): return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    f = made("import changed_later\ndef f(): return changed_later.x")
    module = sys.modules["changed_later"]
    watched = Watched(f)
    before = watched.code()
    module.y = 2
    assert watched.is_same()
    module.x = 2
    assert not watched.is_same()
    assert watched.code().digest != before.digest
    del module.x
    assert not watched.is_same()


def test_all_of_a_module_counts_that_is_given_away(tmp_path, monkeypatch):
    (tmp_path / "given_away.py").write_text("import threading\nx = 1\nevent = (i for i in [])\ndef g(): return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    f = made("import given_away\ndef f(name): return getattr(given_away, name)")
    watched = Watched(f)
    before = watched.code()
    sys.modules["given_away"].x = 2
    assert not watched.is_same()
    assert watched.code().digest != before.digest


def test_what_a_function_only_writes_is_not_read():
    f = made("def f():\n global n\n n = 1\n h.x = 2\n return 3", n=0)
    watched = Watched(f)
    before = watched.code()
    f.__globals__["n"] = 5
    assert watched.is_same()
    assert watched.code() is before
    counter = made("def f():\n global n\n n += 1", n=0)
    watched = Watched(counter)
    watched.code()
    counter()
    assert not watched.is_same()


def test_functions_that_differ_in_what_is_in_their_closures_are_told_apart():
    source = "def adder(n):\n return lambda x: x + n\na, b = adder({}), adder({})\ndef f(x): return a(b(x)) - b(x)"
    assert same(made(source.format(1, 2)), made(source.format(1, 2)))
    assert not same(made(source.format(1, 2)), made(source.format(2, 1)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("print(items.pop())", "pass"),
        ("log.info(next(items))", "pass"),
        ("print(*items)", "pass"),
        ("print([x for x in items])", "pass"),
        ("print(y := 1)", "pass"),
        ("print(1, file=items)", "pass"),
        ("math.log(2)", "pass"),
        ("items.error(2)", "pass"),
    ],
)
def test_a_line_that_may_do_something_is_no_log_line(one, other):
    source = "import math\ndef f(items):\n {}\n return items"
    assert not same(made(source.format(one)), made(source.format(other)))


def test_a_logger_or_print_of_ones_own_counts():
    source = "def f(x):\n {}\n return x"
    plain = made(source.format("pass"))
    assert same(made(source.format("print(x)")), plain)
    assert not same(made("def print(x): pass\n" + source.format("print(x)")), plain)
    own = "class Log:\n def info(self, x): pass\nlog = Log()\n"
    assert not same(made(own + source.format("log.info(x)")), plain)


def test_names_only_in_log_lines_do_not_count():
    f = made("def f(x):\n print(NAME)\n return x", NAME=1)
    watched = Watched(f)
    watched.code()
    f.__globals__["NAME"] = 2
    assert watched.is_same()


@pytest.mark.parametrize(
    "source",
    [
        "def g():\n '{}'\ndef f(): return g.__doc__",
        "class g:\n '{}'\ndef f(): return g.__doc__",
        "import inspect\ndef g():\n '{}'\ndef f(): return inspect.getsource(g)",
        "import contextlib\ndef g():\n print('{}')\ndef f(file):\n with contextlib.redirect_stdout(file): g()",
    ],
)
def test_docstrings_and_prints_count_where_somebody_looks_at_them(source):
    assert same(made(source.format(1)), made(source.format(1)))
    assert not same(made(source.format(1)), made(source.format(2)))


COMPILED = """
import sys
sys.path.insert(0, sys.argv[1])
import _xxhash
from _xxhash import xxh32_digest as digest
from brinery.caching.code import Watched
def by_module(x): return _xxhash.xxh32_digest(x)
def by_class(x): return _xxhash.xxh32(x)
def by_name(x): return digest(x)
Watched(by_class).code()  # says that it is of another module
print([Watched(each).code().digest for each in (by_module, by_name)])
"""


def test_a_compiled_module_of_ones_own_counts_by_its_file(tmp_path):
    import xxhash._xxhash

    def look_at():
        command = [sys.executable, "-c", COMPILED, str(tmp_path)]
        return eval(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    file = Path(xxhash._xxhash.__file__)
    data = file.read_bytes()
    (tmp_path / file.name).write_bytes(data)
    before = look_at()
    assert look_at() == before
    (tmp_path / file.name).write_bytes(data + b"another build")
    after = look_at()
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_a_script_has_the_names_under_which_it_can_be_imported(tmp_path):
    source = (
        "from brinery.caching.code import Watched\nRATE = 3\ndef g(x): return x * RATE\n"
        "def f(x): return g(x)\nif __name__ in ('__main__', 'script'): print(Watched(f).code().digest)\n"
    )
    (tmp_path / "script.py").write_text(source)
    found = {
        subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for command in (["script.py"], ["-c", "import script"], ["-m", "script"])
    }
    assert len(found) == 1


def test_functions_without_source_count_by_their_bytecode():
    def compiled(source):
        namespace = {"__name__": "made"}
        exec(source, namespace)
        return namespace["f"]

    base = "def f(x):\n 'Doc.'\n return x + g"
    assert same(compiled(base), compiled("\n\n" + base))
    assert same(compiled(base), compiled(base.replace("Doc.", "Other.")))
    assert not same(compiled(base), compiled(base.replace("+", "-")))
    assert not same(compiled(base), compiled("g = 1\n" + base))
    assert not same(compiled("def f():\n 'a'\n return 'a'"), compiled("def f():\n 'b'\n return 'b'"))


def test_recursion_has_an_end():
    f = made("def f(n): return n and g(n - 1)\ndef g(n): return f(n) and g(n)\n")
    code = Watched(f).code()
    assert [part.name for part in code.parts if part.kind == "function"] == ["made.f", "made.g"]


def test_a_function_that_was_memoized_counts_by_what_it_wraps():
    source = "def g(x): return x + {}\ng = wrap(g)\ndef f(x): return g(x)"

    def wrap(function):
        return functools.lru_cache(functools.partial(function))

    assert same(made(source.format(1), wrap=wrap), made(source.format(1), wrap=wrap))
    assert not same(made(source.format(1), wrap=wrap), made(source.format(2), wrap=wrap))


class Wrapper:
    """As if it were one of brinery's own."""

    def __init__(self, function, version=None):
        self.version = version
        functools.update_wrapper(self, function)

    def __call__(self, *args):
        return self.__wrapped__(*args)


def test_a_wrapper_of_brinery_counts_by_what_it_wraps_and_its_version(monkeypatch):
    monkeypatch.setattr(Wrapper, "__module__", "brinery.caching.wrapper")
    source = "def g(x): return x + {}\ng = Wrapper(g, {})\ndef f(x): return g(x)\nfunction, f = f, Wrapper(f)"
    one = made(source.format(1, None), "function", Wrapper=Wrapper)
    assert same(one, made(source.format(1, None), "function", Wrapper=Wrapper))
    assert not same(one, made(source.format(2, None), "function", Wrapper=Wrapper))
    assert not same(one, made(source.format(1, 2), "function", Wrapper=Wrapper))
    assert [part.name for part in Watched(one).code().parts if part.kind == "function"] == ["made.f", "made.g"]


def test_what_has_no_value_is_named():
    f = made("def f(): return numbers", numbers=(n for n in [1]))
    with pytest.raises(brinery.EncodeError, match=r"the global made\.numbers has no value.*ignore=.*version="):
        Watched(f).code()
    deep = made("def f(): return numbers", numbers={"a": [1, (n for n in [1])]})
    with pytest.raises(brinery.EncodeError, match=r"made\.numbers\['a'\]\[1\]: cannot pickle 'generator'"):
        Watched(deep).code()
    closure = made("def make(numbers):\n return lambda: numbers", "make")(n for n in [1])
    with pytest.raises(brinery.EncodeError, match=r"the closure made\.make\.<locals>\.<lambda>\.<closure>\.numbers"):
        Watched(closure).code()
    default = made("def f(x=numbers): return x", numbers=(n for n in [1]))
    with pytest.raises(brinery.EncodeError, match=r"the default made\.f\(x\)"):
        Watched(default).code()


def test_a_module_that_cannot_be_imported_counts_by_its_name():
    f = made("def f():\n import nowhere_to_be_found\n return nowhere_to_be_found.x")
    code = Watched(f).code()
    assert ("global", "nowhere_to_be_found", "absent") in [(part.kind, part.name, part.text) for part in code.parts]


def test_classes_of_ones_own_count_with_what_their_methods_use():
    source = "def g(): return {}\nclass A:\n def m(self): return g()\nf = A"
    one, again, other = (made(source.format(n)) for n in (1, 1, 2))
    assert code_of_classes([int, one]).digest == code_of_classes([one]).digest
    assert code_of_classes([one]).digest == code_of_classes([again]).digest
    assert code_of_classes([one]).digest != code_of_classes([other]).digest
    assert code_of_classes([int, types.FunctionType]) is None
    before = code_of_classes([one])
    one.m = lambda self: 5
    assert code_of_classes([one]).digest != before.digest


class Point:
    def __init__(self, x):
        self.x = x


def test_arguments_have_the_digest_of_their_value_and_classes():
    assert arguments_digest({"x": [1, 2]}) == (brinery.digest({"x": [1, 2]}), ())
    assert arguments_digest(1) == (brinery.digest(1), ())
    assert arguments_digest({"x": [Point(1)]}) == (brinery.digest({"x": [Point(1)]}), (Point,))


def test_threads_see_what_is_there():
    f = made("def f(): return n", n=0)
    watched, wrong = Watched(f), []
    digests = {}
    for n in range(2):
        f.__globals__["n"] = n
        digests[n] = Watched(f).code().digest

    def read():
        for _ in range(300):
            if watched.code().digest not in digests.values():
                wrong.append(watched.code())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(300):
        f.__globals__["n"] = n % 2
    for thread in threads:
        thread.join()
    assert not wrong
    assert watched.code().digest == digests[1]
