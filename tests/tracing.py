"""Plain data out of the graph of a trace, to compare with what the decoder makes."""

from typing import Any

from brinery.codec import Trace

PLAIN = {"none", "bool", "int", "float", "str", "bytes", "bytearray", "tuple", "list", "dict", "set", "frozenset"}


class NotPlain(Exception):
    """There is more than plain data in it."""


def rebuilt(traced: Trace, data: bytes) -> Any:
    """The plain data that a trace describes, with what is shared shared. Raises NotPlain."""
    known: dict[int, Any] = {}

    def make(index: int) -> Any:
        if index in known:
            return known[index]
        node = traced[index]
        if node.kind not in PLAIN or node.states or node.appended or node.set or node.added:
            raise NotPlain(node.kind)
        match node.kind:
            case "bytes" | "bytearray":
                at, size = node.value
                known[index] = {"bytes": bytes, "bytearray": bytearray}[node.kind](data[at : at + size])
            case "list":
                made = known[index] = []
                made.extend(map(make, node.items))
            case "dict":
                known[index] = {}
                items = list(map(make, node.items))
                known[index].update(zip(items[::2], items[1::2], strict=True))
            case "set":
                members = known[index] = set()
                members.update(map(make, node.items))
            case "tuple" | "frozenset":
                known[index] = {"tuple": tuple, "frozenset": frozenset}[node.kind](map(make, node.items))
            case _:
                known[index] = node.value
        return known[index]

    if traced.root is None:
        raise NotPlain("it is broken")
    return make(traced.root)
