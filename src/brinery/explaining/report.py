"""What an explanation says, as data and as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Literal

Kind = Literal["unpicklable", "by value", "made anew"]

PUBLIC_MODULE = "brinery.explaining"
HEADINGS: dict[Kind, str] = {
    "unpicklable": "cannot be pickled",
    "by value": "goes by value, with its code",
    "made anew": "is made anew where it is loaded",
}
ADVICE = (
    "Leave out what cannot be pickled with __getstate__(), tell brinery.register() how to take it apart, "
    'or ask for stand-ins: dumps(obj, unpicklable="stand-in")'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One place in an object, what becomes of it, and why."""

    kind: Kind
    path: str  # as in error messages: "cart.items[3].handler"
    type: str
    size: int  # bytes that it adds to the pickle, with all that it holds
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One of the places that make a pickle large."""

    path: str
    type: str
    size: int  # bytes, with all that it holds


@dataclasses.dataclass(frozen=True, slots=True)
class Explanation:
    """What :func:`brinery.explain` found; iterating gives the findings, printing a table."""

    root: str
    size: int  # bytes, without the seal; an estimate, within a few percent
    findings: list[Finding]  # in the order in which they would be written
    largest: list[Part]  # the largest first; not those that one other part makes up nearly whole

    @property
    def ok(self) -> bool:
        """Whether :func:`brinery.dumps` takes the object."""
        return not self.of("unpicklable")

    def of(self, kind: Kind) -> list[Finding]:
        """The findings of a kind."""
        return [each for each in self.findings if each.kind == kind]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dicts and lists, ready for JSON."""
        return {"ok": self.ok, **dataclasses.asdict(self)}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __repr__(self) -> str:
        outcome = "ok" if self.ok else f"{len(self.of('unpicklable'))} unpicklable"
        return f"<Explanation of {self.root}: {outcome}, {len(self.findings)} findings, {readable(self.size)}>"

    def __str__(self) -> str:
        lines = [self._summary()]
        for title, rows in self._tables():
            lines += ["", title, *aligned(rows)]
        if not self.ok:
            lines += ["", ADVICE]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        parts = [f"<p>{escape(self._summary())}</p>"]
        for title, rows in self._tables():
            cells = ("".join(f"<td>{escape(each)}</td>" for each in row) for row in rows)
            body = "".join(f"<tr>{each}</tr>" for each in cells)
            parts.append(f"<table><caption>{escape(title)}</caption>{body}</table>")
        return "".join(parts)

    def _summary(self) -> str:
        outcome = "can be pickled" if self.ok else "cannot be pickled"
        return f"{self.root} {outcome}: about {readable(self.size)}"

    def _tables(self) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
        for kind, title in HEADINGS.items():
            if found := self.of(kind):
                yield title, [(each.path, each.type, readable(each.size), each.reason) for each in found]
        if self.largest:
            yield "largest parts", [(each.path, each.type, readable(each.size)) for each in self.largest]


for _each in (Finding, Part, Explanation):
    _each.__module__ = PUBLIC_MODULE


def readable(size: float) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size:.0f} B"
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"


def aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows as lines of columns that stand under each other."""
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
