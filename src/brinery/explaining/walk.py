"""A walk over an object, along the parts that pickling it would write.

It asks the same reducers as :func:`brinery.dumps` does, in the same order, and goes on where that would stop. Each
object is visited once, and depth is limited by memory only.
"""

from __future__ import annotations

import heapq
import itertools
from pickle import PickleBuffer
from types import FunctionType
from typing import Any

from brinery.errors import EncodeError
from brinery.explaining import parts, reasons, sizes
from brinery.explaining.place import Place
from brinery.explaining.report import Explanation, Finding, Kind, Part
from brinery.reducers import VALUE_MODULES, Reduction
from brinery.reducers.registry import reduced_types
from brinery.reducers.usual import is_plainly_named
from brinery.serializer import dumps, place_of

MOST_PARTS = 10
WORTH_LISTING = 1000  # bytes
MADE_UP_BY_ONE = 0.9  # of the size: such a part is no news beside the one that makes it up
MOST_OPENINGS = 100  # of one object among its own arguments


def explain(obj: Any) -> Explanation:
    """What becomes of an object when it is pickled: all that cannot be, that goes by value, or that is made anew.

    As :func:`brinery.dumps` would, it asks the object's own reduce methods. Nothing is loaded. Linear in the size of
    the object, large memory is not copied.

    >>> import brinery
    >>> class Cart:
    ...     def __init__(self):
    ...         self.items = [1, (each for each in ())]
    >>> explanation = brinery.explain(Cart())
    >>> explanation.ok
    False
    >>> for finding in explanation.of("unpicklable"):
    ...     print(finding.path, "-", finding.reason)
    cart.items[1] - cannot pickle 'generator' object: it stands in the midst of its code, which cannot be written down
    """
    reduced_types()  # so that types of modules imported since are known
    walk = Walk()
    walk.run(obj)
    findings = [Finding(kind, place.path, place.type, place.size, why) for kind, place, why in walk.findings]
    if not any(each.kind == "unpicklable" for each in findings):
        findings += failure_of(obj)
    largest = [Part(place.path, place.type, place.size) for _, _, place in sorted(walk.largest, reverse=True)]
    return Explanation(walk.root.path, walk.root.size, findings, largest)


def failure_of(obj: Any) -> list[Finding]:
    """What dumps() says; it has the last word."""
    try:
        dumps(obj, buffers=[])
    except EncodeError as error:
        cause = error.__cause__ or error
        return [Finding("unpicklable", place_of(obj, cause), "", 0, str(cause) or type(cause).__name__)]
    return []


class Walk:
    """One walk; each place of it is in the stack while its parts are gone through."""

    def __init__(self) -> None:
        self.findings: list[tuple[Kind, Place, str]] = []
        self.largest: list[tuple[int, int, Place]] = []  # a heap, the smallest first
        self._count = itertools.count()  # so that places are never compared
        self._reduction = Reduction()
        self._met: dict[int, Any] = {}  # by id; kept alive, as what reduces answer is new
        self._openings: dict[int, int] = {}
        self._stack: list[Place] = []

    def run(self, root: Any) -> None:
        """Walk over all of it."""
        self.root = Place(None, type(root).__name__.lower(), root)
        self._visit(root, self.root)
        while self._stack:
            place = self._stack[-1]
            try:
                step, part, is_state = next(place.parts)
            except StopIteration:
                self._leave(self._stack.pop())
            except Exception as error:  # from an iterator of items
                self._refuse(place, error)
                self._leave(self._stack.pop())
            else:
                self._meet(place, step, part, is_state)

    def _meet(self, above: Place, step: Any, obj: Any, is_state: bool) -> None:
        """Count a part that needs no visit, or begin with it."""
        size = sizes.of_leaf(obj)
        if size is None or size >= WORTH_LISTING:
            self._visit(obj, Place(above, step, obj, is_state))
        elif id(obj) in self._met:
            above.add(sizes.of_reference(len(self._met)))
        else:
            if type(obj) in sizes.MEMOISED:
                self._met[id(obj)] = obj
            above.add(size)

    def _visit(self, obj: Any, place: Place) -> None:
        if id(obj) in self._met:
            place.size = sizes.of_reference(len(self._met))
            return self._count_in(place)
        place.size = sizes.of_leaf(obj) or 0
        if place.size:
            self._met[id(obj)] = obj
            return self._leave(place)
        of_parts = parts.CONTAINERS.get(type(obj))
        if of_parts is None:
            return self._take_apart(obj, place)
        if type(obj) in {tuple, frozenset}:
            return self._open(obj, place, self._until_met(of_parts(obj), obj))
        self._met[id(obj)] = obj
        place.size = sizes.of_container(len(obj))
        self._open(obj, place, parts.of_attributes(obj) if place.is_state and type(obj) is dict else of_parts(obj))
        return None

    def _until_met(self, held: Any, obj: Any) -> Any:
        """What can be met only once it is whole."""
        yield from held
        self._met[id(obj)] = obj

    def _take_apart(self, obj: Any, place: Place) -> None:
        """Ask for a reduce value, and go on to what is in it."""
        try:
            value = self._reduced(obj)
            place.size = self._size_of(obj, value)
        except Exception as error:
            self._met[id(obj)] = obj
            self._refuse(place, error)
            return self._leave(place)
        if not isinstance(value, tuple):
            self._met[id(obj)] = obj
            return self._leave(place)
        self._note(obj, place, value[0])
        return self._open(obj, place, parts.of_reduction(value, made=lambda: self._met.update({id(obj): obj})))

    def _reduced(self, obj: Any) -> Any:
        if type(obj) in {type, FunctionType} and is_plainly_named(obj, VALUE_MODULES):
            return NotImplemented
        return NotImplemented if type(obj) is PickleBuffer else self._reduction.reduce_fully(obj)

    def _size_of(self, obj: Any, value: Any) -> int:
        if isinstance(value, tuple):
            return sizes.CALL + (sizes.STATE if len(value) > 2 else 0)
        return sizes.of_buffer(obj) if type(obj) is PickleBuffer else self._size_of_name(obj, value)

    def _open(self, obj: Any, place: Place, held: Any) -> None:
        place.parts = held
        if id(obj) not in self._met:
            count = self._openings[id(obj)] = self._openings.get(id(obj), 0) + 1
            if count > MOST_OPENINGS:
                self._met[id(obj)] = obj
                self._refuse(place, RecursionError("it is among the arguments that it would be made of"))
                return self._leave(place)
        return self._stack.append(place)

    def _note(self, obj: Any, place: Place, call: Any) -> None:
        if reasons.is_by_value(obj, call):
            place.is_class = isinstance(obj, type)
            if not (place.owner and place.owner.is_class):  # the methods of a class go with it
                self.findings.append(("by value", place, reasons.by_value(obj)))
        elif (reason := reasons.anew(call)) is not None:
            self.findings.append(("made anew", place, reason))

    def _refuse(self, place: Place, error: Exception) -> None:
        self.findings.append(("unpicklable", place, str(error) or type(error).__name__))

    def _size_of_name(self, obj: Any, value: Any) -> int:
        names = (getattr(obj, "__module__", ""), value if isinstance(value, str) else getattr(obj, "__qualname__", ""))
        size = sizes.GLOBAL
        for name in names:
            size += sizes.of_reference(len(self._met)) if id(name) in self._met else sizes.of_text(str(name))
            self._met[id(name)] = name
        return size

    def _leave(self, place: Place) -> None:
        """All of its parts are counted."""
        is_news = place.heaviest < MADE_UP_BY_ONE * place.size and not place.is_inner
        if is_news and place.size >= WORTH_LISTING:
            heapq.heappush(self.largest, (place.size, next(self._count), place))
            if len(self.largest) > MOST_PARTS:
                heapq.heappop(self.largest)
        self._count_in(place)

    def _count_in(self, place: Place) -> None:
        if place.above is not None:
            place.above.add(place.size, place.heaviest if place.is_inner else place.size)
