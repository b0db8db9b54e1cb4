"""Streams that import: a module's own side effects are the payload, whether its name is found or not."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import call, name, stream, text
from tests.attacks.case import Family

CASES = Family("imports")


def absent(module: str) -> bytes:
    """The module is imported before the name in it is missed."""
    return stream(name(module, "no_such_name"))


CASES.add(
    "import-this",
    "a module that prints",
    sources.PYTHON_DOCS,
    lambda m: stream(name("this", "s")),
    after="import sys\nif 'this' in sys.modules: ran()",
)
CASES.add(
    "import-antigravity",
    "a module that opens a browser",
    sources.PYTHON_DOCS,
    lambda m: stream(name("antigravity", "geohash")),
    after="import sys\nif 'antigravity' in sys.modules: ran()",
)
CASES.add(
    "import-a-program",
    "a module that is a program: it reads the command line and exits",
    sources.HIDE_AND_SEEK,
    lambda m: absent("pip.__main__"),
    package="pip",
    after="import sys\nif 'pip.__main__' in sys.modules: ran()",
)
CASES.add(
    "import-a-test",
    "a module of the test suite, with all it imports",
    sources.HIDE_AND_SEEK,
    lambda m: absent("test.test_dict"),
    after="import sys\nif 'test.test_dict' in sys.modules: ran()",
)
CASES.add(
    "import-main",
    "a name of the program that loads",
    sources.PYTHON_DOCS,
    lambda m: stream(name("__main__", "__builtins__.eval"), text(m.code), b"\x85R"),
)
CASES.add(
    "meta-path",
    "a finder is appended to sys.meta_path: it is asked for each later import",
    sources.CALL_GRAPH,
    lambda m: stream(name("sys", "meta_path"), call(name("types", "SimpleNamespace")), b"a"),
    after="import sys\nif sys.meta_path[-1] is made[-1]: ran()",
)
CASES.add(
    "replaced-import",
    "sys.modules is given another module under an innocent name",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(name("sys", "modules"), text("json"), name("os", "path"), b"s"),
    after="import json, os\nif json is os.path: ran()",
)
CASES.add(
    "import-by-codec",
    "a codec's name is a module of encodings, imported by _codecs.lookup",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("_codecs", "lookup"), text("mac_croatian"))),
    after="import sys\nif 'encodings.mac_croatian' in sys.modules: ran()",
)
CASES.add(
    "import-unneeded",
    "an innocent module that the program does not use",
    sources.HIDE_AND_SEEK,
    lambda m: absent("xmlrpc.server"),
    after="import sys\nif 'xmlrpc.server' in sys.modules: ran()",
)
