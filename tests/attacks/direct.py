"""Calls of what runs code by name, and files that are harmful by being opened."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import call, listed, mapped, name, number, raw, stream, text, words
from tests.attacks.case import Family

CASES = Family("direct calls")

CASES.add(
    "os-system",
    "os.system by REDUCE",
    sources.PYTHON_DOCS,
    lambda m: stream(call(name("os", "system"), text(m.command))),
)
CASES.add(
    "posix-system",
    "os.system by the name that the pickler writes",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("posix", "system"), text(m.command))),
)
CASES.add(
    "eval", "builtins.eval", sources.PICKLESCAN_TESTS, lambda m: stream(call(name("builtins", "eval"), text(m.code)))
)
CASES.add(
    "exec", "builtins.exec", sources.PICKLESCAN_TESTS, lambda m: stream(call(name("builtins", "exec"), text(m.code)))
)
CASES.add(
    "exec-long",
    "builtins.exec of a source of 5,000 characters, which no scanner prints",
    sources.TRAIL_OF_BITS,
    lambda m: stream(call(name("builtins", "exec"), text("#" + "x" * 5000 + "\n" + m.code))),
)
CASES.add(
    "subprocess-popen",
    "subprocess.Popen",
    sources.ELHAGE,
    lambda m: stream(call(name("subprocess", "Popen"), words(m.words))),
)
CASES.add(
    "subprocess-run",
    "subprocess.run",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("subprocess", "run"), words(m.words))),
)
CASES.add(
    "subprocess-getoutput",
    "subprocess.getoutput, through a shell",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("subprocess", "getoutput"), text(m.command))),
)
CASES.add("os-popen", "os.popen", sources.SOUR_PICKLES, lambda m: stream(call(name("os", "popen"), text(m.command))))
CASES.add(
    "os-posix-spawn",
    "os.posix_spawn",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "posix_spawn"), text(m.words[0]), words(m.words), mapped())),
)
CASES.add(
    "os-execv",
    "os.execv puts another program in the place of the process",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "execv"), text(m.words[0]), words(m.words))),
)
CASES.add(
    "pty-spawn",
    "pty.spawn",
    sources.fickling("GHSA-r7v6-mfhq-g3m2"),
    lambda m: stream(call(name("pty", "spawn"), words(m.words))),
)
CASES.add(
    "open-for-writing",
    "builtins.open empties or creates a file",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("builtins", "open"), text(m.path), text("w"))),
)
CASES.add(
    "file-io",
    "_io.FileIO creates a file",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("_io", "FileIO"), text(m.path), text("w"))),
)
CASES.add(
    "os-remove",
    "os.remove deletes a file",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "remove"), text(m.victim))),
)
CASES.add(
    "shutil-move",
    "shutil.move takes a file away",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("shutil", "move"), text(m.victim), text(m.path))),
)
CASES.add(
    "shutil-rmtree",
    "shutil.rmtree deletes a folder",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("shutil", "rmtree"), text(m.folder))),
)
CASES.add(
    "os-mkdir",
    "os.mkdir makes a folder",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "mkdir"), text(m.path))),
)
CASES.add(
    "path-write-text",
    "pathlib.Path.write_text, an innocent class's method",
    sources.BYPASS_GAME,
    lambda m: stream(
        call(name("pathlib", "Path.write_text"), call(name("pathlib", "PosixPath"), text(m.path)), text("x"))
    ),
)
CASES.add(
    "path-touch",
    "pathlib.Path.touch",
    sources.BYPASS_GAME,
    lambda m: stream(call(name("pathlib", "Path.touch"), call(name("pathlib", "PosixPath"), text(m.path)))),
)
CASES.add(
    "path-unlink",
    "pathlib.Path.unlink deletes a file",
    sources.BYPASS_GAME,
    lambda m: stream(call(name("pathlib", "Path.unlink"), call(name("pathlib", "PosixPath"), text(m.victim)))),
)
CASES.add(
    "read-a-file",
    "linecache.getline reads a secret into the object, for another gadget to send on",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("linecache", "getline"), text(m.victim), number(1))),
    after="if 'secret' in made: ran()",
)
CASES.add(
    "fetch-a-url",
    "urllib.request.urlretrieve fetches a payload into a file",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("urllib.request", "urlretrieve"), text("data:,x"), text(m.path))),
)
CASES.add(
    "listen",
    "multiprocessing.connection.Listener opens a socket to whoever comes",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("multiprocessing.connection", "Listener"), text(m.path), text("AF_UNIX"))),
    after="import os\nif os.path.exists(made.address): ran()",
)
CASES.add(
    "os-abort",
    "os.abort ends the process",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "abort"))),
    effect="crashes",
)
CASES.add(
    "os-kill",
    "os.kill ends the process, or the group of it",
    sources.FICKLING_STDLIB,
    lambda m: stream(call(name("os", "kill"), call(name("os", "getpid")), number(9))),
    effect="crashes",
)
CASES.add(
    "alarm",
    "signal.setitimer ends the process a while after the load",
    sources.CALL_GRAPH,
    lambda m: stream(call(name("signal", "setitimer"), number(0), number(1))),
    after="import time; time.sleep(1.5)",
    effect="crashes",
)
CASES.add(
    "exit",
    "os._exit ends the process in silence: what follows the load never happens",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("os", "mkdir"), text(m.path)) + b"0" + call(name("os", "_exit"), number(0))),
)
CASES.add(
    "faulthandler",
    "faulthandler._sigsegv crashes by design",
    sources.FICKLING_PRIVATE,
    lambda m: stream(call(name("faulthandler", "_sigsegv"))),
    effect="crashes",
)
CASES.add(
    "ctypes-cdll",
    "ctypes.CDLL gives the C library, getattr its system()",
    sources.picklescan("GHSA-4675-36f9-wf6r"),
    lambda m: stream(
        call(
            call(name("builtins", "getattr"), call(name("ctypes", "CDLL"), b"N"), text("system")),
            raw(m.command.encode()),
        )
    ),
)
CASES.add(
    "ctypes-string-at",
    "ctypes.string_at reads where nothing is",
    sources.fickling("GHSA-q5qq-mvfm-j35x"),
    lambda m: stream(call(name("ctypes", "string_at"), number(1), number(8))),
    effect="crashes",
)
CASES.add(
    "ctypes-memset",
    "ctypes.memset writes where it likes",
    sources.fickling("GHSA-q5qq-mvfm-j35x"),
    lambda m: stream(call(name("ctypes", "memset"), number(1), number(0), number(8))),
    effect="crashes",
)
CASES.add(
    "in-data",
    "a call as the item of a list of a dict of a tuple",
    sources.TRAIL_OF_BITS,
    lambda m: stream(
        b"(K\x01", mapped((text("weights"), listed(number(1), call(name("os", "system"), text(m.command))))), b"t"
    ),
)
