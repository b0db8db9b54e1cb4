"""Gadgets of the standard library that run a text, or load code from where the stream put it."""

from __future__ import annotations

import io
import marshal
import zipfile

from tests.attacks import sources
from tests.attacks.assembly import NONE, build, call, listed, mapped, name, new, number, packed, raw, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("evaluators")


def debugger(marker: Marker) -> bytes:
    """A debugger that is told to continue by a text of the stream."""
    commands = call(name("io", "StringIO"), text("c\n" * 5))
    made = call(name("pdb", "Pdb"), text("tab"), commands, call(name("io", "StringIO")), NONE, b"\x89", b"\x89")
    return stream(call(name("pdb", "Pdb.run"), made, text(marker.code)))


def innocent_expression(marker: Marker) -> bytes:
    """A forward reference whose text has nothing to be seen in it."""
    scope = mapped(
        (text("f"), name("os", "system")), (text("x"), text(marker.command)), (text("int"), name("builtins", "int"))
    )
    reference = call(name("typing", "ForwardRef"), text("f(x) or int"))
    return stream(call(name("typing", "_eval_type"), reference, scope, NONE))


def annotations(marker: Marker) -> bytes:
    scope = mapped(
        (text("f"), name("os", "system")), (text("x"), text(marker.command)), (text("int"), name("builtins", "int"))
    )
    notes = mapped((text("__annotations__"), mapped((text("a"), text("f(x) or int")))))
    made = call(name("builtins", "type"), text("C"), packed(), notes)
    return stream(call(name("typing", "get_type_hints"), made, scope, NONE))


def generated_function(marker: Marker) -> bytes:
    """The default of an argument of a function whose source dataclasses writes."""
    return stream(
        call(name("dataclasses", "_create_fn"), text("x"), listed(text("a=" + marker.code)), listed(text("return 1")))
    )


def parser_generator(marker: Marker) -> bytes:
    """lib2to3's generator evaluates what it takes for a quoted label."""
    made = new(name("lib2to3.pgen2.pgen", "ParserGenerator"))
    grammar = call(name("types", "SimpleNamespace")) + mapped((text("labels"), listed()), (text("keywords"), mapped()),
                                                              (text("tokens"), mapped())) + b"b"  # fmt: skip
    label = f"''+str({marker.code})"
    return stream(call(name("lib2to3.pgen2.pgen", "ParserGenerator.make_label"), made, grammar, text(label)))


def written_module(marker: Marker, loaded: bytes, content: str, title: str = "module.py") -> bytes:
    """The stream writes a file beside the marker, then has it loaded."""
    target = call(name("pathlib", "PosixPath"), text(f"{marker.folder}/{title}"))
    return stream(call(name("pathlib", "Path.write_text"), target, text(content)), b"0", loaded)


def source_loader(marker: Marker) -> bytes:
    loader = call(name("importlib.machinery", "SourceFileLoader"), text("m"), text(marker.folder + "/module.py"))
    return written_module(
        marker, call(name("importlib.machinery", "SourceFileLoader.load_module"), loader), marker.code
    )


def imported_from_path(marker: Marker) -> bytes:
    """The folder is put on sys.path by APPEND, and GLOBAL imports the module."""
    extended = name("sys", "path") + text(marker.folder) + b"a0"
    return written_module(marker, extended + name("written_module", "x"), marker.code + ";x=1", "written_module.py")


def path_file(marker: Marker) -> bytes:
    """A line of a .pth file that starts with import is run."""
    added = call(name("site", "addpackage"), text(marker.folder), text("module.pth"), NONE)
    return written_module(marker, added, "import sys;" + marker.code, "module.pth")


def zip_import(marker: Marker) -> bytes:
    """An archive is written, then imported from."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("m.py"), marker.code)
    target = text(marker.folder + "/m.zip")
    written = (
        call(name("pathlib", "Path.write_bytes"), call(name("pathlib", "PosixPath"), target), raw(archive.getvalue()))
        + b"0"
    )
    importer = call(name("zipimport", "zipimporter"), target)
    return stream(written, call(name("zipimport", "zipimporter.load_module"), importer, text("m")))


def marshalled(marker: Marker) -> bytes:
    code = marshal.dumps(compile(marker.code, "x", "exec"))
    return stream(call(name("builtins", "exec"), call(name("marshal", "loads"), raw(code))))


def marshalled_function(marker: Marker) -> bytes:
    code = marshal.dumps(compile(marker.code, "x", "exec"))
    scope = mapped((text("open"), name("builtins", "open")))
    return stream(call(call(name("types", "FunctionType"), call(name("marshal", "loads"), raw(code)), scope)))


def bad_bytecode(marker: Marker) -> bytes:
    """A code object whose instructions read past its constants."""
    made = build(call(name("functools", "partial"), name("builtins", "int")),
                 packed(name("types", "CodeType.replace"), packed(name("base64", "b64decode.__code__")),
                        mapped((text("co_code"), raw(b"\x97\x00d\xffS\x00")), (text("co_consts"), packed())), NONE))  # fmt: skip
    return stream(call(call(name("types", "FunctionType"), made + b")R", mapped()), number(1), number(2), number(3)))


def interpreter(marker: Marker) -> bytes:
    made = call(name("_xxsubinterpreters", "create"))
    return stream(call(name("_xxsubinterpreters", "run_string"), made, text(marker.code)))


def dict_config(marker: Marker) -> bytes:
    """logging's configuration calls the factory that a text names."""
    formatter = mapped((text("()"), text("os.mkdir")), (text("path"), text(marker.path)))
    return stream(call(name("logging.config", "dictConfig"),
                       mapped((text("version"), number(1)), (text("formatters"), mapped((text("f"), formatter))))))  # fmt: skip


CASES.add(
    "timeit", "timeit.timeit", sources.PICKLESCAN_TESTS, lambda m: stream(call(name("timeit", "timeit"), text(m.code)))
)
CASES.add(
    "timeit-setup",
    "timeit.timeit, in its setup",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("timeit", "timeit"), text("1"), text(m.code))),
)
CASES.add(
    "cprofile-run",
    "cProfile.run",
    sources.picklescan("GHSA-49gj-c84q-6qm9"),
    lambda m: stream(call(name("cProfile", "run"), text(m.code))),
)
CASES.add(
    "cprofile-runctx",
    "cProfile.runctx",
    sources.picklescan("GHSA-9w88-8rmg-7g2p"),
    lambda m: stream(call(name("cProfile", "runctx"), text(m.code), mapped(), mapped())),
)
CASES.add(
    "profile-run",
    "profile.run",
    sources.picklescan("GHSA-7wx9-6375-f5wh"),
    lambda m: stream(call(name("profile", "run"), text(m.code))),
)
CASES.add(
    "profile-method",
    "profile.Profile.run",
    sources.picklescan("GHSA-x696-vm39-cp64"),
    lambda m: stream(call(name("profile", "Profile.run"), call(name("profile", "Profile")), text(m.code))),
)
CASES.add(
    "trace",
    "trace.Trace.run",
    sources.picklescan("GHSA-5qwp-399c-mjwf"),
    lambda m: stream(
        call(name("trace", "Trace.run"), call(name("trace", "Trace"), number(0), number(0)), text(m.code))
    ),
)
CASES.add(
    "trace-runctx",
    "trace.Trace.runctx",
    sources.picklescan("GHSA-g344-hcph-8vgg"),
    lambda m: stream(
        call(name("trace", "Trace.runctx"), call(name("trace", "Trace"), number(0), number(0)), text(m.code))
    ),
)
CASES.add(
    "bdb",
    "bdb.Bdb.run",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(
        call(
            name("bdb", "Bdb.runeval"),
            call(
                name("pdb", "Pdb"),
                text("tab"),
                call(name("io", "StringIO"), text("c\n")),
                call(name("io", "StringIO")),
                NONE,
                b"\x89",
                b"\x89",
            ),
            text(m.code),
        )
    ),
)
CASES.add("pdb", "pdb.Pdb.run with its commands in the stream", sources.FICKLING_STDLIB, debugger)
CASES.add(
    "doctest",
    "doctest.debug_script",
    sources.picklescan("GHSA-fqq6-7vqf-w3fg"),
    lambda m: stream(call(name("doctest", "debug_script"), text(m.code), b"\x88", mapped())),
)
CASES.add(
    "code-runsource",
    "code.InteractiveInterpreter.runsource",
    sources.fickling("GHSA-q5qq-mvfm-j35x"),
    lambda m: stream(
        call(
            name("code", "InteractiveInterpreter.runsource"), call(name("code", "InteractiveInterpreter")), text(m.code)
        )
    ),
)
CASES.add(
    "code-runcode",
    "code.InteractiveInterpreter.runcode",
    sources.picklescan("GHSA-cj3c-v495-4xqh"),
    lambda m: stream(
        call(name("code", "InteractiveInterpreter.runcode"), call(name("code", "InteractiveInterpreter")), text(m.code))
    ),
)
CASES.add(
    "codeop",
    "codeop.compile_command and types.FunctionType",
    sources.picklescan("GHSA-g38g-8gr9-h9xp"),
    lambda m: stream(
        call(
            call(
                name("types", "FunctionType"),
                call(name("codeop", "compile_command"), text(m.code)),
                mapped((text("open"), name("builtins", "open"))),
            )
        )
    ),
)
CASES.add(
    "runpy-run-code",
    "runpy._run_code",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("runpy", "_run_code"), text(m.code), mapped())),
)
CASES.add(
    "runpy-run-path",
    "runpy.run_path of a file that the stream wrote",
    sources.fickling("GHSA-wfq2-52f7-7qvj"),
    lambda m: written_module(m, call(name("runpy", "run_path"), text(m.folder + "/module.py")), m.code),
)
CASES.add("typing-forward", "typing._eval_type of a forward reference", sources.BYPASS_GAME, innocent_expression)
CASES.add("typing-hints", "typing.get_type_hints of a class that the stream makes", sources.BYPASS_GAME, annotations)
CASES.add("dataclasses", "dataclasses._create_fn", sources.BYPASS_GAME, generated_function, until=(3, 13))
CASES.add(
    "idlelib-entity",
    "idlelib.calltip.get_entity",
    sources.picklescan("GHSA-9xph-j2h6-g47v"),
    lambda m: stream(call(name("idlelib.calltip", "get_entity"), text(m.code))),
    package="idlelib",
)
CASES.add(
    "idlelib-complete",
    "idlelib.autocomplete.AutoComplete.get_entity",
    sources.picklescan("GHSA-6w4w-5w54-rjvr"),
    lambda m: stream(call(name("idlelib.autocomplete", "AutoComplete.get_entity"), number(0), text(m.code))),
    package="idlelib tkinter",
)
CASES.add(
    "lib2to3-label",
    "lib2to3's parser generator evaluates labels",
    sources.picklescan("GHSA-p9w7-82w4-7q8m"),
    parser_generator,
    until=(3, 13),
)
CASES.add("marshal", "marshal.loads and exec", sources.PICKLESCAN_MARSHAL, marshalled)
CASES.add(
    "marshal-function",
    "marshal.loads and types.FunctionType",
    sources.fickling("GHSA-565g-hwwr-4pp3"),
    marshalled_function,
)
CASES.add(
    "bad-bytecode",
    "code whose instructions read past its constants",
    sources.fickling("GHSA-565g-hwwr-4pp3"),
    bad_bytecode,
    effect="crashes",
)
CASES.add("subinterpreter", "_xxsubinterpreters.run_string", sources.FICKLING_PRIVATE, interpreter, until=(3, 13))
CASES.add("logging-config", "logging.config.dictConfig", sources.HIDE_AND_SEEK, dict_config)
CASES.add(
    "source-loader", "a module is written, SourceFileLoader loads it", sources.PICKLESCAN_ATTRIBUTES, source_loader
)
CASES.add("path-file", "a .pth file is written, site.addpackage runs its line", sources.FICKLING_EXIT, path_file)
CASES.add("zipimport", "an archive is written, zipimport loads from it", sources.HIDE_AND_SEEK, zip_import)
CASES.add(
    "imported-from-path", "sys.path is extended, GLOBAL imports the payload", sources.HIDE_AND_SEEK, imported_from_path
)
