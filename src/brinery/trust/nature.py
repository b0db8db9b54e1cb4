"""Which globals run code, or reach what does, by what they are for.

Nothing is refused for being named here: what is not vetted is refused anyway. This is for telling people what a name
that they are about to allow would let in.
"""

from __future__ import annotations

__all__ = ["why_it_runs_code"]

CODE = "runs code that the bytes hold"
COMMANDS = "runs commands of the operating system"
IMPORTS = "imports any module, which runs it"
REACHES = "reaches any attribute, and so any function"
CALLS = "calls what it is given"
FILES = "reads, writes or deletes files"
NETWORK = "talks to the network"
LOADS = "loads another pickle without any check"
MEMORY = "reads and writes any memory"

# By module and name; a module alone stands for all that is in it and beneath.
REASONS = {
    "builtins.__import__": IMPORTS,
    "builtins.compile": CODE,
    "builtins.delattr": REACHES,
    "builtins.eval": CODE,
    "builtins.exec": CODE,
    "builtins.execfile": CODE,
    "builtins.filter": CALLS,
    "builtins.getattr": REACHES,
    "builtins.globals": REACHES,
    "builtins.iter": CALLS,
    "builtins.locals": REACHES,
    "builtins.map": CALLS,
    "builtins.open": FILES,
    "builtins.setattr": REACHES,
    "builtins.type": CODE,
    "builtins.vars": REACHES,
    "__builtin__.apply": CALLS,
    "__builtin__.eval": CODE,
    "__builtin__.execfile": CODE,
    "__builtin__.getattr": REACHES,
    "_posixsubprocess": COMMANDS,
    "asyncio": COMMANDS,
    "bdb": CODE,
    "brinery.reducers": CODE,
    "cProfile": CODE,
    "cloudpickle": CODE,
    "code": CODE,
    "codeop": CODE,
    "commands": COMMANDS,
    "ctypes": MEMORY,
    "dill": CODE,
    "doctest": CODE,
    "ensurepip": COMMANDS,
    "ftplib": NETWORK,
    "functools.partial": CALLS,
    "functools.reduce": CALLS,
    "http": NETWORK,
    "imaplib": COMMANDS,
    "importlib": IMPORTS,
    "io.open": FILES,
    "io.FileIO": FILES,
    "itertools": CALLS,
    "joblib.load": LOADS,
    "linecache": FILES,
    "logging.config": CALLS,
    "marshal": CODE,
    "multiprocessing": COMMANDS,
    "nt": COMMANDS,
    "numpy.f2py": COMMANDS,
    "numpy.load": LOADS,
    "numpy.testing": CODE,
    "operator.attrgetter": REACHES,
    "operator.methodcaller": REACHES,
    "os": COMMANDS,
    "pandas.eval": CODE,
    "pandas.read_pickle": LOADS,
    "pathlib.Path.unlink": FILES,
    "pathlib.Path.write_bytes": FILES,
    "pathlib.Path.write_text": FILES,
    "pdb": CODE,
    "pickle": LOADS,
    "pip": COMMANDS,
    "pkgutil": IMPORTS,
    "platform": COMMANDS,
    "posix": COMMANDS,
    "profile": CODE,
    "pty": COMMANDS,
    "pydoc": IMPORTS,
    "runpy": CODE,
    "shelve": LOADS,
    "shutil": FILES,
    "site": CODE,
    "smtplib": NETWORK,
    "socket": NETWORK,
    "subprocess": COMMANDS,
    "sys": REACHES,
    "tempfile": FILES,
    "threading": CALLS,
    "timeit": CODE,
    "torch.hub": NETWORK,
    "torch.load": LOADS,
    "torch.serialization.load": LOADS,
    "trace": CODE,
    "types.CodeType": CODE,
    "types.FunctionType": CODE,
    "urllib": NETWORK,
    "venv": COMMANDS,
    "webbrowser": COMMANDS,
    "zipimport": IMPORTS,
}


def why_it_runs_code(module: str, name: str) -> str | None:
    """What a global does that runs code, in a few words; None where nothing of the kind is known of it.

    >>> why_it_runs_code("os", "system")
    'runs commands of the operating system'
    >>> why_it_runs_code("json", "codecs.builtins.eval")  # by way of a module that a module has imported
    'runs code that the bytes hold'
    >>> why_it_runs_code("collections", "OrderedDict")
    """
    within = name.split(".")
    ways = [[*module.split("."), *within], *(within[start:] for start in range(len(within) - 1))]
    return next((reason for steps in ways if (reason := reason_of(steps))), None)


def reason_of(steps: list[str]) -> str | None:
    """The reason for the longest beginning of a dotted name that has one."""
    found = (REASONS.get(".".join(steps[:end])) for end in range(len(steps), 0, -1))
    return next((reason for reason in found if reason), None)
