"""What an object holds, in the order in which it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from brinery.explaining.place import key_text

Part = tuple[Any, Any, bool]  # the step to it, the object, whether it is a dict of attributes

# The parts of states that brinery's own reducers make, by what sets them.
STATE_NAMES: dict[str, tuple[str, ...]] = {
    "set_function_state": (".__globals__", ".__closure__", ""),
    "set_class_state": ("", "", ".<registered>", ""),
}


def of_sequence(items: Any) -> Iterator[Part]:
    for index, item in enumerate(items):
        yield (index,), item, False


def of_dict(items: dict[Any, Any]) -> Iterator[Part]:
    for key, value in items.items():
        yield ".<key>", key, False
        yield (key,), value, False


def of_attributes(attributes: dict[Any, Any]) -> Iterator[Part]:
    for name, value in attributes.items():
        yield ".<key>", name, False
        yield (f".{name}" if isinstance(name, str) else (name,)), value, False


def of_set(items: Any) -> Iterator[Part]:
    for item in items:
        yield f".<element {key_text(item)}>", item, False


CONTAINERS: dict[type, Callable[[Any], Iterator[Part]]] = {
    list: of_sequence,
    tuple: of_sequence,
    dict: of_dict,
    set: of_set,
    frozenset: of_set,
}


def of_reduction(value: tuple[Any, ...], made: Callable[[], None]) -> Iterator[Part]:
    """The parts of a reduce value; `made` is called between the arguments and what is put into the made object."""
    function, arguments, state, items, pairs, setter = (*value, None, None, None, None)[:6]
    step = ".__reduce__()[0]"
    if getattr(function, "__name__", "") in {"__newobj__", "__newobj_ex__"}:
        step, function, arguments = ".__class__", arguments[0], arguments[1:]
    yield step, function, False
    yield ".__reduce__()[1]", arguments, False
    made()
    for item in items or ():
        yield "[...]", item, False
    for key, item in pairs or ():
        yield ".<key>", key, False
        yield (key,), item, False
    if state is not None:
        yield from of_state(state, setter)


def of_state(state: Any, setter: Any) -> Iterator[Part]:
    if setter is not None:
        yield ".__reduce__()[5]", setter, False
    names = STATE_NAMES.get(getattr(setter, "__name__", ""))
    if isinstance(state, tuple) and names is not None:
        for step, part in zip(names, state, strict=True):
            yield step, part, type(part) is dict and not step
    elif type(state) is tuple and len(state) == 2 and all(type(each) in (dict, type(None)) for each in state):
        for part in state:  # the attributes, and those in slots
            yield "", part, True
    else:
        yield "", state, True
