"""What one hostile stream is: its bytes, where its technique was published, and how to see that it did harm."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Effect = Literal["runs", "crashes", "exhausts", "forges", "refused"]
Reader = Literal["pickle", "pickle-all", "numpy", "joblib", "torch", "pandas", "zip"]
Verdict = Literal["clean", "suspicious", "dangerous", "unreadable"]


@dataclass(frozen=True)
class Marker:
    """A harmless thing for a payload to do: a file appears, or one that was there is gone.

    Streams hold its path, so that two runs of a case do not see each other's files. The path must need no quoting.
    """

    folder: str

    @property
    def path(self) -> str:
        """What a payload creates."""
        return f"{self.folder}/ran"

    @property
    def victim(self) -> str:
        """What a payload that deletes or reads may take; it is there once :meth:`prepare` was called."""
        return f"{self.folder}/victim"

    @property
    def command(self) -> str:
        """For a shell."""
        return f"touch {self.path}"

    @property
    def words(self) -> list[str]:
        """For what starts a program without a shell."""
        return ["/usr/bin/touch", self.path]

    @property
    def code(self) -> str:
        """An expression of Python that also stands as a statement."""
        return f"open({self.path!r},'w')"

    def prepare(self) -> Marker:
        os.makedirs(self.folder, exist_ok=True)
        with open(self.victim, "w", encoding="utf-8") as file:
            file.write("secret")
        return self

    def reset(self) -> Marker:
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.prepare()

    def was_hit(self) -> bool:
        return os.path.lexists(self.path) or not os.path.lexists(self.victim)


@dataclass(frozen=True)
class Attack:
    """One hostile stream.

    Attributes:
        name: Unique; words joined by hyphens.
        technique: What the stream does, in a sentence.
        source: Where the technique was published.
        build: The bytes, given where the marker is.
        effect: What the stdlib's reader does with it: ``runs`` code of the author's choice or changes the process,
            ``crashes`` it, ``exhausts`` memory or time, ``forges`` an object that is not sound and harms on use, or
            ``refused``: it refuses by itself, as others must.
        package: What has to be installed for it to work, as imported; all of it, separated by spaces.
        reader: Who opens it in the wild.
        after: Python to run on what was loaded, as ``made``; it calls ``ran()`` when it sees the harm.
        harmless: Whether a careful reader may give a value instead of refusing.
        until: The first version of Python where the gadget is gone.
    """

    name: str
    family: str
    technique: str
    source: str
    build: Callable[[Marker], bytes]
    effect: Effect = "runs"
    package: str = ""
    reader: Reader = "pickle"
    after: str = ""
    harmless: bool = False
    until: tuple[int, int] = (4, 0)

    def missing(self) -> str:
        """The first package that is not installed, or an empty string."""
        for package in self.package.split():
            if importlib.util.find_spec(package.partition(".")[0]) is None:
                return package
        return ""


class Family(list[Attack]):
    """The attacks of one kind; a list that knows its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def add(self, name: str, technique: str, source: str, build: Callable[[Marker], bytes], **more: object) -> None:
        self.append(Attack(name, self.name, technique, source, build, **more))  # type: ignore[arg-type]
