"""One value in a pickle, and what it holds: inert, read from the graph of the stream as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from brinery import codec
from brinery.peeking.kinds import MAKERS, PLAIN, SCALARS
from brinery.peeking.lazily import Lazily
from brinery.peeking.plain import nodes_of
from brinery.peeking.text import lines_of, summary


class Tree:
    """One value in a pickle that nobody has run.

    Items are found as in the real object, attributes too: ``tree["model"]["weights"]``; each is a ``Tree`` again.
    ``value`` is the value of what is a number, text or bytes. Nothing is imported: classes are names.

    ``kind`` is one of ``none bool int float str bytes bytearray tuple list dict set frozenset``; ``global``: a class or
    function by its name; ``new``, ``object``: an instance of a class; ``call``: what a function returns, or a class;
    ``persistent``, ``extension``, ``buffer``: what only the reader can tell.

    >>> import brinery, datetime, pickle
    >>> tree = brinery.peek(pickle.dumps({"age": datetime.timedelta(days=3)}))["age"]
    >>> tree.kind, tree.type, [each.value for each in tree.arguments]
    ('call', 'datetime.timedelta', [3, 0, 0])
    """

    __slots__ = ("_data", "_elements", "_node", "_pairs", "_trace", "index", "kind")

    def __init__(self, data: memoryview, trace: codec.Trace, index: int) -> None:
        """The value of that index in a trace of the data."""
        self._data = data
        self._trace = trace
        self._node = trace[index]
        self._elements: Sequence[Tree] | None = None
        self._pairs: Sequence[tuple[Tree, Tree]] | None = None
        self.index = index  # equal for one object that stands in several places
        self.kind = self._node.kind

    @property
    def offset(self) -> int:
        """Where its opcode is."""
        return self._node.offset

    @property
    def value(self) -> Any:
        """The value of numbers, text and bytes; ``module.name`` of globals; None of all that holds others."""
        found = self._node.value
        match self.kind:
            case "bytes" | "bytearray":
                return bytes(self.content)
            case "global":
                return ".".join(found)
        return found

    @property
    def content(self) -> memoryview:
        """The bytes of ``bytes`` and ``bytearray``, not copied; none of others."""
        if self.kind not in {"bytes", "bytearray"}:
            return self._data[:0]
        at, size = self._node.value
        return self._data[at : at + size]

    @property
    def callee(self) -> Tree | None:
        """What is called to make it; None of what needs no call."""
        return None if self._node.callee is None else self._at(self._node.callee)

    @property
    def type(self) -> str:
        """The name of its class, or of what is called to make it: ``collections.OrderedDict``."""
        callee = self.callee
        if callee is None:
            return self.kind
        if callee.kind != "global":
            return f"what {callee.type} returns"
        if callee.value in MAKERS and (arguments := self.arguments) and arguments[0].kind == "global":
            return str(arguments[0].value)
        return str(callee.value)

    @property
    def arguments(self) -> Sequence[Tree]:
        """The arguments of the call; where they are no tuple, that alone."""
        if self.kind in PLAIN or self._node.args is None:
            return ()
        given = self._at(self._node.args)
        return given._each(given._node.items) if given.kind == "tuple" else [given]

    @property
    def keywords(self) -> Sequence[tuple[Tree, Tree]]:
        """The keyword arguments of the call: names and values."""
        if self.kind in PLAIN or self._node.kwargs is None:
            return ()
        given = self._at(self._node.kwargs)
        return given.pairs() if given.kind == "dict" else ()

    @property
    def states(self) -> Sequence[Tree]:
        """What its state is set from, in order; most objects have one, many none."""
        return () if self.kind in PLAIN else self._each(self._node.states)

    def elements(self) -> Sequence[Tree]:
        """The items of a list or tuple, the members of a set; of an object, what is appended or added to it."""
        if self._elements is None:
            if self.kind in SCALARS or self.kind == "dict":
                self._elements = ()
            elif self.kind in PLAIN:
                self._elements = self._each(self._node.items)
            else:
                self._elements = self._each([*self._node.items, *self._node.appended, *self._node.added])
        return self._elements

    def pairs(self) -> Sequence[tuple[Tree, Tree]]:
        """Keys and values of a dict, or those set on an object."""
        if self._pairs is None:
            self._pairs = () if self.kind in PLAIN and self.kind != "dict" else self._read_pairs()
        return self._pairs

    def _read_pairs(self) -> Sequence[tuple[Tree, Tree]]:
        indices = self._node.items if self.kind == "dict" else self._node.set
        return Lazily(range(0, len(indices), 2), lambda at: (self._at(indices[at]), self._at(indices[at + 1])))

    def attributes(self) -> Sequence[tuple[Tree, Tree]]:
        """Names and values in the states that are a dict, or a pair of dicts as of classes with slots."""
        if self.kind in PLAIN:
            return ()
        dicts = [part.pairs() for state in self.states for part in state._attribute_dicts()]
        return dicts[0] if len(dicts) == 1 else [pair for pairs in dicts for pair in pairs]

    def loose_states(self) -> list[Tree]:
        """The states that are no dict of attributes: what ``__setstate__`` makes of them, only the class knows."""
        return [state for state in self.states if not state._attribute_dicts() and state.kind != "none"]

    def __getitem__(self, key: Any) -> Tree:
        """The item with that key or index, or else the attribute of that name; the last one where there are several.

        Raises KeyError or IndexError, which say what there is. Linear in the number of items.
        """
        for pairs in (self.pairs(), self.attributes()):
            for name, value in reversed(pairs):
                if _same(name.key(), key):
                    return value
        elements = self.elements()
        if isinstance(key, int) and elements:
            return elements[key]
        raise KeyError(f"{key!r} is not in this {self.type}, which has {self._inventory(len(elements))}")

    def keys(self) -> list[Any]:
        """What can be asked for with ``[...]``: keys, names of attributes, or indices; not keys that are objects."""
        named = [key.key() for key, _ in (*self.pairs(), *self.attributes())]
        return [each for each in named if each is not _NO_KEY] + list(range(len(self.elements())))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.elements()) + len(self.pairs()) + len(self.attributes())

    def __bool__(self) -> bool:
        return True

    def key(self) -> Any:
        """The value as a key: of scalars and of tuples of scalars; a mark that equals nothing for others."""
        if self.kind in SCALARS:
            return self.value
        if self.kind == "tuple":
            parts = [each.value if each.kind in SCALARS else _NO_KEY for each in self.elements()]
            return tuple(parts) if _NO_KEY not in parts else _NO_KEY
        return _NO_KEY

    def __repr__(self) -> str:
        return f"<Tree {summary(self)}>"

    def __str__(self) -> str:
        return "\n".join(lines_of([self]))

    def to_json(self, depth: int = 50, width: int | None = None) -> str:
        """The value and what it holds as JSON, as in :meth:`Contents.to_json`."""
        import json

        return json.dumps(nodes_of([self], depth, width)[0])

    def _at(self, index: int) -> Tree:
        return Tree(self._data, self._trace, index)

    def _each(self, indices: list[int]) -> Sequence[Tree]:
        return Lazily(indices, self._at)

    def _attribute_dicts(self) -> list[Tree]:
        """The dicts of attributes in a state."""
        if self.kind == "dict":
            return [self]
        parts = self.elements() if self.kind == "tuple" else ()
        if len(parts) == 2 and parts[1].kind == "dict" and parts[0].kind in {"none", "dict"}:
            return [each for each in parts if each.kind == "dict"]
        return []

    def _inventory(self, elements: int) -> str:
        shown = [repr(each) for each in self.keys()[:8]]
        return ", ".join(shown) + (" ..." if len(self) > len(shown) else "") if shown or elements else "nothing"


_NO_KEY = object()


def _same(one: Any, other: Any) -> bool:
    """Whether they are the same key; True is not 1 here, since a tree tells them apart."""
    return type(one) is type(other) and bool(one == other)


Tree.__module__ = "brinery.peeking"
