"""The stub and the built module list the same names."""

import ast
from pathlib import Path

from brinery.codec import _core

STUB = Path(__file__).parent.parent.parent / "src" / "brinery" / "codec" / "_core.pyi"


def test_the_stub_lists_what_the_core_offers():
    listed = {
        node.name: node
        for node in ast.parse(STUB.read_text()).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    }
    assert set(listed) == {name for name in vars(_core) if not name.startswith("_")}
    for name in ("Pickler", "Unpickler"):
        members = {each.name for each in listed[name].body if isinstance(each, ast.FunctionDef)}
        built = {each for each in vars(getattr(_core, name)) if not each.startswith("_")}
        hooks = {"persistent_id", "persistent_load"}
        assert members - {"__init__"} - hooks <= built


def test_signatures_are_readable():
    import inspect

    for name in ("dump", "dumps", "load", "loads"):
        assert "fix_imports" in inspect.signature(getattr(_core, name)).parameters
