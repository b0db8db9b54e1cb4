"""Classes by value, which come home as themselves.

A class is made empty, so that it can be met again from within, and then given its attributes. What its making would
have run -- ``__init_subclass__``, ``__set_name__``, the ``__new__`` of a metaclass -- has run where the class was made,
and is not run again: what it did is among the attributes.
"""

from __future__ import annotations

import abc
import enum
import sys
from collections.abc import Iterator, Mapping
from types import BuiltinMethodType, MemberDescriptorType, WrapperDescriptorType
from typing import Any

from brinery.reducers import rule
from brinery.reducers.identities import known, make_known
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces

# Made with the class, or by the interpreter.
# The last of them is what pickling an instance leaves in its class (copyreg).
MADE_WITH_IT = frozenset(
    {"__module__", "__qualname__", "__slots__", "__dict__", "__weakref__", "__classcell__", "__slotnames__"}
)
ABC_OWN = frozenset({"_abc_impl", "_abc_registry", "_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"})
# What later versions of Python put into a class, and earlier ones would take for the author's.
UNKNOWN_HERE = frozenset() if sys.version_info >= (3, 13) else frozenset({"__static_attributes__", "__firstlineno__"})
PROTOCOL_OWN = frozenset({"__protocol_attrs__", "__callable_proto_members_only__", "__non_callable_proto_members__"})
TYPING = frozenset({"typing", "typing_extensions"})
ENUM_OWN = frozenset(
    {
        "_member_names_", "_member_map_", "_value2member_map_", "_unhashable_values_", "_unhashable_values_map_",
        "_hashable_values_", "_member_type_", "_value_repr_", "_use_args_", "__new__", "_new_member_",
        "_generate_next_value_", "_flag_mask_", "_singles_mask_", "_all_bits_", "_boundary_", "_inverted_",
        "_add_alias_", "_add_value_alias_", "__new_member__", "__members__",
    }
)  # fmt: skip


# Classes that every class names, and that need no look at where their names lead.
NAMED = frozenset({object, type})


@reduces(type)
def reduce_class(reduction: Reduction, cls: type) -> Any:
    if cls in NAMED:
        return NotImplemented
    if rule.leads_to(cls.__module__, cls.__qualname__, cls) or is_builtin(cls):
        return builtin_name(cls)
    if isinstance(cls, enum.EnumMeta):
        return reduce_enum(reduction, cls)
    if is_named_tuple(cls):
        return reduce_named_tuple(reduction, cls)
    check_metaclass(type(cls))
    attributes = dict(cls.__dict__)
    namespace = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
    if "__slots__" in attributes:
        namespace["__slots__"] = attributes["__slots__"]
    state = {
        name: value
        for name, value in attributes.items()
        if name not in MADE_WITH_IT and name not in ABC_OWN and not is_own_slot(cls, name, value)
    }
    generated = generated_methods(cls, state)
    for name in generated:
        del state[name]
    if state.get("_is_protocol"):
        state = {name: value for name, value in state.items() if not is_of_protocols(name, value)}
    identity = reduction.identity_of(cls)
    arguments = (type(cls), cls.__name__, cls.__bases__, namespace, identity)
    return make_class, arguments, (identity, state, registered_with(cls), generated), None, None, set_class_state


def check_metaclass(metaclass: Any) -> None:
    """Raise TypeError where only the metaclass itself can make its classes: what it keeps of them cannot be seen."""
    maker = next(each for each in metaclass.__mro__ if makes_in_c(vars(each)))
    if maker is not type:
        raise TypeError(f"classes of {maker.__module__}.{maker.__qualname__} cannot go by value: define it in a module")


def makes_in_c(attributes: Mapping[str, Any]) -> bool:
    """Whether a metaclass of these attributes has a part in making its classes that is not written in Python."""
    by_new = isinstance(attributes.get("__new__"), BuiltinMethodType)
    return by_new or isinstance(attributes.get("__init__"), WrapperDescriptorType)


def is_builtin(cls: type) -> bool:
    """A class of the interpreter's own: there is no value to send."""
    return not is_heap_type(cls)


def builtin_name(cls: type) -> Any:
    """How a class that cannot be sent is named; those of the interpreter that have no name of their own included."""
    import types

    if is_builtin(cls) and not rule.leads_to(cls.__module__, cls.__qualname__, cls):
        for name, each in vars(types).items():
            if each is cls:
                return builtin_type, (name,)
    return NotImplemented


@rebuilds
def builtin_type(name: str) -> Any:
    """A class of the interpreter's own that only the module types names."""
    import types

    return getattr(types, name)


def is_own_slot(cls: type, name: str, value: Any) -> bool:
    """Whether an attribute is the descriptor that one of the class's __slots__ made."""
    return isinstance(value, MemberDescriptorType) and value.__objclass__ is cls and value.__name__ == name


def registered_with(cls: type) -> list[type]:
    """Virtual subclasses of an abstract base class."""
    if not isinstance(cls, abc.ABCMeta):
        return []
    import _abc  # type: ignore[import-not-found]

    return [each for reference in _abc._get_dump(cls)[0] if (each := reference()) is not None]


def _stay_quiet(cls: Any, /, *args: Any, **kwargs: Any) -> None:
    """In the place of an __init_subclass__ or an __init__ that has been called where the class was first made."""


def quiet_base(base: type) -> type:
    """A class without effect, which can stand in the place of the base while a class is made.

    Bases can be exchanged for such of the same layout: it adds to the same class the same slots.
    """
    while is_heap_type(base) and base.__base__ is not None and not added_slots(base):
        base = base.__base__
    slots = added_slots(base) if is_heap_type(base) else ()
    parent = base.__base__ if slots and base.__base__ is not None else base
    namespace = {"__slots__": slots, "__init_subclass__": classmethod(_stay_quiet)}
    # Slots with private names are named after their class.
    made: type = quietly_made(type.__new__, type(parent), base.__name__, (parent,), namespace)
    return made


def is_heap_type(cls: type) -> bool:
    return bool(cls.__flags__ & (1 << 9))  # Py_TPFLAGS_HEAPTYPE


def added_slots(cls: type) -> tuple[str, ...]:
    """What instances of a class have room for that those of its base have not."""
    slots = vars(cls).get("__slots__", ())
    base = cls.__base__ or object
    offsets = {"__dict__": "__dictoffset__", "__weakref__": "__weakrefoffset__"}
    room = [name for name, offset in offsets.items() if getattr(cls, offset) and not getattr(base, offset)]
    named = [slots] if isinstance(slots, str) else list(slots)
    return (*(name for name in named if name not in offsets), *room)


def quietly_made(new: Any, metaclass: Any, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
    """A class whose bases are not told of it."""
    if not calls_back(bases):
        return new(metaclass, name, bases, namespace)
    reason: TypeError | None = None
    for instead in quiet_bases(bases):
        try:
            cls = new(metaclass, name, instead, dict(namespace))
            type.__setattr__(cls, "__bases__", bases)
        except TypeError as error:  # it is another base that the layout is of
            reason = error
            continue
        return cls
    raise TypeError(f"no class {name} can be made without its bases being told of it: {reason}")


# For bases of which one has room of its own: that one decides the layout, whatever stands before it.
_QUIET = type("_Quiet", (), {"__slots__": (), "__init_subclass__": classmethod(_stay_quiet)})


def quiet_bases(bases: tuple[type, ...]) -> Iterator[tuple[type, ...]]:
    """What can stand in the place of the bases while a class is made; the first that has their layout will do."""
    yield (_QUIET, *bases)
    for base in bases:
        quiet = quiet_base(base)
        yield (quiet, *bases)
        yield (quiet,)


def calls_back(bases: tuple[type, ...]) -> bool:
    """Whether any base has an __init_subclass__ of its own."""
    return any("__init_subclass__" in vars(each) for base in bases for each in base.__mro__ if each is not object)


@rebuilds
def make_class(metaclass: Any, name: str, bases: tuple[type, ...], namespace: dict[str, Any], identity: str) -> Any:
    """An empty class, or the one of that identity where there is one."""
    found = known(identity)
    if found is not None:
        return found
    make = abc.ABCMeta.__new__ if issubclass(metaclass, abc.ABCMeta) else type.__new__
    return quietly_made(make, metaclass, name, bases, namespace)


@rebuilds
def set_class_state(cls: Any, state: tuple[str, dict[str, Any], list[type], list[str]]) -> None:
    identity, attributes, registered, generated = state
    if known(identity) is cls:
        return  # it has been here all the time, and what has become of it meanwhile is left alone
    for name, value in attributes.items():
        if name not in UNKNOWN_HERE:
            type.__setattr__(cls, name, value)
    for each in registered:
        abc.ABCMeta.register(cls, each)
    if generated:
        generate_methods(cls, generated)
    if attributes.get("_is_protocol"):
        finish_protocol(cls)
    if "__required_keys__" in attributes:
        finish_typed_dict(cls)
    make_known(cls, identity)


def reduce_enum(reduction: Reduction, cls: Any) -> Any:
    members = {name: member._value_ for name, member in cls._member_map_.items()}
    attributes = {
        name: value
        for name, value in vars(cls).items()
        if name not in MADE_WITH_IT and name not in ENUM_OWN and name not in members and not is_member(cls, name, value)
    }
    own_new = vars(cls).get("_new_member_") if "__new_member__" in vars(cls) else None
    member_state = {
        name: {key: value for key, value in vars(member).items() if not key.startswith("_sort_order")}
        for name, member in cls._member_map_.items()
        if hasattr(member, "__dict__")
    }
    identity = reduction.identity_of(cls)
    boundary = getattr(cls, "_boundary_", None)
    arguments = (type(cls), cls.__name__, cls.__bases__, cls.__module__, cls.__qualname__, members, boundary, identity)
    return make_enum, arguments, (identity, attributes, member_state, own_new), None, None, set_enum_state


def is_member(cls: Any, name: str, value: Any) -> bool:
    """Whether an attribute is what the enum machinery made of a member."""
    return isinstance(value, (enum.property, cls))


@rebuilds
def make_enum(
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    module: str,
    qualname: str,
    members: dict[str, Any],
    boundary: Any,
    identity: str,
) -> Any:
    """An enum with its members and nothing else, or the one of that identity where there is one."""
    found = known(identity)
    if found is not None:
        return found
    namespace = enum.EnumMeta.__prepare__(name, bases)
    namespace["__module__"] = module
    namespace["__qualname__"] = qualname
    # Members are made without what made them: it has run, and what it did is in their state.
    namespace["__new__"] = member_maker(bases, list(members.values()))
    namespace["__init__"] = _stay_quiet
    for each, value in members.items():
        namespace[each] = value
    keywords = {} if boundary is None else {"boundary": boundary}
    cls: Any = enum.EnumMeta.__new__(metaclass, name, bases, namespace, **keywords)
    for each in ("__init__", "__new_member__"):
        type.__delattr__(cls, each)
    cls._new_member_, _, cls._use_args_ = enum.EnumMeta._find_new_({}, cls._member_type_, bases[-1])  # type: ignore[attr-defined]
    return cls


def member_maker(bases: tuple[type, ...], values: list[Any]) -> Any:
    """In the place of a __new__: members one after the other, by the constructor of what is built in."""
    native: Any = next((each for base in bases for each in base.__mro__[:-1] if is_builtin(each)), object)
    waiting = iter(values)

    def __new__(cls: Any, *args: Any) -> Any:
        value = next(waiting)
        made = object.__new__(cls) if native is object else native.__new__(cls, value)
        made._value_ = value
        return made

    return __new__


@rebuilds
def set_enum_state(cls: Any, state: tuple[Any, ...]) -> None:
    identity, attributes, member_state, own_new = state
    if known(identity) is cls:
        return
    for name, value in attributes.items():
        type.__setattr__(cls, name, value)
    if own_new is not None:
        type.__setattr__(cls, "_new_member_", own_new)
        type.__setattr__(cls, "__new_member__", own_new)
    for name, values in member_state.items():
        vars(cls._member_map_[name]).update(values)
    make_known(cls, identity)


def generated_methods(cls: type, attributes: dict[str, Any]) -> list[str]:
    """Methods that the dataclass decorator made of a text of its own: it makes them again, on any version of Python."""
    if "__dataclass_params__" not in attributes:
        return []
    return [name for name, value in attributes.items() if is_generated(value) or name == "__replace__"]


def is_generated(value: Any) -> bool:
    function = getattr(value, "__wrapped__", value)
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename == "<string>" and "__create_fn__" in code.co_qualname


def generate_methods(cls: Any, names: list[str]) -> None:
    """Make methods as @dataclass makes them, by a class of the same fields that has nothing else."""
    import dataclasses

    parameters = cls.__dataclass_params__
    settings = {
        name: getattr(parameters, name)
        for name in ("init", "repr", "eq", "order", "unsafe_hash", "frozen", "match_args", "kw_only")
        if hasattr(parameters, name)
    }
    namespace: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__annotations__": {}}
    if "__post_init__" in dir(cls):
        namespace["__post_init__"] = None
    for name, known_field in cls.__dataclass_fields__.items():
        namespace["__annotations__"][name] = known_field.type
        options = ("default", "default_factory", "init", "repr", "hash", "compare", "metadata", "kw_only")
        namespace[name] = dataclasses.field(**{option: getattr(known_field, option) for option in options})
    model: Any = dataclasses.dataclass(**settings)(type.__new__(type, cls.__name__, (), namespace))
    here = [name for name in vars(model) if name in names or (name == "__replace__" and name not in vars(cls))]
    for name in here:
        method = vars(model)[name]
        for cell in getattr(getattr(method, "__wrapped__", method), "__closure__", None) or ():
            if cell.cell_contents is model:
                cell.cell_contents = cls
        type.__setattr__(cls, name, method)


def is_of_protocols(name: str, value: Any) -> bool:
    """Whether an attribute of a protocol class is what its version of typing put there."""
    function = getattr(value, "__func__", value)
    return name in PROTOCOL_OWN or (name in {"__subclasshook__", "__init__"} and function.__module__ in TYPING)


def finish_protocol(cls: Any) -> None:
    """Put there what this version of typing, or of typing_extensions, puts there."""
    protocol = next(base for base in cls.__mro__[1:] if base.__module__ in TYPING and base.__name__ == "Protocol")
    protocol.__init_subclass__.__func__(cls)
    if type(cls).__init__ is not type.__init__ and type(cls).__module__ in TYPING:
        type(cls).__init__(cls, cls.__name__, cls.__bases__, {})
    if getattr(cls, "_is_runtime_protocol", False):
        sys.modules[protocol.__module__].runtime_checkable(cls)


def finish_typed_dict(cls: Any) -> None:
    """Say of a TypedDict which keys can be set, as 3.13 and later do."""
    if sys.version_info >= (3, 13) and "__readonly_keys__" not in vars(cls):
        type.__setattr__(cls, "__readonly_keys__", frozenset())
        type.__setattr__(cls, "__mutable_keys__", cls.__required_keys__ | cls.__optional_keys__)


def is_named_tuple(cls: type) -> bool:
    """Whether collections.namedtuple(), or typing.NamedTuple, made the class."""
    new = vars(cls).get("__new__")
    code = getattr(getattr(new, "__func__", new), "__code__", None)
    return cls.__bases__ == (tuple,) and "_fields" in vars(cls) and "_make" in vars(cls) and code is not None


def reduce_named_tuple(reduction: Reduction, cls: Any) -> Any:
    import collections

    made_anyway = set(vars(collections.namedtuple("model", cls._fields)))
    state = {name: value for name, value in vars(cls).items() if name not in made_anyway or name == "__doc__"}
    defaults = tuple(cls._field_defaults.values())
    identity = reduction.identity_of(cls)
    arguments = (cls.__name__, cls._fields, defaults, cls.__module__, cls.__qualname__, identity)
    return make_named_tuple, arguments, (identity, state, [], []), None, None, set_class_state


@rebuilds
def make_named_tuple(
    name: str, fields: tuple[str, ...], defaults: tuple[Any, ...], module: str, qualname: str, identity: str
) -> Any:
    """A named tuple class without what was added to it, or the one of that identity where there is one."""
    import collections

    found = known(identity)
    if found is not None:
        return found
    cls: Any = collections.namedtuple(name, fields, defaults=defaults, module=module)  # type: ignore[misc]
    cls.__qualname__ = qualname
    return cls
