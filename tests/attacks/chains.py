"""Trampolines: callables that look like data handling and call, look up or import what they are given."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import build, call, listed, mapped, name, number, packed, stream, text, words
from tests.attacks.case import Family, Marker

CASES = Family("chains")


def system() -> bytes:
    return name("os", "system")


def os_module() -> bytes:
    return call(name("builtins", "__import__"), text("os"))


def path(marker: Marker) -> bytes:
    return call(name("pathlib", "PosixPath"), text(marker.path))


def drained(lazy: bytes, by: str = "tuple") -> bytes:
    return stream(call(name("builtins", by), lazy))


def scheduled(marker: Marker) -> bytes:
    enter = call(
        name("sched", "scheduler.enter"), b"h\x00", number(0), number(0), system(), packed(text(marker.command))
    )
    return stream(
        call(name("sched", "scheduler")), b"\x940", enter, b"0", call(name("sched", "scheduler.run"), b"h\x00")
    )


def partial_by_state(marker: Marker) -> bytes:
    """A partial of an innocent function is given another function by BUILD."""
    state = packed(system(), packed(text(marker.command)), mapped(), b"N")
    return stream(build(call(name("functools", "partial"), name("builtins", "int")), state), b")R")


def globals_to_eval(marker: Marker) -> bytes:
    got = call(name("builtins", "getattr"), name("builtins", "dict"), text("get"))
    builtins = call(got, call(name("builtins", "globals")), text("__builtins__"))
    return stream(
        call(
            call(name("operator", "itemgetter"), text("eval")),
            call(name("builtins", "vars"), call(name("builtins", "__import__"), text("builtins"))),
        ),
        b"\x940",
        builtins,
        b"0h\x00",
        text(marker.code),
        b"\x85R",
    )


def default_factory(marker: Marker) -> bytes:
    """A defaultdict calls its factory when a key is missing."""
    partial = call(name("functools", "partial"), system(), text(marker.command))
    made = call(name("collections", "defaultdict"), partial)
    return stream(call(name("operator", "getitem"), made, number(1)))


def started_thread(marker: Marker) -> bytes:
    thread = call(name("threading", "Thread"), b"N", system(), b"N", packed(text(marker.command)))
    return stream(call(name("threading", "Thread.start"), thread))


def pool(marker: Marker) -> bytes:
    made = call(name("concurrent.futures", "ThreadPoolExecutor"), number(1))
    return stream(call(name("concurrent.futures", "ThreadPoolExecutor.submit"), made, system(), text(marker.command)))


def made_function(marker: Marker) -> bytes:
    """compile() gives code, types.FunctionType a function, REDUCE calls it."""
    code = call(name("builtins", "compile"), text(marker.code), text("x"), text("exec"))
    scope = mapped((text("open"), name("builtins", "open")))
    return stream(call(call(name("types", "FunctionType"), code, scope)))


def taken_code(marker: Marker) -> bytes:
    """The code of a function that is there, in a function whose globals are chosen: list(map(*args))."""
    code = name("multiprocessing.pool", "mapstar.__code__")
    scope = mapped((text("list"), name("builtins", "list")), (text("map"), name("builtins", "map")))
    made = call(name("types", "FunctionType"), code, scope)
    return stream(call(made, packed(system(), listed(text(marker.command)))))


def subclass_walk(marker: Marker) -> bytes:
    """From object to the classes that are loaded, to the globals of a method of one of them."""
    subclasses = call(name("builtins", "object.__subclasses__")) + b"\x940"
    names = call(name("builtins", "map"), call(name("operator", "attrgetter"), text("__name__")), b"h\x00")
    by_name = call(name("builtins", "dict"), call(name("builtins", "zip"), names, b"h\x00"))
    found = call(name("operator", "getitem"), by_name, text("_wrap_close"))
    scope = call(call(name("operator", "attrgetter"), text("__init__.__globals__")), found)
    return stream(subclasses, call(call(name("operator", "getitem"), scope, text("system")), text(marker.command)))


def reconstructor(marker: Marker) -> bytes:
    """copyreg._reconstructor calls base.__new__ and base.__init__ of a class of the stream's choice."""
    popen = name("subprocess", "Popen")
    return stream(call(name("copyreg", "_reconstructor"), popen, popen, words(marker.words)))


CASES.add(
    "getattr",
    "getattr of an imported module",
    sources.SOUR_PICKLES,
    lambda m: stream(call(call(name("builtins", "getattr"), os_module(), text("system")), text(m.command))),
)
CASES.add(
    "attrgetter",
    "operator.attrgetter('system')(os)",
    sources.PICKLEASSEM,
    lambda m: stream(call(call(call(name("operator", "attrgetter"), text("system")), os_module()), text(m.command))),
)
CASES.add(
    "private-attrgetter",
    "_operator.attrgetter, the same by its private name",
    sources.picklescan("GHSA-46h3-79wf-xr6c"),
    lambda m: stream(call(call(call(name("_operator", "attrgetter"), text("system")), os_module()), text(m.command))),
)
CASES.add(
    "methodcaller",
    "operator.methodcaller('system', ...)(os)",
    sources.picklescan("GHSA-955r-x9j8-7rhh"),
    lambda m: stream(call(call(name("_operator", "methodcaller"), text("system"), text(m.command)), os_module())),
)
CASES.add(
    "itemgetter",
    "operator.itemgetter of a module's dict",
    sources.FICKLING_STDLIB,
    lambda m: stream(
        call(
            call(call(name("operator", "itemgetter"), text("system")), call(name("builtins", "vars"), os_module())),
            text(m.command),
        )
    ),
)
CASES.add("globals-to-eval", "globals(), dict.get, vars, eval", sources.SOUR_PICKLES, globals_to_eval)
CASES.add(
    "partial",
    "functools.partial, called",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("functools", "partial"), system(), text(m.command)), b")R"),
)
CASES.add(
    "partial-by-state", "functools.partial with another function in its state", sources.CALL_GRAPH, partial_by_state
)
CASES.add(
    "reduce",
    "functools.reduce(getattr, ...)",
    sources.SOUR_PICKLES,
    lambda m: stream(
        call(
            call(name("functools", "reduce"), name("builtins", "getattr"), listed(text("system")), os_module()),
            text(m.command),
        )
    ),
)
CASES.add(
    "operator-call",
    "operator.call",
    sources.BYPASS_GAME,
    lambda m: stream(call(name("operator", "call"), system(), text(m.command))),
)
CASES.add(
    "method-type",
    "types.MethodType binds a function to its argument",
    sources.CALL_GRAPH,
    lambda m: stream(call(name("types", "MethodType"), system(), text(m.command)), b")R"),
)
CASES.add(
    "map",
    "map drained by tuple",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("builtins", "map"), system(), listed(text(m.command)))),
)
CASES.add(
    "map-into-bytes",
    "map drained by bytes",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("builtins", "map"), system(), listed(text(m.command))), "bytes"),
)
CASES.add(
    "map-into-deque",
    "map drained by collections.deque",
    sources.CALL_GRAPH,
    lambda m: stream(
        call(name("collections", "deque"), call(name("builtins", "map"), system(), listed(text(m.command))))
    ),
)
CASES.add(
    "map-into-ordered-dict",
    "map drained by OrderedDict, a class of every model file",
    sources.CALL_GRAPH,
    lambda m: stream(
        call(name("collections", "OrderedDict"), call(name("builtins", "map"), system(), listed(text(m.command))))
    ),
)
CASES.add(
    "filter",
    "filter drained by tuple",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("builtins", "filter"), system(), listed(text(m.command)))),
)
CASES.add(
    "starmap",
    "itertools.starmap",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("itertools", "starmap"), system(), listed(packed(text(m.command))))),
)
CASES.add(
    "groupby",
    "itertools.groupby calls its key",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("itertools", "groupby"), listed(text(m.command)), system())),
)
CASES.add(
    "accumulate",
    "itertools.accumulate calls its function on pairs",
    sources.BYPASS_GAME,
    lambda m: drained(
        call(name("itertools", "accumulate"), listed(path(m), text("x")), name("pathlib", "Path.write_text"))
    ),
)
CASES.add(
    "takewhile",
    "itertools.takewhile calls its predicate",
    sources.BYPASS_GAME,
    lambda m: drained(call(name("itertools", "takewhile"), system(), listed(text(m.command)))),
)
CASES.add(
    "iter-sentinel",
    "iter(f, sentinel) calls f until it gives the sentinel",
    sources.CALL_GRAPH,
    lambda m: drained(
        call(name("builtins", "iter"), call(name("functools", "partial"), system(), text(m.command)), number(0))
    ),
)
CASES.add(
    "sorted-key",
    "the key of sorted, by way of partial's keywords",
    sources.CALL_GRAPH,
    lambda m: stream(
        build(
            call(name("functools", "partial"), name("builtins", "int")),
            packed(name("builtins", "sorted"), packed(listed(text(m.command))), mapped((text("key"), system())), b"N"),
        ),
        b")R",
    ),
)
CASES.add("default-factory", "a defaultdict's factory", sources.CALL_GRAPH, default_factory)
CASES.add(
    "property",
    "property.__get__ calls the getter",
    sources.CALL_GRAPH,
    lambda m: stream(
        call(name("builtins", "property.__get__"), call(name("builtins", "property"), system()), text(m.command))
    ),
)
CASES.add(
    "re-sub",
    "re.sub calls its replacement; cProfile.run runs before it minds the second argument",
    sources.CALL_GRAPH,
    lambda m: stream(
        call(
            name("re", "sub"),
            text("a"),
            call(name("functools", "partial"), name("cProfile", "run"), text(m.code)),
            text("a"),
        )
    ),
)
CASES.add(
    "weakref-finalize",
    "weakref.finalize of an object that dies at once",
    sources.BYPASS_GAME,
    lambda m: stream(
        call(name("weakref", "finalize"), call(name("collections", "UserList")), system(), text(m.command))
    ),
)
CASES.add(
    "atexit",
    "atexit.register waits for the end of the process",
    sources.FICKLING_EXIT,
    lambda m: stream(call(name("atexit", "register"), system(), text(m.command))),
)
CASES.add("scheduler", "sched.scheduler, three innocent calls", sources.BYPASS_GAME, scheduled)
CASES.add("thread", "threading.Thread.start", sources.CALL_GRAPH, started_thread, after="import time; time.sleep(0.2)")
CASES.add("thread-pool", "ThreadPoolExecutor.submit", sources.CALL_GRAPH, pool, after="made.result()")
CASES.add(
    "mapstar",
    "multiprocessing.pool.mapstar, a worker's helper",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("multiprocessing.pool", "mapstar"), packed(system(), listed(text(m.command))))),
)
CASES.add(
    "copy-reconstruct",
    "copy._reconstruct calls the function of a reduce value",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("copy", "_reconstruct"), number(0), b"N", system(), packed(text(m.command)))),
)
CASES.add(
    "reconstructor", "copyreg._reconstructor, which every file of protocol 0 names", sources.PEP_307, reconstructor
)
CASES.add(
    "rebuild-partial",
    "multiprocessing.reduction._rebuild_partial",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(name("multiprocessing.reduction", "_rebuild_partial"), system(), packed(text(m.command)), mapped()), b")R"
    ),
)
CASES.add(
    "resolve-name",
    "pkgutil.resolve_name reaches any name",
    sources.picklescan("GHSA-vvpj-8cmc-gx39"),
    lambda m: stream(call(call(name("pkgutil", "resolve_name"), text("os:system")), text(m.command))),
)
CASES.add(
    "pydoc-locate",
    "pydoc.locate reaches any name",
    sources.picklescan("GHSA-84r2-jw7c-4r5q"),
    lambda m: stream(call(call(name("pydoc", "locate"), text("os.system")), text(m.command))),
)
CASES.add(
    "import-module",
    "importlib.import_module",
    sources.PICKLESCAN_ATTRIBUTES,
    lambda m: stream(
        call(
            call(name("builtins", "getattr"), call(name("importlib", "import_module"), text("os")), text("system")),
            text(m.command),
        )
    ),
)
CASES.add(
    "logging-resolve",
    "logging.config._resolve reaches any name",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(call(name("logging.config", "_resolve"), text("os.system")), text(m.command))),
)
CASES.add(
    "getattr-static",
    "inspect.getattr_static",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(call(name("inspect", "getattr_static"), os_module(), text("system")), text(m.command))),
)
CASES.add("made-function", "compile and types.FunctionType", sources.fickling("GHSA-565g-hwwr-4pp3"), made_function)
CASES.add(
    "taken-code",
    "types.FunctionType with the code of a function that is there",
    sources.fickling("GHSA-565g-hwwr-4pp3"),
    taken_code,
)
CASES.add(
    "subclass-walk", "object.__subclasses__, zip, dict, __init__.__globals__", sources.SOUR_PICKLES, subclass_walk
)
CASES.add(
    "import-helper",
    "test.support.import_helper imports",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(
            call(
                name("builtins", "getattr"),
                call(name("test.support.import_helper", "import_module"), text("os")),
                text("system"),
            ),
            text(m.command),
        )
    ),
)
