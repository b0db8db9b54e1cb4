"""Where the text of a function is found, and what becomes of it on another version of Python."""

import importlib
import importlib.util
import linecache
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery import reducers
from brinery.reducers import code as code_room
from brinery.reducers.code import facts_of, loaded_code
from brinery.reducers.compiling import OF_FUNCTION, Source, nested
from brinery.reducers.sources import source_of

OTHER_MAGIC = 3531 + 0x0A0D0000 if sys.version_info[:2] != (3, 12) else 3495 + 0x0A0D0000


def from_another_version(function):
    """The code of a function as another version of Python would have written it, with its source."""
    _, marshalled, *rest = facts_of(function.__code__).payload
    return (OTHER_MAGIC, b"not to be looked at" + marshalled, *rest)


def module_of(folder, monkeypatch, name, text):
    (folder / f"{name}.py").write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    module = importlib.import_module(name)
    monkeypatch.delitem(sys.modules, name)
    return module


def run(*command, folder, **options):
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=folder, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_marshalled_code_of_another_version_is_not_looked_at():
    def made(x):
        return x + 1

    assert type(made)(loaded_code(from_another_version(made)), {})(2) == 3


def test_the_source_is_found_when_the_file_has_changed_since(tmp_path, monkeypatch):
    module = module_of(tmp_path, monkeypatch, "changing", "def outer(k):\n    def f(x): return x + k\n    return f\n")
    path = tmp_path / "changing.py"
    path.write_text("# a line\n# and another\n" + path.read_text())
    source = source_of(module.outer(1).__code__)
    assert source.text == "    def f(x): return x + k\n"
    assert source.first_line == 4


def test_what_the_file_does_not_say_any_more_is_not_sent(tmp_path, monkeypatch):
    module = module_of(tmp_path, monkeypatch, "changed", "def outer(k):\n    def f(x): return x + k\n    return f\n")
    (tmp_path / "changed.py").write_text("def outer(k):\n    def f(x): return x - k\n    return f\n")
    assert "is not what the function was compiled from" in source_of(module.outer(1).__code__)
    (tmp_path / "changed.py").write_text("def outer(k:\n")
    linecache.clearcache()
    assert "cannot be read (SyntaxError" in source_of(module.outer(1).__code__)


def test_a_module_that_was_loaded_again_is_read_again(tmp_path, monkeypatch):
    module = module_of(tmp_path, monkeypatch, "again", "def f(x): return x + 1\n")
    assert source_of(module.f.__code__).text == "def f(x): return x + 1\n"
    (tmp_path / "again.py").write_text("def f(x): return x + 1000\n")
    namespace = {}
    exec(compile((tmp_path / "again.py").read_text(), str(tmp_path / "again.py"), "exec"), namespace)
    assert source_of(namespace["f"].__code__).text == "def f(x): return x + 1000\n"


def test_a_function_of_a_command_line_has_its_source(tmp_path):
    script = "from brinery.reducers.sources import source_of\nf = lambda x: x + 1\nprint(source_of(f.__code__).text)"
    assert run("-c", script, folder=tmp_path) == "lambda x: x + 1"


def test_a_function_that_was_typed_in_has_its_source_or_a_reason(tmp_path):
    typed = (
        "from brinery.reducers.sources import source_of\nf = lambda x: x + 1\n"
        "found = source_of(f.__code__)\nprint('found', getattr(found, 'text', found))\n"
    )
    printed = run("-i", "-q", folder=tmp_path, input=typed)
    assert printed in {"found lambda x: x + 1", "found there is no source for '<stdin>'"}


def test_a_loaded_function_travels_on_from_where_its_file_is_not(tmp_path):
    (tmp_path / "make.py").write_text(
        "import brinery\n"
        "def outer(k):\n"
        "    def inner(x):\n"
        "        return (lambda y: y + k)\n"
        "    return inner\n"
        "open('one', 'wb').write(brinery.dumps(outer))\n"
    )
    run("make.py", folder=tmp_path)
    (tmp_path / "make.py").unlink()
    another = "import brinery, brinery.reducers.code as code\ncode.MAGIC += {}\n"
    loads = "made = brinery.loads(open({!r}, 'rb').read(), trust='everything')\n"
    # Loaded by a second version, whose calls of it make functions that go on to a third.
    run(
        "-c",
        another.format(50) + loads.format("one") + "open('two', 'wb').write(brinery.dumps(made(5)(0)))",
        folder=tmp_path,
    )
    assert run("-c", another.format(100) + loads.format("two") + "print(made(3))", folder=tmp_path) == "8"


def test_a_function_without_its_source_says_so_by_name(tmp_path):
    namespace = {}
    exec("def lost(x): return x", namespace)
    with pytest.raises(
        brinery.DecodeError, match=r"lost of '<string>' was written by Python 3\.1[12], and without its source"
    ):
        loaded_code(from_another_version(namespace["lost"]))


def test_a_source_of_a_later_syntax_says_by_whom_it_was_written():
    payload = (OTHER_MAGIC, b"", "later.py", "def f(x): return x later\n", 7, "f", (), 0)
    with pytest.raises(
        brinery.DecodeError, match=r"f of 'later\.py', line 7, was written by Python 3\.1[12], .*invalid syntax"
    ):
        loaded_code(payload)


def test_warnings_about_a_source_are_its_authors(tmp_path, monkeypatch):
    with pytest.warns((DeprecationWarning, SyntaxWarning)):
        module = module_of(tmp_path, monkeypatch, "warned", "def f(): return '\\d' is 1\n")
    assert isinstance(source_of(module.f.__code__), Source)


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.binary(max_size=8) | st.just(MAGIC := code_room.MAGIC),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=6).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)  # fmt: skip


@given(st.lists(anything, max_size=9))
def test_damaged_code_is_an_error_and_never_a_crash(parts):
    with pytest.raises(brinery.DecodeError):
        reducers.make_code(*parts)


@given(st.integers(0, 7), anything)
def test_a_part_of_a_payload_that_is_something_else_is_an_error_or_the_same_code(index, part):
    def made(x):
        return x + 1

    payload = list(from_another_version(made))
    payload[index] = part
    try:
        code = reducers.make_code(*payload)
    except brinery.DecodeError:
        return
    assert type(code) is type(made.__code__)


@given(anything, anything, anything, anything)
def test_a_function_of_damaged_parts_is_an_error(payload, namespace, closure, used):
    with pytest.raises((brinery.DecodeError, TypeError, ValueError, ImportError)):
        reducers.make_function(payload, namespace, closure, used)


@pytest.mark.parametrize("closure", [None, [], [1, 2], (1,), "x"])
def test_a_closure_of_another_length_is_an_error(closure):
    k = 3

    def made(x):
        return x + k

    with pytest.raises((TypeError, ValueError, brinery.DecodeError)):
        reducers.make_function(facts_of(made.__code__).payload, {}, closure)


@pytest.mark.parametrize(
    "name", ["argparse", "dataclasses", "enum", "test.test_scope", "test.test_patma", "test.test_super"]
)
def test_functions_of_the_standard_library_have_their_source(name):
    filename = importlib.util.find_spec(name).origin
    with open(filename, encoding="utf-8") as file:
        module = compile(file.read(), filename, "exec")
    functions = [each for each in nested(module) if each.co_flags & OF_FUNCTION and not each.co_name.startswith("<g")]
    functions = [each for each in functions if each.co_name not in {"<listcomp>", "<setcomp>", "<dictcomp>"}]
    without = [each.co_qualname for each in functions[::5] if not isinstance(source_of(each), Source)]
    assert len(functions) > 20
    assert without == []


def test_a_class_that_a_function_makes_after_it_was_compiled_from_its_source_has_its_name(tmp_path, monkeypatch):
    text = """
    class F:
        def make(self, k):
            def build():
                class C:
                    def get(self, __y=1): return k + __y
                return C
            return build
    """
    build = module_of(tmp_path, monkeypatch, "naming", text).F().make(2)
    again = type(build)(loaded_code(from_another_version(build)), build.__globals__, closure=build.__closure__)
    assert again().__qualname__ == "F.make.<locals>.build.<locals>.C"
    assert again()().get() == 3
