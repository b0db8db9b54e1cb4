"""Taking objects apart the same way in every process and on every version of Python.

What versions and histories differ in is left out or brought to one form: the identities of classes, the order of their
attributes, what a version of Python adds to them, the ways in which types of the standard library take themselves
apart. docs/canonical.md tells what holds and what does not.
"""

from __future__ import annotations

import copyreg
import dataclasses
import enum
import functools
import inspect
import re
import sys
import types
import typing
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, ClassVar

from brinery.codec import encode
from brinery.reducers import functions, identities, registry, rule, values
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import Reducer
from brinery.reducers.standins import make_stand_in
from brinery.reducers.values import make_dataclass_settings, module_value

# Never memoised: whether two that are equal are one object is a matter of caches and of history. The module is the one
# to name the type by where versions of Python name it differently.
LEAF_NAMES: dict[str, str | None] = {
    "builtins.complex": None,
    "builtins.open": "io",
    "builtins.range": None,
    "collections.abc._CallableGenericAlias": None,
    "datetime.date": None,
    "datetime.datetime": None,
    "datetime.time": None,
    "datetime.timedelta": None,
    "datetime.timezone": None,
    "decimal.Decimal": None,
    "decimal.getcontext": "decimal",
    "decimal.localcontext": "decimal",
    "decimal.setcontext": "decimal",
    "fractions.Fraction": None,
    "ipaddress.IPv4Address": None,
    "ipaddress.IPv4Network": None,
    "ipaddress.IPv6Address": None,
    "ipaddress.IPv6Network": None,
    "pathlib.Path": "pathlib",
    "pathlib.PosixPath": "pathlib",
    "pathlib.PurePath": "pathlib",
    "pathlib.PurePosixPath": "pathlib",
    "pathlib.PureWindowsPath": "pathlib",
    "pathlib.WindowsPath": "pathlib",
    "re.Pattern": None,
    "types.GenericAlias": None,
    "types.UnionType": None,
    "typing._AnnotatedAlias": None,
    "typing._CallableGenericAlias": None,
    "typing._ConcatenateGenericAlias": None,
    "typing._GenericAlias": None,
    "typing._LiteralGenericAlias": None,
    "typing._UnionGenericAlias": None,
    "typing._UnpackGenericAlias": None,
    "typing.ForwardRef": None,
    "uuid.UUID": None,
}

# What some version of Python puts into a class, and the others do not.
OF_ONE_VERSION = frozenset(
    {
        "__annotate__", "__annotate_func__", "__annotations_cache__", "__firstlineno__", "__replace__",
        "__static_attributes__",
    }
)  # fmt: skip
# What a repr has of this process.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# Settings of @dataclass that all versions keep; the others show in the fields and attributes.
DATACLASS_SETTINGS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")
NO_METADATA = dataclasses._EMPTY_METADATA  # type: ignore[attr-defined]


def leaves() -> dict[Any, str | None]:
    """The types of LEAF_NAMES whose modules are loaded, and functions that are named otherwise in some version."""
    found: dict[Any, str | None] = {}
    for name, module_to_name in LEAF_NAMES.items():
        module_name, _, type_name = name.rpartition(".")
        leaf = getattr(sys.modules.get(module_name), type_name, None)
        if leaf is not None:
            found[leaf] = module_to_name
    return found


def encode_canonically(
    obj: Any, protocol: int, reduction: CanonicalReduction, callback: Callable[[Any], Any] | None = None
) -> bytes:
    """The bytes of an object that is taken apart by the reduction."""
    return encode(
        obj,
        protocol,
        reduce=reduction.hook,
        by_value=rule.VALUE_MODULES,
        buffer_callback=callback,
        key_reduce=(reduction if reduction.nameless else reduction.without_names()).hook,
        leaves=leaves(),
    )


class CanonicalReduction(Reduction):
    """Takes objects apart so that equal ones give equal bytes.

    ``nameless`` leaves out the identities of classes and the like: bytes made so are what identities are made of, and
    what elements of sets are compared by.
    """

    __slots__ = ("_given", "_identities", "nameless", "stand_ins")
    canonical: ClassVar[bool] = True

    def __init__(
        self, protocol: int = 5, out_of_band: bool = False, stand_ins: bool = False, nameless: bool = False
    ) -> None:
        super().__init__(protocol, out_of_band)
        self.stand_ins = stand_ins
        self.nameless = nameless
        self._identities: dict[int, str] = {}
        self._given: Counter[str] = Counter()

    @property
    def hook(self) -> Callable[..., Any]:
        """What the core asks."""
        return self.reduce_or_stand_in if self.stand_ins else self.reduce

    def without_names(self) -> CanonicalReduction:
        """Another reduction of the same settings, which is ``nameless``."""
        return CanonicalReduction(self.protocol, stand_ins=self.stand_ins, nameless=True)

    def reduce(self, obj: Any, written: Any = None) -> Any:
        """As :meth:`Reduction.reduce`, with one answer for all versions and processes."""
        cls = type(obj)
        reducer = _reducers.get(cls)
        if reducer is not None:
            return reducer(self, obj)
        if isinstance(obj, type):
            value = super().reduce(obj)
            return stable_class(obj, value) if isinstance(value, tuple) and len(value) == 6 else value
        if isinstance(obj, ITS_OWN_WAY_VARIES) and cls not in registry.by_type:
            value = reduce_subclass(obj)
            if value is not NotImplemented:
                return value
        return super().reduce(obj, written)

    def reduce_or_stand_in(self, obj: Any, written: Any = None) -> Any:
        """As :meth:`Reduction.reduce_or_stand_in`, without addresses in the labels."""
        value = super().reduce_or_stand_in(obj, written)
        if not isinstance(value, tuple) or value[0] is not make_stand_in:
            return value
        return make_stand_in, tuple(ADDRESS.sub("", text) for text in value[1])

    def identity_of(self, obj: Any) -> str:
        """A hash of all that the object is, and a number where another such object was met before."""
        if self.nameless:
            return ""
        found = self._identities.get(id(obj))
        if found is None:
            import hashlib

            content = encode_canonically(obj, 5, self.without_names())
            found = hashlib.blake2b(content, digest_size=16).hexdigest()
            self._given[found] += 1
            if self._given[found] > 1:
                found = f"{found}.{self._given[found]}"
            self._identities[id(obj)] = found
            self._kept.append(obj)
            identities.also_known(obj, found)
        return found


def stable_class(cls: Any, value: tuple[Any, ...]) -> tuple[Any, ...]:
    """The reduce value of a class, without what versions of Python differ in."""
    make, arguments, (identity, attributes, *others), _, _, setter = value
    attributes = {name: attributes[name] for name in sorted(attributes) if not is_of_version(cls, name)}
    if isinstance(doc := attributes.get("__doc__"), str):
        attributes["__doc__"] = inspect.cleandoc(doc)
    if not isinstance(cls, enum.EnumMeta):
        registered, generated = others
        others = [frozenset(registered) if registered else [], sorted(set(generated) - OF_ONE_VERSION)]
    return make, arguments, (identity, attributes, *others), None, None, setter


def is_of_version(cls: Any, name: str) -> bool:
    """Whether an attribute is there, or is not, as the version of Python has it."""
    if name in OF_ONE_VERSION:
        return True
    value = vars(cls).get(name)
    if name in {"__readonly_keys__", "__mutable_keys__"}:
        return not cls.__readonly_keys__
    if name == "__orig_bases__":
        return value in {(typing.NamedTuple,), (typing.TypedDict,)}
    if name in {"_is_runtime_protocol", "__annotations__"}:
        return not value
    # Enums copy methods of their bases, which ones changes; making the class does so again.
    return isinstance(cls, enum.EnumMeta) and any(vars(base).get(name) is value for base in cls.__mro__[1:])


ITS_OWN_WAY_VARIES = (enum.Enum, set, frozenset, PurePath)


def reduce_subclass(obj: Any) -> Any:
    """An instance whose class leaves taking it apart to a class that does so otherwise in each version or process."""
    cls: Any = type(obj)
    if isinstance(obj, enum.Enum):
        own = getattr(cls.__reduce_ex__, "__module__", None) != "enum"
        return NotImplemented if own else (cls, (obj._value_,))
    if cls.__reduce_ex__ is not object.__reduce_ex__ or cls in copyreg.dispatch_table:
        return NotImplemented
    if isinstance(obj, PurePath):
        return (cls, (str(obj),)) if cls.__reduce__ is PurePath.__reduce__ else NotImplemented
    native: Any = set if isinstance(obj, set) else frozenset
    if cls.__reduce__ is not native.__reduce__:
        return NotImplemented
    _, _, state = obj.__reduce__()
    return cls, (native(obj),), state


_reducers: dict[type, Reducer] = {}


def reduces_canonically(cls: type) -> Callable[[Reducer], Reducer]:
    """Register how instances of exactly this class are taken apart, whatever the version's own way."""

    def register(reducer: Reducer) -> Reducer:
        _reducers[cls] = reducer
        return reducer

    return register


@reduces_canonically(weakref.WeakSet)
def reduce_weak_set(reduction: Reduction, found: Any) -> Any:
    return weakref.WeakSet, (set(found),)


@reduces_canonically(property)
def reduce_property(reduction: Reduction, found: property) -> Any:
    doc = found.__doc__
    return property, (found.fget, found.fset, found.fdel, inspect.cleandoc(doc) if isinstance(doc, str) else doc)


@reduces_canonically(functools._lru_cache_wrapper)
def reduce_lru_cache(reduction: Reduction, cached: Any) -> Any:
    value = functions.reduce_lru_cache(reduction, cached)
    if value is NotImplemented:
        return value
    make, arguments, state = value
    state = {name: each for name, each in (state or {}).items() if name != "__type_params__" or each}
    functions.clean_doc(state)
    return make, arguments, state or None


@reduces_canonically(typing.ForwardRef)
def reduce_forward_reference(reduction: Reduction, found: typing.ForwardRef) -> Any:
    # What it was compiled to is of one version.
    settings: dict[str, Any] = {
        name: getattr(found, f"__forward_{name}__", default)
        for name, default in (("is_argument", True), ("is_class", False), ("module", None))
    }
    return functools.partial(typing.ForwardRef, found.__forward_arg__, **settings), ()


@reduces_canonically(types.MappingProxyType)
def reduce_mapping_proxy(reduction: Reduction, proxy: Any) -> Any:
    if proxy is NO_METADATA:
        return module_value, ("dataclasses", "_EMPTY_METADATA")
    return values.reduce_mapping_proxy(reduction, proxy)


@reduces_canonically(dataclasses._DataclassParams)  # type: ignore[attr-defined]
def reduce_dataclass_settings(reduction: Reduction, settings: Any) -> Any:
    return make_dataclass_settings, ({name: getattr(settings, name) for name in DATACLASS_SETTINGS},)
