"""The form of what functions do: what does not change it, and what does."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brinery.caching.behaviour import behaviour_form, behaviour_of

BASE = "def f(x, y):\n    total = x + y\n    for i in x:\n        total += i\n    return total\n"
SAME = [
    BASE.replace("total", "result"),
    BASE.replace("i", "each").replace("each in", "each in").replace("eachn", "in"),
    BASE.replace("def f(x, y):\n", 'def f(x, y):\n    """Doc."""\n'),
    BASE.replace("def f(x, y):\n", "def f(x, y):\n    'Doc.'\n    pass\n    'more'\n    1\n"),
    BASE.replace("    return", "    # here\n\n    return"),
    BASE.replace("    return", "    print('total', total, len(x), file=sys.stderr)\n    return"),
    BASE.replace("    return", "    logger.info('total %s', total)\n    return"),
    BASE.replace("    return", "    self.log.debug(f'{total:.2f} of {x[0].name}')\n    return"),
    BASE.replace("    return", "    logging.warning('{}'.format(total), extra={'a': -total})\n    return"),
    "@decorator(1)\n" + BASE,
    BASE.replace("y)", "y=2)"),
    "    " + BASE.replace("\n    ", "\n        "),
]
OTHER = [
    BASE.replace("x + y", "y + x"),
    BASE.replace("x, y", "y, x"),
    BASE.replace("y", "z"),
    BASE.replace("def f", "async def f"),
    BASE.replace("+=", "-="),
    BASE.replace("return total", "return i"),
    BASE.replace("total = x + y", "total = x + g"),
    BASE.replace("    return", "    print(x.pop())\n    return"),
    BASE.replace("    return", "    print(list(x))\n    return"),
    BASE.replace("    return", "    logger.info(await x)\n    return").replace("def f", "async def f"),
    BASE.replace("    return", "    logger.info(z := 1)\n    return"),
    BASE.replace("    return", "    logger.setLevel(1)\n    return"),
    BASE.replace("    return", "    total = print(x)\n    return"),
    BASE.replace("    return", "    print(x, end=y.pop())\n    return"),
    BASE.replace("    return", "    print(**x)\n    return"),
]


@pytest.mark.parametrize("text", SAME)
def test_what_is_there_for_readers_does_not_matter(text):
    assert behaviour_form(text, False) == behaviour_form(BASE, False)


@pytest.mark.parametrize("text", OTHER)
def test_what_does_something_else_has_another_form(text):
    assert behaviour_form(text, False) != behaviour_form(BASE, False)


RENAMED = [
    "def f(x):\n with x as {0}: return {0}",
    "def f(x):\n try: x()\n except OSError as {0}: return {0}",
    "def f(x):\n return [{0} for {0} in x if {0}]",
    "def f(x):\n return {{{0}: 1 for {0} in x}}, ({0} for {0} in x)",
    "def f(x):\n if ({0} := x): return {0}",
    "def f(x):\n match x:\n  case [{0}, *rest]: return {0}, rest",
    "def f(x):\n match x:\n  case {{'a': 1, **{0}}}: return {0}",
    "def f(x):\n match x:\n  case [*{0}]: return {0}",
    "def f(x):\n match x:\n  case int() as {0}: return {0}",
    "def f(x):\n import json as {0}\n return {0}.loads(x)",
    "def f(x):\n from json import loads as {0}\n return {0}(x)",
    "def f(x):\n def {0}(y): return y\n return {0}(x)",
    "def f(x):\n {0} = 1\n def g():\n  nonlocal {0}\n  {0} += 1\n g()\n return {0}",
    "def f(x):\n {0}, (b, *c) = x\n del {0}",
    "def f(x):\n {0}: int = x\n return lambda y: y + {0}",
    "def f(x):\n {0} = 1\n class A:\n  y = {0}\n return A",
    "lambda x: [{0} for {0} in x]",
]
KEPT = [
    "def f({0}):\n return {0}",
    "def f(*{0}):\n return {0}",
    "def f(*, {0}=1):\n {0} = {0} + 1\n return {0}",
    "def f(x, /, **{0}):\n {0} = 2\n return {0}",
    "def f(x):\n return {0}",
    "def f(x):\n global {0}\n {0} = x",
    "def f(x):\n {0} = 1\n return locals()",
    "def f(x):\n {0} = 1\n return eval(x)",
    "def f(x):\n {0} = 1\n return x['{0}'], vars()",
    "def f(x):\n import {0}\n return {0}",
    "def f(x):\n import {0}.path\n return {0}",
    "def f(x):\n from x import {0}\n return {0}",
    "def f(x):\n class {0}: pass\n return {0}",
    "def f(x):\n class A:\n  {0} = 1\n return A",
    "def f(x):\n def {0}(): pass\n return {0}",
    "def f(x):\n @x\n def {0}(): pass\n {0}()",
    "def f(x):\n return x.{0}",
    "def f(x):\n return x({0}=1)",
    "def f(x):\n {0} = 1\n return lambda {0}: {0}",
    "def f(x):\n {0} = 1\n return f'{{{0}=}}'",
    "def f(x):\n nonlocal {0}\n {0} = 1",
    "def f(x):\n def g(): return {0}\n def h():\n  {0} = 1\n  return {0}\n return g, h",
    "lambda {0}: {0}",
]


@pytest.mark.parametrize("template", RENAMED)
def test_names_of_locals_do_not_matter(template):
    is_lambda = template.startswith("lambda")
    assert behaviour_form(template.format("one"), is_lambda) == behaviour_form(template.format("two"), is_lambda)


@pytest.mark.parametrize("template", KEPT)
def test_names_that_somebody_else_knows_matter(template):
    is_lambda = template.startswith("lambda")
    assert behaviour_form(template.format("one"), is_lambda) != behaviour_form(template.format("two"), is_lambda)


# Statements with places for names of locals; all of the names are bound before.
STATEMENTS = [
    "@ = @ + x",
    "@ -= @",
    "for @ in @:\n  @ = y",
    "with @ as @:\n  pass",
    "try:\n  @()\n except OSError as @:\n  @ = 1",
    "@ = [@ for @ in @ if @]",
    "@ = {@: @ for @ in @}",
    "@, @[@] = @.attribute, @",
    "def g(p, q=@):\n  @ = p\n  return @ + q",
    "def h():\n  nonlocal @\n  @ = lambda: @",
    "match @:\n  case [@, 1]:\n   @ = 1",
    "import json as @",
    "if (@ := @):\n  del @\n else:\n  return @",
    "@ = f'{@} and {@!r:>{@}}'",
    "class A:\n  k = @\n  def m(self): return @",
    "print(@)",
]
NAMES = ["alpha", "beta", "gamma", "delta"]


def program(statements, slots):
    """The text of a function in which the places for names are filled."""
    text = "\n".join(["def f(x, y):", " @ = @ = @ = @ = 0", *(f" {each}" for each in statements), " return @"])
    first, *rest = text.split("@")
    return first + "".join(NAMES[slot] + part for slot, part in zip(slots, rest, strict=True))


@st.composite
def programs(draw):
    """Statements, and two ways to fill the places in them."""
    statements = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4))
    count = sum(each.count("@") for each in statements) + 1
    bound = list(range(4))
    one = bound + draw(st.lists(st.sampled_from(bound), min_size=count, max_size=count))
    other = list(one)
    if draw(st.booleans()):
        other[draw(st.integers(4, len(one) - 1))] = draw(st.sampled_from(bound))
    order = draw(st.permutations(bound))
    return statements, one, [order[slot] for slot in other]


def is_program(text):
    try:
        compile(text, "", "exec")
    except SyntaxError:
        return False
    return True


def places_that_matter(statements, slots):
    """The names without those in log lines, each by the place where it came first."""
    kept, at = slots[:4], 4
    for each in statements:
        size = each.count("@")
        if not each.startswith("print"):
            kept = kept + slots[at : at + size]
        at += size
    kept = kept + slots[at:]
    return [kept.index(slot) for slot in kept]


@given(programs())
def test_functions_have_the_same_form_if_and_only_if_their_locals_can_be_renamed_into_each_other(drawn):
    statements, one, other = drawn
    texts = program(statements, one), program(statements, other)
    if not all(map(is_program, texts)):
        return
    is_same = places_that_matter(statements, one) == places_that_matter(statements, other)
    assert (behaviour_form(texts[0], False) == behaviour_form(texts[1], False)) == is_same


@given(programs())
def test_a_function_written_anew_from_its_tree_has_the_same_form(drawn):
    statements, one, _ = drawn
    text = program(statements, one)
    if is_program(text):
        assert behaviour_form(ast.unparse(ast.parse(text)), False) == behaviour_form(text, False)


def test_log_lines_are_told_by_the_name_they_begin_with():
    text = "def f(self):\n print(1)\n self.log.info(2)\n return 3"
    found = behaviour_of(text, False)
    assert found.log_roots == {"print", "self"}
    assert behaviour_of(text, False, frozenset({"print"})).form != found.form
    assert behaviour_of(text, False, frozenset({"print", "self"})).log_roots == frozenset()


def test_what_a_function_looks_up_is_told_with_attributes():
    text = "def f(x):\n a.b.c(d)\n e.g = 1\n h += 1\n k.m += 1\n print(n)\n return (x + o).p"
    assert behaviour_of(text, False).paths == {
        ("a", "b", "c"),
        ("d",),
        ("e", "g", ""),
        ("h",),
        ("k", "m"),
        ("x",),
        ("o",),
    }
