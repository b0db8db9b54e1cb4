"""Rules for values of the standard library whose pickled parts depend on the version, the process or the past."""

from __future__ import annotations

import array
import collections
import contextvars
import enum
import pathlib
import types
import weakref
from typing import Any

from brinery.digests.form import Form, Node, head, integer_form, reference_of, text_form
from brinery.digests.names import tag
from brinery.digests.rules import Rules, instance, rule
from brinery.reducers.exceptions import C_ATTRIBUTES


def attributes_of(obj: Any) -> dict[str, Any] | None:
    """The attributes that an instance of a subclass may have been given."""
    return getattr(obj, "__dict__", None)


@rule(enum.Enum, inherited=True)
def member(rules: Rules, obj: Any) -> Node:
    """The class and the name of a member; the class and the number of a flag, which may have no name."""
    return instance(type(obj), obj._value_ if isinstance(obj, enum.Flag) else obj._name_)


@rule(range)
def range_of_numbers(rules: Rules, obj: range) -> bytes:
    """Ranges of the same numbers are equal: the length, the first, the step."""
    size = len(obj)
    numbers = (size, obj.start if size else 0, obj.step if size > 1 else 0)
    return b"r" + b"".join(map(integer_form, numbers))


@rule(pathlib.PurePath, inherited=True)
def path(rules: Rules, obj: pathlib.PurePath) -> Node:
    """The class and the text."""
    return instance(type(obj), str(obj))


@rule("fractions.Fraction", inherited=True)
def fraction(rules: Rules, obj: Any) -> Node:
    """The lowest terms."""
    return instance(type(obj), obj.numerator, obj.denominator, attributes=attributes_of(obj))


@rule("zoneinfo.ZoneInfo", inherited=True)
def zone(rules: Rules, obj: Any) -> Node:
    """The key: what the rules of the zone are may change with the database."""
    if obj.key is None:
        raise TypeError("a ZoneInfo that was read from a file has no key")
    return instance(type(obj), obj.key)


@rule(array.array, inherited=True)
def numbers_array(rules: Rules, obj: Any) -> Node:
    """The type code and the items as a list of them."""
    return instance(type(obj), obj.typecode, obj.tolist(), attributes=attributes_of(obj))


@rule(set, frozenset, inherited=True)
def derived_set(rules: Rules, obj: Any) -> Node:
    """The elements and the attributes; the sets themselves have forms of their own."""
    return instance(type(obj), set(obj), attributes=attributes_of(obj))


@rule(weakref.WeakSet, inherited=True)
def weak_set(rules: Rules, obj: Any) -> Node:
    """The elements that live."""
    return instance(type(obj), set(obj))


@rule(collections.OrderedDict, inherited=True)
def ordered_dict(rules: Rules, obj: Any) -> Node:
    """The keys and the values in their order, as it matters when they are compared."""
    return instance(type(obj), list(obj), list(obj.values()), attributes=attributes_of(obj))


@rule(contextvars.Context)
def context(rules: Rules, obj: contextvars.Context) -> Node:
    """The variables and their values."""
    return instance(type(obj), dict(obj.items()))


@rule(BaseException, inherited=True)
def exception(rules: Rules, obj: BaseException) -> Node:
    """The class, the arguments and the attributes, but not how it came about: causes, context, traceback."""
    own = {
        name: getattr(obj, name, None)
        for base, names in C_ATTRIBUTES.items()
        if isinstance(obj, base)
        for name in names
    }
    return instance(type(obj), obj.args, own, attributes=vars(obj))


@rule(types.ModuleType, inherited=True)
def module(rules: Rules, obj: types.ModuleType) -> bytes:
    """The name."""
    return b"M" + text_form(obj.__name__)


@rule("functools._lru_cache_wrapper")
def lru_cache(rules: Rules, obj: Any) -> bytes | Node:
    """The function and the settings, but not what is remembered."""
    from brinery.digests.functions import of_library

    return of_library(obj) or instance(type(obj), obj.__wrapped__, obj.cache_parameters())


@rule(types.CellType)
def cell(rules: Rules, obj: types.CellType) -> Node:
    """What it holds."""
    from brinery.digests.functions import contents_of

    return Node(b"o_", [tag(types.CellType), contents_of(obj)])


@rule(memoryview)
def memory(rules: Rules, obj: memoryview) -> bytes:
    """The format, the shape and the bytes, in C order."""
    beginning = b"v" + text_form(obj.format) + head(obj.ndim) + b"".join(map(head, obj.shape or ()))
    return reference_of(beginning, obj.tobytes())


@rule("pandas._libs.missing.NAType")
def missing(rules: Rules, obj: Any) -> Form:
    """The one there is."""
    return Form(b"gs9;pandas:NA")


@rule("typing.ForwardRef")
def forward_reference(rules: Rules, obj: Any) -> Node:
    """The text: what it was found to mean is remembered differently by each version."""
    return instance(type(obj), obj.__forward_arg__)
