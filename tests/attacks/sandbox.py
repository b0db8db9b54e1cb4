"""Opens hostile streams in child processes that can do no harm, and tells what became of each.

``python -m tests.attacks.sandbox MODE NAME...`` builds the named attacks and forks a child for each, under limits; it
prints a line of JSON an attack. :func:`outcomes` starts one such process for each set of packages.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.case import Attack, Marker

ROOT = Path(__file__).parents[2]
MEGABYTE = 1 << 20
MEMORY = 200 * MEGABYTE  # of address space, beyond what the process has before it loads
WARMING = (b"\x80\x04]\x94.", b"ccollections\nOrderedDict\n)R.", b"cos\nsystem\nVx\n\x85R.")
SECONDS = 2  # of processor time; wall time is no measure on a busy machine
# Seconds of wall time until a child that waits or sleeps is ended. Attacks of that kind do so under the stdlib alone.
PATIENCE = {"stdlib": 15.0, "brinery": 60.0, "scan": 60.0}


@dataclass
class Outcome:
    """What became of one load.

    Attributes:
        name: The attack's.
        end: ``loaded``, ``raised``, ``killed`` (by a signal), ``stuck`` (ended after :data:`PATIENCE`), or
            ``missing`` (a package is not installed).
        detail: The exception's type and message, or the signal.
        errors: The names of the exception's classes.
        hit: Whether the marker was touched, or the attack's own check saw harm.
        modules: What was imported meanwhile.
        value: What was loaded, if it is a text.
    """

    name: str
    end: str
    detail: str = ""
    errors: list[str] = field(default_factory=list)
    hit: bool = False
    modules: list[str] = field(default_factory=list)
    value: str = ""


def outcomes(mode: str, attacks: Iterable[Attack]) -> Iterator[Outcome]:
    """Opens each attack, in the order of their packages."""
    groups: dict[str, list[str]] = {}
    for attack in attacks:
        groups.setdefault(attack.package, []).append(attack.name)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    for names in groups.values():
        command = [sys.executable, "-m", "tests.attacks.sandbox", mode, *names]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
        if done.returncode != 0:
            raise RuntimeError(f"the sandbox for {names} ended with {done.returncode}: {done.stderr[-2000:]}")
        for row in done.stdout.splitlines():
            yield Outcome(**json.loads(row))


def opened(attack: Attack, data: bytes, marker: Marker, mode: str) -> Outcome:
    """The outcome of one load, in a forked child."""
    told, status = forked(lambda writing: confined(attack, data, marker, mode, writing), PATIENCE[mode])
    outcome = Outcome(attack.name, "killed") if not told else Outcome(attack.name, **json.loads(told))
    if told is None:
        outcome.end = "stuck"
    elif os.WIFSIGNALED(status):
        outcome.end, outcome.detail = "killed", signal.Signals(os.WTERMSIG(status)).name
    return outcome


def forked(work: Callable[[int], None], patience: float) -> tuple[bytes | None, int]:
    """What a child wrote to the descriptor that `work` is given, and how it ended.

    None stands for a child that did not end in time. Whatever the child started is ended, too.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        work(writing)
        os._exit(0)
    os.close(writing)
    told = told_by(child, reading, patience)
    _, status = os.waitpid(child, 0)
    end_group(child)
    return told, status


def told_by(child: int, reading: int, patience: float) -> bytes | None:
    """What the child writes until it ends; None if it does not."""
    told = b""
    last = time.monotonic() + patience
    with open(reading, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, last - time.monotonic()))[0]:
            piece = pipe.read(65536)
            if not piece:
                return told
            told += piece
    os.kill(child, signal.SIGKILL)
    return None


def end_group(child: int) -> None:
    """Ends what a payload started and left."""
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


def confined(attack: Attack, data: bytes, marker: Marker, mode: str, writing: int) -> None:
    """In the child: limits, the load, the use, the end of the process as an interpreter has it."""
    os.chdir(marker.folder)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    load = LOADERS[mode](attack)
    limit(MEMORY, SECONDS)
    # A value that takes for ever to walk is a value: that is for its user to bound.
    after = attack.after if mode == "stdlib" or attack.effect != "exhausts" else ""
    made, told = attempted(after, load, data, marker)
    os.write(writing, json.dumps(told).encode())
    del made
    gc.collect()
    atexit._run_exitfuncs()


def limit(memory: int, seconds: int) -> None:
    """Of address space, beyond what is taken already, and of processor time."""
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def attempted(after: str, load: Callable[[bytes], Any], data: bytes, marker: Marker) -> tuple[Any, dict[str, Any]]:
    told: dict[str, Any] = {"end": "raised", "hit": False}
    made = None
    before = set(sys.modules)

    def ran() -> None:
        told["hit"] = True

    scope = {"ran": ran, "marker": marker.path}
    try:
        try:
            made = load(data)
        finally:
            told["modules"] = sorted(set(sys.modules) - before)
        told["end"] = "loaded"
        told["value"] = made if isinstance(made, str) and len(made) < 100 else ""
        if after:
            exec(after, scope | {"made": made})  # what the corpus itself says
    except BaseException as error:
        told["detail"] = f"{type(error).__name__}: {error}"[:300]
        told["errors"] = [each.__name__ for each in type(error).__mro__]
    # A module that was imported before its name was missed is harm that `made` does not show.
    if after and made is None and told["end"] == "raised":
        checked(after, scope)
    return made, told


def checked(after: str, scope: dict[str, Any]) -> None:
    try:
        exec(after, scope | {"made": None})
    except Exception:
        return


def warm() -> None:
    """Has brinery import what it imports on first use, so that what an attack imports stands out."""
    import brinery

    load: Callable[[bytes], Any]
    for load in (brinery.loads, getattr(brinery, "scan", brinery.loads)):
        for data in WARMING:
            with contextlib.suppress(brinery.DecodeError):
                load(data)


def stdlib_loader(attack: Attack) -> Callable[[bytes], Any]:
    """Who opens such a file in the wild; what it needs is imported before the limits are set."""
    from tests.attacks import readers

    return getattr(readers, attack.reader.replace("-", "_"))()  # type: ignore[no-any-return]


def brinery_loader(attack: Attack) -> Callable[[bytes], Any]:
    import brinery

    return brinery.loads


def scan_loader(attack: Attack) -> Callable[[bytes], Any]:
    import brinery

    return lambda data: brinery.scan(data).verdict


LOADERS: dict[str, Callable[[Attack], Callable[[bytes], Any]]] = {
    "stdlib": stdlib_loader,
    "brinery": brinery_loader,
    "scan": scan_loader,
}


def waited(marker: Marker, expected: bool) -> bool:
    """Whether the marker was hit; a program that a payload started may need a moment."""
    last = time.monotonic() + (1.0 if expected else 0.0)
    while not marker.was_hit() and time.monotonic() < last:
        time.sleep(0.02)
    return marker.was_hit()


def main() -> None:
    mode, *names = sys.argv[1:]
    if mode != "stdlib":
        warm()
    # Not a TemporaryDirectory: a child would remove it as it ends like an interpreter.
    folder = tempfile.mkdtemp(prefix="attack")
    try:
        for index, name in enumerate(names):
            print(json.dumps(asdict(tried(name, mode, Marker(f"{folder}/{index}")))), flush=True)
    finally:
        shutil.rmtree(folder)


def tried(name: str, mode: str, marker: Marker) -> Outcome:
    from tests.attacks.corpus import CORPUS

    attack = next(attack for attack in CORPUS if attack.name == name)
    if attack.missing():
        return Outcome(name, "missing", attack.missing())
    for package in attack.package.split():
        importlib.import_module(package)
    marker.prepare()
    outcome = opened(attack, attack.build(marker), marker, mode)
    outcome.hit |= waited(marker, mode == "stdlib" and attack.effect == "runs")
    return outcome


if __name__ == "__main__":
    main()
