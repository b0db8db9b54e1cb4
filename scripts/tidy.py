"""Runs clang-tidy over native/, as many files at a time as there are cores: `tidy.py VENV`. Any finding is an error.

A file that passed is not looked at again until something that it depends on has changed: its text, a header, its
compiler flags, .clang-tidy or clang-tidy itself. `build/tidy` remembers; without it everything is looked at.

Most of the time goes into the headers of the standard library, so that where there is much to do, files are looked at
in groups: as one that includes them. That finds nearly all; a few checks know the file that is compiled alone. A group
in which something was found, or that cannot be compiled as one, is halved until it is one file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PASSED = Path("build/tidy")
# clang-tidy looks at a source once for each command that compiles it: here there is one.
DATABASE = Path("build/tidy-database")
FEW = 8  # files that are looked at one by one
GROUP = 8  # files that are looked at as one
# What including a source says about itself.
OF_GROUPS = "--checks=-bugprone-suspicious-include"


class TidyError(Exception):
    """Clang-tidy can't be run, for a reason that the user can do something about."""


def compile_commands(build: Path) -> dict[Path, str]:
    """What compiles each source of native/; the first will do where a source belongs to several targets.

    Leaves a database of just these in DATABASE.
    """
    database = build / "compile_commands.json"
    try:
        entries = json.loads(database.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TidyError(f"no {database}: run  make setup  first") from None
    first: dict[Path, dict[str, str]] = {}
    for entry in entries:
        source = (Path(entry["directory"]) / entry["file"]).resolve()
        first.setdefault(source.relative_to(Path.cwd()), entry)
    DATABASE.mkdir(parents=True, exist_ok=True)
    (DATABASE / "compile_commands.json").write_text(json.dumps(list(first.values())), encoding="utf-8")
    return {source: entry["command"] for source, entry in first.items()}


def state_of(source: Path, command: str, shared: bytes) -> str:
    """A name for all that the findings in a source depend on."""
    return hashlib.sha256(b"\0".join([shared, command.encode(), source.read_bytes()])).hexdigest()


def findings(clang_tidy: Path, source: Path) -> str:
    """What clang-tidy has to say about one source; nothing if all is well."""
    command = [clang_tidy, "-p", DATABASE, "--quiet", source]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    # What it says on stderr counts what it has left out; it is of use only where it failed with nothing else to say.
    return "" if done.returncode == 0 else done.stdout or done.stderr or f"{source}: clang-tidy failed\n"


def groups_of(sources: list[Path], commands: dict[Path, str]) -> list[list[Path]]:
    """Sources that can be looked at together: of one folder, compiled alike."""
    if len(sources) <= FEW:
        return [[source] for source in sources]
    alike: dict[tuple[Path, str], list[Path]] = {}
    for source in sources:
        alike.setdefault((source.parent, flags_of(commands[source])), []).append(source)
    return [found[start : start + GROUP] for found in alike.values() for start in range(0, len(found), GROUP)]


def flags_of(command: str) -> str:
    """A compiler's command without what it reads and writes."""
    words = iter(shlex.split(command))
    kept = []
    for word in words:
        if word in {"-c", "-o", "-MF", "-MQ"}:
            next(words, None)
        else:
            kept.append(word)
    return shlex.join(kept)


def findings_of(clang_tidy: Path, group: list[Path], command: str, build: Path) -> dict[Path, str]:
    """What clang-tidy has to say about each source of a group; halved until what is found is of one."""
    if len(group) == 1:
        return {group[0]: findings(clang_tidy, group[0])}
    name = hashlib.sha256(repr(group).encode()).hexdigest()[:16]
    whole = (DATABASE / f"{name}.cpp").resolve()
    whole.write_text("".join(f'#include "{source.resolve()}"\n' for source in group), encoding="utf-8")
    options = ["--quiet", OF_GROUPS, f"--config-file={Path('.clang-tidy').resolve()}"]
    _, *flags = shlex.split(flags_of(command))
    done = subprocess.run(
        [clang_tidy.resolve(), *options, whole, "--", *flags], capture_output=True, cwd=build, check=False
    )
    if done.returncode == 0:
        return dict.fromkeys(group, "")
    middle = len(group) // 2
    halves = group[:middle], group[middle:]
    return {key: value for half in halves for key, value in findings_of(clang_tidy, half, command, build).items()}


def main(venv: Path) -> int:
    """Look at what has changed, and say what was found: 1 if there was anything."""
    clang_tidy = venv / "bin" / "clang-tidy"
    tag = subprocess.run(
        [venv / "bin" / "python", "-c", "import sys; print(sys.implementation.cache_tag)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    build = Path("build") / tag
    commands = compile_commands(build)
    sources = sorted(Path("native").rglob("*.cpp"))
    if unknown := [str(source) for source in sources if source not in commands]:
        raise TidyError(f"no target of native/meson.build compiles {', '.join(unknown)}")

    version = subprocess.run([clang_tidy, "--version"], capture_output=True, check=True).stdout
    headers = sorted(Path("native").rglob("*.hpp"))
    shared = b"\0".join([version, Path(".clang-tidy").read_bytes(), *(header.read_bytes() for header in headers)])
    states = {source: PASSED / state_of(source, commands[source], shared) for source in sources}
    changed = [source for source in sources if not states[source].exists()]
    PASSED.mkdir(parents=True, exist_ok=True)
    failed = False
    groups = groups_of(changed, commands)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for results in pool.map(lambda each: findings_of(clang_tidy, each, commands[each[0]], build), groups):
            for source, found in results.items():
                if found:
                    failed = True
                    print(found, end="")
                else:
                    states[source].touch()
    for passed in set(PASSED.iterdir()) - set(states.values()):
        passed.unlink()
    print(f"clang-tidy: {len(changed)} files looked at, {len(sources) - len(changed)} unchanged since they passed")
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except TidyError as error:
        sys.exit(f"error: {error}")
