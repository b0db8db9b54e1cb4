"""Where in an object one is, written as in the messages of errors."""

from __future__ import annotations

from typing import Any

MOST_STEPS = 64  # of a deeper path, the middle is left out
LONGEST_KEY = 60

INNER = ("", ".__reduce__()[1]")  # steps to an object's state, and to the arguments that it is made of

# Types whose repr() runs nobody's code.
PLAIN = (str, int, bytes, float, bool, type(None))


class Place:
    """A part of an object, below another one."""

    __slots__ = ("above", "heaviest", "is_class", "is_state", "parts", "size", "step", "type")

    def __init__(self, above: Place | None, step: Any, obj: Any, is_state: bool = False) -> None:
        self.above = above
        self.step = step  # a str as it is, or a tuple of one key, to be written in brackets
        self.type = type_name(obj)
        self.is_state = is_state  # whether it is a dict of attributes
        self.is_class = False  # whether it is a class that goes by value
        self.parts: Any = None  # an iterator of (step, object, is_state)
        self.size = 0
        self.heaviest = 0  # the size of the largest part

    def add(self, size: int, heaviest: int = 0) -> None:
        """Count a part, in which the heaviest thing to name has that size."""
        self.size += size
        self.heaviest = max(self.heaviest, heaviest)

    @property
    def is_inner(self) -> bool:
        """Whether it is how an object is written, rather than something that the object holds."""
        return self.step in INNER or self.type == "pickle.PickleBuffer"

    @property
    def owner(self) -> Place | None:
        """The object that it is a part of."""
        place = self.above
        while place is not None and place.is_inner:
            place = place.above
        return place

    @property
    def path(self) -> str:
        """Such as ``cart.items[3].handler``."""
        steps = []
        place: Place | None = self
        while place is not None:
            steps.append(place.step)
            place = place.above
        steps.reverse()
        if len(steps) > MOST_STEPS:
            steps[MOST_STEPS // 2 : -MOST_STEPS // 2] = [" ... "]
        return "".join(step if isinstance(step, str) else f"[{key_text(step[0])}]" for step in steps)


def key_text(key: Any) -> str:
    if type(key) not in PLAIN:
        return f"<{type(key).__name__}>"
    text = repr(key)
    return text if len(text) <= LONGEST_KEY else text[: LONGEST_KEY - 3] + "..."


def type_name(obj: Any) -> str:
    cls = type(obj)
    module = cls.__module__
    return cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}"
