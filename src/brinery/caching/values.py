"""The form of a value that a function depends on: as a digest has it, but for code.

The user's own functions and classes stand in it by their labels, and are looked at for themselves; somebody else's
stand in it by their names, and count by the version of their package. What does not change results -- loggers, locks --
stands in it as such.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from brinery.caching.labels import Labels
from brinery.caching.packages import is_compiled, is_own_module
from brinery.digests.form import Form, Node, text_form
from brinery.digests.functions import contents_of
from brinery.digests.names import global_form, is_own, name_of
from brinery.digests.walk import Walk
from brinery.reducers.classes import is_builtin
from brinery.reducers.functions import DISPATCHING

__all__ = ["ValueWalk", "is_fixed", "is_own_code", "is_without_effect"]

Told = bytes | Node | None
WITHOUT_EFFECT = Form(b"Qn")  # stands for what does not change results
LOCKS = ("_thread.lock", "_thread.RLock")
BUILTIN = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.MethodWrapperType,
)
# Whose instances stay what they are, besides those of code.
FIXED = frozenset(
    {
        int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range,
        *BUILTIN, property, staticmethod, classmethod, functools.cached_property, functools._lru_cache_wrapper,
        types.GenericAlias, types.UnionType, types.GetSetDescriptorType, types.MemberDescriptorType,
    }
)  # fmt: skip
FIXED_BY_NAME = frozenset(
    {
        "decimal.Decimal", "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta",
        "datetime.timezone", "zoneinfo.ZoneInfo", "fractions.Fraction", "uuid.UUID", "re.Pattern",
        "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.WindowsPath", "pathlib.PureWindowsPath",
        "pathlib._local.PosixPath", "pathlib._local.PurePosixPath", "operator.itemgetter", "operator.attrgetter",
        "typing.TypeVar", "typing._GenericAlias", "typing._UnionGenericAlias", "numpy.float64", "numpy.float32",
        "numpy.int64", "numpy.int32", "numpy.bool",
    }
)  # fmt: skip


class ValueWalk(Walk):
    """A walk that meets the user's own code and says so."""

    def __init__(self, labels: Labels) -> None:
        """The labels are given to what has none, unless they are closed."""
        super().__init__()
        self.labels = labels

    def take(self, obj: Any, stack: list[Any]) -> bytes | Node:
        """The form of an object, or its parts."""
        told = None if type(obj) in self.builtin else self.told(obj)
        return super().take(obj, stack) if told is None else told

    def told(self, obj: Any) -> Told:
        """The form of code and of what does not matter; None of any other value."""
        way = WAYS.get(type(obj))
        if way is not None:
            return way(self, obj)
        if isinstance(obj, type):
            return of_class(self, obj)
        if isinstance(obj, types.ModuleType):
            return of_module(self, obj)
        if is_without_effect(obj):
            return WITHOUT_EFFECT
        if is_own(type(obj).__module__):
            return None
        return of_wrapper(self, obj) or (self.named(obj) if callable(obj) else None)

    def named(self, obj: Any) -> Form | None:
        """The name of somebody else's code; None where it does not lead there."""
        module = getattr(obj, "__module__", None)
        if not isinstance(module, str) or (is_own(module) and not is_compiled(module)):
            return None
        form = name_of(obj)
        if form is None:
            return None
        self.labels.meet_installed(module)
        return form

    def named_type(self, cls: type) -> Form:
        """The name of somebody else's class."""
        self.labels.meet_installed(cls.__module__)
        return global_form(cls.__module__, cls.__qualname__)


def label_form(kind: str, label: str) -> Form:
    """What stands for code of the user's own."""
    return Form(b"Q" + text_form(f"{kind} {label}"))


def is_own_code(obj: Any) -> bool:
    """Whether an object is a function or a class of the user's own."""
    if isinstance(obj, types.FunctionType):
        return obj.__code__ is not DISPATCHING and is_own(obj.__globals__.get("__name__"))
    if not isinstance(obj, type) or is_builtin(obj):
        return False
    return is_own(obj.__module__) or name_of(obj) is None


def of_function(walk: ValueWalk, function: types.FunctionType) -> Told:
    """The label of one's own; of somebody else's the name, or what it was made of."""
    label = walk.labels.known(function)
    if label is not None or is_own_code(function):
        return label_form("function", label or walk.labels.of_function(function))
    if function.__code__ is DISPATCHING:
        return Node(b"o_", [walk.named_type(types.FunctionType), dict(function.registry)])  # type: ignore[attr-defined]
    return walk.named(function) or of_wrapper(walk, function) or of_closure(walk, function)


def of_closure(walk: ValueWalk, function: types.FunctionType) -> Node:
    """A function that somebody else's made: which one, and of what."""
    module = function.__globals__["__name__"]
    walk.labels.meet_installed(module)
    cells = [contents_of(cell) for cell in function.__closure__ or ()]
    name = global_form(module, function.__code__.co_qualname)
    return Node(b"F_", [name, cells, function.__defaults__, function.__kwdefaults__])


def of_wrapper(walk: ValueWalk, obj: Any) -> Node | None:
    """Somebody else's wrapper: what it wraps, and its settings as far as they cannot change by calling it."""
    inner = wrapped_by(obj)
    if inner is None:
        return None
    is_function = isinstance(obj, types.FunctionType)
    module = obj.__globals__["__name__"] if is_function else type(obj).__module__
    if module.partition(".")[0] == "brinery":
        return Node(b"o_", [Form(b"Qw"), inner, getattr(obj, "version", None)])
    walk.labels.meet_installed(module)
    name = global_form(module, obj.__code__.co_qualname if is_function else type(obj).__qualname__)
    held = [contents_of(cell) for cell in obj.__closure__ or ()] if is_function else []
    return Node(b"o_", [name, inner, [each for each in held if is_fixed(each)]])


def wrapped_by(obj: Any) -> Any:
    """The function that somebody else's wrapper is of; None where an object is no such wrapper."""
    is_ours = type(obj).__module__.partition(".")[0] == "brinery"
    inner = getattr(obj, "__wrapped__", None) if is_ours else getattr(obj, "__dict__", {}).get("__wrapped__")
    return inner if callable(inner) and not is_own(type(obj).__module__) and not is_own_code(obj) else None


def of_class(walk: ValueWalk, cls: type) -> Told:
    """The label of one's own, the name of somebody else's."""
    label = walk.labels.known(cls)
    if label is not None or is_own_code(cls):
        return label_form("class", label or walk.labels.of_class(cls))
    return walk.named_type(cls)


def of_module(walk: ValueWalk, module: types.ModuleType) -> Told:
    """The label of one's own, all of which counts, as nobody knows what of it is used; the name of somebody else's."""
    if is_own_module(module):
        return label_form("module", walk.labels.of_module(module))
    walk.labels.meet_installed(module.__name__)
    return None


def of_builtin(walk: ValueWalk, obj: Any) -> Told:
    """A compiled function: by its name, also where it is a method of an object that its module keeps."""
    owner = getattr(obj, "__self__", None)
    if isinstance(owner, types.ModuleType):
        walk.labels.meet_installed(owner.__name__)
        return global_form(owner.__name__, obj.__name__)
    return walk.named(obj) or of_bound(walk, obj)


def of_bound(walk: ValueWalk, obj: Any) -> Form | None:
    """A method of an object that somebody else's module keeps, such as ``random.shuffle``; None of any other."""
    module = type(getattr(obj, "__self__", None)).__module__
    found = getattr(sys.modules.get(module), obj.__name__, None)
    if is_own(module) or found != obj:
        return None
    walk.labels.meet_installed(module)
    return global_form(module, obj.__name__)


def of_method(walk: ValueWalk, obj: types.MethodType) -> Told:
    """The function and the object."""
    return of_bound(walk, obj) or Node(b"o_", [walk.named_type(types.MethodType), obj.__func__, obj.__self__])


def of_property(walk: ValueWalk, obj: property) -> Told:
    """The functions, not the docstring."""
    return Node(b"o_", [walk.named_type(property), obj.fget, obj.fset, obj.fdel])


def of_descriptor(walk: ValueWalk, obj: Any) -> Told:
    """The function of a class method or a static method."""
    return Node(b"o_", [walk.named_type(type(obj)), obj.__func__])


def of_slot(walk: ValueWalk, obj: Any) -> Told:
    """What a compiled class, or Python, has made: its name."""
    return Node(b"o_", [walk.named_type(type(obj)), obj.__name__, obj.__objclass__])


def of_cached_property(walk: ValueWalk, obj: Any) -> Told:
    """The function and the name."""
    return Node(b"o_", [walk.named_type(type(obj)), obj.func, obj.attrname])


def of_partial(walk: ValueWalk, obj: Any) -> Told:
    """The function and the arguments."""
    return Node(b"o_", [walk.named_type(functools.partial), obj.func, obj.args, obj.keywords])


def of_lru_cache(walk: ValueWalk, obj: Any) -> Told:
    """The function and the settings, not what is remembered."""
    return walk.named(obj) or Node(b"o_", [walk.named_type(type(obj)), obj.__wrapped__, obj.cache_parameters()])


WAYS: dict[type, Callable[[ValueWalk, Any], Told]] = {
    types.FunctionType: of_function,
    types.MethodType: of_method,
    property: of_property,
    staticmethod: of_descriptor,
    classmethod: of_descriptor,
    functools.cached_property: of_cached_property,
    functools.partial: of_partial,
    functools._lru_cache_wrapper: of_lru_cache,
    **dict.fromkeys(BUILTIN, of_builtin),
    types.GetSetDescriptorType: of_slot,
    types.MemberDescriptorType: of_slot,
}


def full_name(cls: type) -> str:
    """The names of the module and the class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def is_without_effect(obj: Any) -> bool:
    """Whether an object is a logger or a lock."""
    logging = sys.modules.get("logging")
    is_logger = logging is not None and isinstance(obj, logging.Logger | logging.LoggerAdapter)
    return is_logger or full_name(type(obj)) in LOCKS


def names_somebody_else(obj: Any) -> bool:
    """Whether an object is code that a name in somebody else's module leads to."""
    module = getattr(obj, "__module__", None)
    return callable(obj) and isinstance(module, str) and not is_own(module) and name_of(obj) is not None


def is_fixed(value: Any) -> bool:
    """Whether a value, once met, stays what it is: what is in code that it leads to is looked at for itself."""
    cls = type(value)
    if cls in FIXED or isinstance(value, type | types.ModuleType | enum.Enum):
        return True
    if cls in (tuple, frozenset):
        return all(map(is_fixed, value))
    if is_own_code(value) or wrapped_by(value) is not None:
        return True
    if cls is types.MethodType:
        return is_fixed(value.__self__)
    if cls is functools.partial:
        return is_fixed(value.args) and all(map(is_fixed, value.keywords.values()))
    return full_name(cls) in FIXED_BY_NAME or is_without_effect(value) or names_somebody_else(value)
