"""The way through an object: every part is met once, its parts before it, and no stack but the walk's own is used.

Where a part is met again on the way to itself, it and all that leads to it is left to
:mod:`brinery.digests.cycles`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from brinery.digests import cycles, form
from brinery.digests.columns import body
from brinery.digests.form import LEAVES, LONGEST, TEXT_HEADS, Node, Pair, head, reference
from brinery.digests.place import place_of
from brinery.digests.rules import Rules
from brinery.errors import EncodeError
from brinery.reducers import LEAVE_OUT

SHAPE_KEYS = 64  # a dict with more keys is not likely to have the same ones as another
SHORT_TEXT = LONGEST // 4 - 1  # characters of a text whose form is never longer than LONGEST


def digest(obj: Any) -> str:
    """The canonical content hash of an object: BLAKE3, as 64 hexadecimal digits.

    Equal values of the same type have the same digest: in any process, under any ``PYTHONHASHSEED``, on Python 3.11
    to 3.13. The order of dicts and sets, sharing, and the layout of arrays do not matter; 1, 1.0 and True differ. What
    is equal is told in full in ``docs/digest.md``, and so are the bytes that are hashed.

    Takes linear time, also where the object shares parts so much that it would be of exponential size without; n log n
    where it has cycles. Depth is limited by memory only.

    Args:
        obj: Nearly anything. It must not be changed meanwhile.

    Raises:
        EncodeError: Something in the object has no value to speak of, such as a generator or a socket. The message
            says what and where.

    >>> digest({"a": 1, "b": [2.0]}) == digest({"b": [2.0], "a": 1})
    True
    >>> digest([1]) == digest([True])
    False
    >>> digest(None)
    '34ab8b65c2622b75106dba567a23b032357b6f78bb9893221cf5c4a61cfc4689'
    """
    walk = Walk()
    try:
        found = walk.reference(obj)
    finally:
        walk.forget()
    return found[1:].hex() if found[:1] == b"#" else form.hashed(found).hex()


class Walk:
    """One walk over an object: the references to all its parts that were met."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.leaves: dict[type, Callable[[Any], bytes]] = {
            **LEAVES,
            str: self.text,
            bytes: self.octets,
            int: self.integer,
        }
        self.references: dict[int, bytes] = {}
        self.open: dict[int, Node] = {}  # begun, and waiting for their parts
        self.prepared: dict[int, Node] = {}  # taken apart, and not begun
        self.cyclic: dict[int, Node] = {}  # left: they lead to a cycle
        self.kept: list[Any] = []  # whose ids are keys
        self.shapes: dict[tuple[str, ...], tuple[bytes, Callable[[Any], Sequence[Any]]]] = {}
        self.builtin: dict[type, Callable[[Any], bytes | Node]] = {
            list: functools.partial(self.sequence, b"l"),
            tuple: functools.partial(self.sequence, b"t"),
            Pair: functools.partial(self.sequence, b"p"),
            dict: self.mapping,
            set: functools.partial(self.elements, b"S"),
            frozenset: functools.partial(self.elements, b"Z"),
        }

    def reference(self, root: Any) -> bytes:
        """The reference to an object."""
        leaf = self.leaves.get(type(root))
        if leaf is not None:
            return leaf(root)
        stack = [root]
        while stack:
            self.step(stack)
        if self.cyclic:
            self.references.update(cycles.references_of(self.cyclic, self.known))
        return self.references[id(root)]

    def forget(self) -> None:
        """Let go of what was met; it can do nothing more.

        A walk leads to itself by its methods: all of that would stay until the next collection.
        """
        self.__dict__.clear()

    def step(self, stack: list[Any]) -> None:
        """Begin with the object on top of the stack, or finish it."""
        obj = stack[-1]
        key = id(obj)
        if key in self.references or key in self.cyclic:
            stack.pop()
            return
        node = self.open.get(key)
        if node is None:
            taken = self.prepared.pop(key, None) or self.take(obj, stack)
            self.kept.append(obj)
            if isinstance(taken, bytes):
                self.references[key] = reference(taken)
                stack.pop()
                return
            node = self.open[key] = taken
            waiting = [part for part in node.parts if self.known(part) is None and self.must_wait(part)]
            stack.extend(part for part in waiting if id(part) not in self.open and id(part) not in self.cyclic)
            if waiting:
                return
        stack.pop()
        del self.open[key]
        found = [self.known(part) for part in node.parts]
        if None in found:
            self.cyclic[key] = node
        else:
            self.references[key] = reference(node_form(node, found))  # type: ignore[arg-type]

    def must_wait(self, part: Any) -> bool:
        """Whether a part needs the stack; containers of builtin types that hold nothing with parts are finished."""
        key = id(part)
        way = self.builtin.get(type(part))
        if way is None or key in self.open or key in self.cyclic or key in self.prepared:
            return True
        taken = way(part)
        self.kept.append(part)
        if isinstance(taken, bytes):
            self.references[key] = reference(taken)
            return False
        self.prepared[key] = taken
        return True

    def known(self, part: Any) -> bytes | None:
        """The reference to a part, if it has no parts itself or was finished."""
        leaf = self.leaves.get(type(part))
        return self.references.get(id(part)) if leaf is None else leaf(part)

    def take(self, obj: Any, stack: list[Any]) -> bytes | Node:
        """The form of an object, or its parts."""
        taken = self.builtin.get(type(obj))
        if taken is not None:
            return taken(obj)
        try:
            return self.rules.apart(obj)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except Exception as error:
            place = place_of([each for each in stack if id(each) in self.open], obj)
            raise EncodeError(
                f"{place}: {error or type(error).__name__}. {getattr(error, 'suggestion', LEAVE_OUT)}, "
                "or tell brinery.register() how to take it apart"
            ) from error

    def once(self, value: Any, leaf: Callable[[Any], bytes]) -> bytes:
        """The reference to a large value without parts, which is hashed once however often it is met."""
        found = self.references.get(id(value))
        if found is None:
            found = self.references[id(value)] = leaf(value)
            self.kept.append(value)
        return found

    def text(self, value: str) -> bytes:
        """The reference to a str."""
        if len(value) <= SHORT_TEXT:
            data = value.encode("utf-8", "surrogatepass")
            return TEXT_HEADS[len(data)] + data
        return self.once(value, form.text_form)

    def octets(self, value: bytes) -> bytes:
        """The reference to a bytes object."""
        return form.bytes_form(value) if len(value) <= LONGEST else self.once(value, form.bytes_form)

    def integer(self, value: int) -> bytes:
        """The reference to an int."""
        return b"i%x;" % value if -(1 << 64) < value < 1 << 64 else self.once(value, form.integer_form)

    def body(self, items: Sequence[Any]) -> bytes | None:
        """The form of what a sequence holds: a column, or one by one; None where something in it has parts."""
        return body(items, self.leaves)

    def sequence(self, tag: bytes, items: Sequence[Any]) -> bytes | Node:
        """A list, a tuple or a pair."""
        body = self.body(items)
        return Node(tag + b"_", items) if body is None else tag + body

    def mapping(self, items: dict[Any, Any]) -> bytes | Node:
        """A dict: its keys in order and then the values, where all keys are texts or all are integers; or pairs."""
        kinds = set(map(type, items))
        if kinds in ({str}, {int}):
            beginning, values = self.ordered(items, kinds == {str})
            body = self.body(values)
            return Node(beginning + b"_", values) if body is None else beginning + body
        for key in items:
            if self.known(key) is None:
                self.must_wait(key)
        forms = [self.pair_form(pair) for pair in items.items()]
        if None in forms:
            return Node(b"m_", [Pair(pair) for pair in items.items()], True)
        return b"m_" + head(len(forms)) + b"".join(sorted(forms))  # type: ignore[type-var, arg-type]

    def pair_form(self, pair: tuple[Any, Any]) -> bytes | None:
        """The reference to a key and its value, where both are known."""
        key, value = self.known(pair[0]), self.known(pair[1])
        if key is None or value is None:
            return None
        return reference(b"p" + (self.body(pair) or b"_2;" + key + value))

    def ordered(self, items: dict[Any, Any], texts: bool) -> tuple[bytes, Sequence[Any]]:
        """The beginning of a dict's form, and its values in the order of its keys."""
        if not texts or len(items) > SHAPE_KEYS:
            keys = sorted(items)
            return b"d" + (self.body(keys) or b""), [items[key] for key in keys]
        names = tuple(items)
        shape = self.shapes.get(names)
        if shape is None:
            keys = sorted(names)
            get = operator.itemgetter(*keys) if len(keys) > 1 else lambda items, key=keys[0]: (items[key],)
            shape = self.shapes[names] = (b"d" + (self.body(keys) or b""), get)
        return shape[0], shape[1](items)

    def elements(self, tag: bytes, items: Any) -> bytes | Node:
        """A set: in order where all elements are texts or all are integers, or else by their references."""
        kinds = set(map(type, items))
        if kinds in ({str}, {int}):
            return tag + (self.body(sorted(items)) or b"")
        if self.leaves.keys() >= kinds:
            forms = sorted([self.leaves[type(item)](item) for item in items])
            return tag + b"_" + head(len(forms)) + b"".join(forms)
        return Node(tag + b"_", tuple(items), True)


def node_form(node: Node, references: list[bytes]) -> bytes:
    """The form of a value whose parts have references."""
    if node.unordered:
        references.sort()
    return node.label + head(len(references)) + b"".join(references)
