"""Syntax trees: their nodes have other fields in each version of Python."""

import ast
import pickle
import pickletools

import pytest
from bench.versions.cases import ALL
from bench.versions.interpreters import VERSIONS, environment
from bench.versions.pairs import results

import brinery

PYTHONS = {version: python for version in VERSIONS if (python := environment(version))}
TEXT = """
@decorated
def f(a, *b: int, c=1, **d) -> None:
    async def g(): return [x async for x in y if x]
    class C(B, metaclass=M): x: int = 1
    return lambda: f'{a!r:>{c}}'
"""


@pytest.mark.parametrize("canonical", [False, True])
@pytest.mark.parametrize("loads", [pickle.loads, lambda data: brinery.loads(data, trust="everything")])
def test_a_tree_comes_back_whoever_reads_it(loads, canonical):
    tree = ast.parse(TEXT)
    made = loads(brinery.dumps(tree, canonical=canonical))
    assert ast.dump(made, include_attributes=True) == ast.dump(tree, include_attributes=True)
    assert ast.unparse(made) == ast.unparse(tree)
    compile(made, "made", "exec")


@pytest.mark.parametrize("canonical", [False, True])
def test_no_node_is_made_by_a_call_with_or_without_arguments(canonical):
    opcodes = {opcode.name for opcode, _, _ in pickletools.genops(brinery.dumps(ast.parse(TEXT), canonical=canonical))}
    assert "NEWOBJ" in opcodes
    assert "REDUCE" not in opcodes


def test_what_later_versions_ask_for_is_there():
    function = pickle.loads(brinery.dumps(ast.parse(TEXT))).body[0]
    assert function.type_params == []
    assert function.body[0].type_params == []
    assert function.body[1].type_params == []


class Marked(ast.Name):
    """A node of one's own, whose constructor says more."""

    def __init__(self, *args, **kwargs):
        super().__init__("x", ast.Load())
        self.mark = "made"


def test_a_node_of_a_class_of_ones_own_is_made_as_its_class_has_it():
    node = Marked()
    node.mark = "changed"
    assert vars(pickle.loads(brinery.dumps(node)))["mark"] == "changed"


@pytest.mark.skipif(len(PYTHONS) < 2, reason="`make versions` has made no environments of other versions of Python")
@pytest.mark.parametrize("case", [each for each in ALL if "trees" in each.name], ids=lambda case: case.name)
def test_every_version_reads_what_every_other_has_written(case):
    for writer in PYTHONS:
        assert {(found.reader, found.what) for found in results(case, "brinery", writer, PYTHONS)} == {
            (reader, "right") for reader in PYTHONS
        }
