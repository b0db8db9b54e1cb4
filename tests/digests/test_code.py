"""Functions and classes: what counts is what they do, and what of the user's own they use."""

import functools
import importlib
import linecache
import math
import sys
import textwrap
import types

import pytest

import brinery

COUNT = iter(range(1_000_000))


def made(source, name="f", **known):
    """What a script's text makes of a name."""
    filename = f"<test {next(COUNT)}>"
    source = textwrap.dedent(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = {"__name__": "__main__", **known}
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


BASE = "def f(x, y=2):\n    total = x + y\n    return total * g\n"
SAME = [
    "\n\n# above\n\n" + BASE,
    "def f(x, y=2):  # here\n\n    # there\n    total = (x +\n        y)\n\n    return total * g  # and here\n",
    "if True:\n    def f(x, y = 2):\n        total = x + y; return total*g\n",
    "two = 2\ndef f(x, y=two):\n    total = x + y\n    return total * g\n",
    "same = lambda function: function\n@same\ndef f(x, y=2):\n    total = x + y\n    return total * g\n",
]
OTHER = [
    BASE.replace("x + y", "y + x"),
    BASE.replace("y=2", "y=3"),
    BASE.replace("y=2", "y=2.0"),
    BASE.replace("total", "sum_"),
    BASE.replace("* g", "* h"),
    BASE.replace("def f", "async def f"),
]


@pytest.mark.parametrize("source", SAME)
def test_comments_lines_and_layout_do_not_matter(source):
    assert brinery.digest(made(source, g=1)) == brinery.digest(made(BASE, g=1))


@pytest.mark.parametrize("source", OTHER)
def test_another_step_name_or_default_is_another_function(source):
    assert brinery.digest(made(source, g=1, h=1)) != brinery.digest(made(BASE, g=1, h=1))


def test_globals_count_where_they_are_used():
    one = brinery.digest(made(BASE, g=1, unused=1))
    assert brinery.digest(made(BASE, g=1, unused=2)) == one
    assert brinery.digest(made(BASE, g=2, unused=1)) != one
    assert brinery.digest(made(BASE)) != one


def test_functions_that_are_used_count_and_those_that_they_use():
    source = "def h(x):\n    return x + {}\ndef g(x):\n    return h(x)\ndef f(x):\n    return [g(y) for y in x]\n"
    assert brinery.digest(made(source.format(1))) == brinery.digest(made("\n\n" + source.format(1)))
    assert brinery.digest(made(source.format(1))) != brinery.digest(made(source.format(2)))


def test_functions_that_use_each_other_have_digests():
    source = "def f(n):\n    return n and g(n - 1)\ndef g(n):\n    return n and f(n - {})\n"
    assert brinery.digest(made(source.format(1))) == brinery.digest(made(source.format(1)))
    assert brinery.digest(made(source.format(1))) != brinery.digest(made(source.format(2)))
    assert brinery.digest(made(source.format(1))) != brinery.digest(made(source.format(1), "g"))


def test_closures_count_by_what_is_in_them():
    def closure(a):
        return lambda x: x + a

    assert brinery.digest(closure(1)) == brinery.digest(closure(1))
    assert brinery.digest(closure(1)) != brinery.digest(closure(1.0))


def test_lambdas_on_one_line_are_told_apart():
    one, other = (lambda x: x + 1), (lambda x: x + 2)
    assert brinery.digest(one) != brinery.digest(other)
    assert brinery.digest(one) == brinery.digest(lambda x: x + 1)


def test_functions_without_source_count_by_their_code():
    first, again, other = ({}, {}, {})
    for namespace, text in ((first, "x + 1"), (again, "x + 1"), (other, "x + 2")):
        exec(f"def f(x): return {text}", namespace)
    assert brinery.digest(first["f"]) == brinery.digest(again["f"]) != brinery.digest(other["f"])


def test_the_users_own_modules_count_as_far_as_they_are_used(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    found = []
    for text in ("1", "1", "2"):
        (tmp_path / "own_module.py").write_text(f"def step(x):\n    return {text}\n\nunused = {len(found)}\n")
        importlib.invalidate_caches()
        sys.modules.pop("own_module", None)
        linecache.clearcache()
        sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
        own_module = importlib.import_module("own_module")
        sys.dont_write_bytecode = kept
        found.append(brinery.digest(made("def f(x):\n    return m.step(x)\n", m=own_module)))
    sys.modules.pop("own_module", None)
    assert found[0] == found[1] != found[2]


def test_library_functions_are_told_by_name():
    assert brinery.digest(textwrap.dedent) != brinery.digest(textwrap.indent)
    assert brinery.digest(made("def f(x):\n    return m.sin(x)\n", m=math)) != brinery.digest(
        made("def f(x):\n    return m.sin(x)\n", m=functools)
    )


def test_wrappers_count_by_what_they_wrap():
    def cached(source, size):
        return functools.lru_cache(maxsize=size)(made(source, g=1))

    assert brinery.digest(cached(BASE, 3)) == brinery.digest(cached(SAME[0], 3))
    assert brinery.digest(cached(BASE, 3)) != brinery.digest(cached(BASE, 4))
    assert brinery.digest(cached(BASE, 3)) != brinery.digest(cached(OTHER[0], 3))
    used = cached(BASE, 3)
    before = brinery.digest(used)
    used(1)
    assert brinery.digest(used) == before


CLASS = """
class C:
    count = 1
    def step(self, x):
        return x + self.count
    @property
    def twice(self):
        return super().__hash__() and __class__.count * 2
"""


def test_classes_of_ones_own_count_by_what_is_in_them():
    one = brinery.digest(made(CLASS, "C"))
    assert brinery.digest(made("# shifted\n\n" + CLASS, "C")) == one
    assert brinery.digest(made(CLASS.replace("count = 1", "count = 2"), "C")) != one
    assert brinery.digest(made(CLASS.replace("x + self", "x - self"), "C")) != one
    assert brinery.digest(made(CLASS.replace("* 2", "* 3"), "C")) != one


def test_instances_of_a_class_without_a_name_count_by_what_is_in_it():
    def instance(count):
        class Local:
            def step(self):
                return count

        return Local()

    assert brinery.digest(instance(1)) == brinery.digest(instance(1)) != brinery.digest(instance(2))


def test_bound_methods_count_by_function_and_object():
    class Local:
        def step(self):
            return 1

    one, other = Local(), Local()
    assert brinery.digest(one.step) == brinery.digest(other.step)
    other.attribute = 1
    assert brinery.digest(one.step) != brinery.digest(other.step)


def test_modules_are_told_by_name():
    assert brinery.digest(math) == brinery.digest(types.ModuleType("math")) != brinery.digest(sys)
