"""Gadgets of the standard library that start programs."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import (
    FALSE,
    NONE,
    call,
    listed,
    mapped,
    name,
    new,
    number,
    packed,
    raw,
    stream,
    text,
    words,
)
from tests.attacks.case import Family, Marker

CASES = Family("programs")
PRIVATE_MODULES = sources.picklescan("GHSA-g38g-8gr9-h9xp")


def transport(marker: Marker) -> bytes:
    """The method of a transport, called with any object that has attributes."""
    start = name("asyncio.unix_events", "_UnixSubprocessTransport._start")
    other = call(name("types", "SimpleNamespace"))
    return stream(call(start, other, words(marker.words), FALSE, NONE, NONE, NONE, number(0)))


def passed_fds(marker: Marker) -> bytes:
    spawn = name("multiprocessing.util", "spawnv_passfds")
    return stream(
        call(spawn, raw(marker.words[0].encode()), listed(*(raw(word.encode()) for word in marker.words)), packed())
    )


def mailcap(marker: Marker) -> bytes:
    entry = mapped((text("view"), text("cat %s")), (text("test"), text(marker.command)))
    caps = mapped((text("text/plain"), listed(entry)))
    return stream(call(name("mailcap", "findmatch"), caps, text("text/plain"), text("view"), text("x"), listed()))


def pipeline(marker: Marker) -> bytes:
    step = packed(text(f"{marker.command}; cat"), text("--"))
    template = (
        new(name("pipes", "Template")) + mapped((text("steps"), listed(step)), (text("debugging"), number(0))) + b"b"
    )
    return stream(call(name("pipes", "Template.copy"), template, text("/dev/null"), text("/dev/null")))


def browser(marker: Marker) -> bytes:
    made = call(name("webbrowser", "GenericBrowser"), listed(text(marker.words[0]), text("%s")))
    return stream(call(name("webbrowser", "GenericBrowser.open"), made, text(marker.path)))


def fork_exec(marker: Marker) -> bytes:
    """The arguments that subprocess gives it in 3.11 to 3.13."""
    program = [listed(*(raw(word.encode()) for word in marker.words)), packed(raw(marker.words[0].encode()))]
    descriptors = [*[number(-1)] * 6, call(name("os", "dup"), number(0)), call(name("os", "dup"), number(0))]
    rest = [FALSE, FALSE, number(-1), NONE, NONE, NONE, number(-1), NONE, FALSE]
    fork = name("_posixsubprocess", "fork_exec")
    return stream(call(fork, *program, FALSE, packed(), NONE, NONE, *descriptors, *rest))


CASES.add(
    "uuid",
    "uuid._get_command_stdout",
    PRIVATE_MODULES,
    lambda m: stream(call(name("uuid", "_get_command_stdout"), *map(text, m.words))),
)
CASES.add(
    "osx-support",
    "_osx_support._read_output, there on every system",
    PRIVATE_MODULES,
    lambda m: stream(call(name("_osx_support", "_read_output"), text(m.command))),
)
CASES.add(
    "imaplib",
    "imaplib.IMAP4_stream talks to a program that it starts",
    PRIVATE_MODULES,
    lambda m: stream(call(name("imaplib", "IMAP4_stream"), text(m.command))),
)
CASES.add(
    "script-helper",
    "test.support.script_helper.assert_python_ok starts an interpreter",
    PRIVATE_MODULES,
    lambda m: stream(call(name("test.support.script_helper", "assert_python_ok"), text("-c"), text(m.code))),
)
CASES.add(
    "pydoc-pipepager",
    "pydoc.pipepager",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pydoc", "pipepager"), text("x"), text(m.command))),
    until=(3, 13),
)
CASES.add(
    "pydoc-tempfilepager",
    "pydoc.tempfilepager",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("pydoc", "tempfilepager"), text("x"), text(m.command + " #"))),
    until=(3, 13),
)
CASES.add("asyncio-transport", "asyncio's transport of a child", sources.picklescan("GHSA-q77w-mwjj-7mqx"), transport)
CASES.add("spawnv-passfds", "multiprocessing.util.spawnv_passfds", sources.fickling("GHSA-q5qq-mvfm-j35x"), passed_fds)
CASES.add("mailcap", "mailcap.findmatch runs the test of an entry", sources.BYPASS_GAME, mailcap, until=(3, 13))
CASES.add("pipes", "pipes.Template.copy", sources.BYPASS_GAME, pipeline, until=(3, 13))
CASES.add(
    "setuptools-spawn",
    "setuptools' copy of distutils.spawn",
    sources.BYPASS_GAME,
    lambda m: stream(call(name("setuptools._distutils.spawn", "spawn"), words(m.words))),
    package="setuptools",
)
CASES.add("webbrowser", "webbrowser.GenericBrowser of a program that is none", sources.FICKLING_STDLIB, browser)
CASES.add(
    "pip",
    "pip._internal.main: here it writes a log, it could install a package",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1716",
    lambda m: stream(call(name("pip._internal", "main"), words(["--log", m.path, "cache", "dir"]))),
    package="pip",
)
CASES.add(
    "ensurepip",
    "ensurepip._run_pip starts pip in an interpreter of its own",
    sources.picklescan("GHSA-xp4f-hrf8-rxw7"),
    lambda m: stream(call(name("ensurepip", "_run_pip"), words(["--log", m.path, "cache", "dir"]))),
    package="pip",
)
CASES.add(
    "venv",
    "venv.create makes an environment, its interpreter included",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("venv", "create"), text(m.path))),
)
CASES.add(
    "distutils-write",
    "distutils.file_util.write_file",
    sources.picklescan("GHSA-m273-6v24-x4m4"),
    lambda m: stream(call(name("distutils.file_util", "write_file"), text(m.path), listed(text("x")))),
    until=(3, 12),
)
CASES.add(
    "logging-file",
    "logging.FileHandler creates a file",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("logging", "FileHandler"), text(m.path))),
)
CASES.add(
    "sqlite",
    "sqlite3.connect creates a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("sqlite3", "connect"), text(m.path))),
)
CASES.add(
    "zipfile",
    "zipfile.ZipFile creates a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("zipfile", "ZipFile"), text(m.path), text("w"))),
)
CASES.add(
    "shelve",
    "dbm.dumb.open creates files",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("shelve", "DbfilenameShelf"), text(m.path), text("n"))),
    after="import glob, os\nif glob.glob(os.path.dirname(marker) + '/ran*'): ran()",
)
CASES.add(
    "py-compile",
    "py_compile.compile writes a file where it is told",
    PRIVATE_MODULES,
    lambda m: stream(call(name("py_compile", "compile"), name("os", "__file__"), text(m.path))),
)
CASES.add(
    "mailbox",
    "mailbox.mbox creates a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("mailbox", "mbox"), text(m.path))),
)
CASES.add(
    "unix-server",
    "socketserver.UnixStreamServer opens a socket",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("socketserver", "UnixStreamServer"), text(m.path), NONE)),
)
CASES.add(
    "temporary-file-closer",
    "a tempfile closer that is dropped deletes the file it names",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        new(name("tempfile", "_TemporaryFileCloser"))
        + mapped((text("file"), call(name("io", "BytesIO"))), (text("name"), text(m.victim)), (text("delete"), b"\x88"))
        + b"b0N"
    ),
)
CASES.add(
    "temporary-directory",
    "tempfile.TemporaryDirectory._rmtree deletes a folder",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("tempfile", "TemporaryDirectory._rmtree"), text(m.folder))),
)
CASES.add("fork-exec", "_posixsubprocess.fork_exec, below subprocess", sources.FICKLING_EXIT, fork_exec)
CASES.add(
    "bootsubprocess",
    "_bootsubprocess.Popen.wait, the small subprocess of the build",
    PRIVATE_MODULES,
    lambda m: stream(
        call(name("_bootsubprocess", "Popen.wait"), call(name("_bootsubprocess", "Popen"), words(m.words)))
    ),
    until=(3, 12),
)
