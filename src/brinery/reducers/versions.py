"""Schema growth: classes whose pickles say which version of the class they are of.

The mark is put around the state by ``__reduce_ex__`` and taken off by ``__setstate__``, so that it is there whoever
pickles: brinery, the stdlib, ``copy``. A class without the decorator reads the state as well: to it, the mark is one
more attribute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import MemberDescriptorType, MethodType
from typing import Any, TypeVar

from brinery.errors import DecodeError
from brinery.reducers.registry import PUBLIC_MODULE, REDUCE_HOOK, has_hook, rebuilds

AnyClass = TypeVar("AnyClass", bound=type)

SCHEMA = "__brinery_schema__"
VERSIONS = "__brinery_versions__"
UNVERSIONED = 1  # what was pickled before anybody counted


def versioned(
    version: int, *, upgrade: Callable[[Any, int], Any] | Mapping[int, Callable[[Any], Any]] | None = None
) -> Callable[[AnyClass], AnyClass]:
    """Number the versions of a class's attributes, and bring older pickles up to the present one.

    A pickle of an instance holds the version of its class, and of those of its bases that have one. Where the class is
    of a later version, the state is upgraded before it is set, that of the bases first. A dataclass then gets
    the defaults of the fields that the older state lacks. What was pickled before the class was decorated, by brinery
    or by the stdlib, is of version 1. The version is kept with brinery, ``pickle`` and ``copy`` alike.

    Args:
        version: The present version, from 1.
        upgrade: A function of the state and the version it is of; or one function a step, such as
            ``{1: from_1_to_2, 2: from_2_to_3}``, where a step that is left out changes nothing. The state is a dict of
            attributes, slots among them, or else what the class's own ``__getstate__`` made. It is changed in place,
            or another one is returned.

    Raises:
        ValueError: `version` is no number from 1, or a step does not lead to it.
        TypeError: The class has a reduction of its own that holds no state to mark.

    >>> import brinery
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> old = brinery.dumps(Point(1, 2))
    >>> def rename(state):
    ...     state["left"], state["top"] = state.pop("x"), state.pop("y")
    >>> Point = versioned(2, upgrade={1: rename})(Point)
    >>> vars(brinery.loads(old, trust="everything"))
    {'left': 1, 'top': 2}
    """
    schema = Schema(version, upgrade)

    def decorate(cls: AnyClass) -> AnyClass:
        refuse_other_reductions(cls)
        own = vars(cls).get("__setstate__")
        setattr(cls, SCHEMA, schema)
        cls.__reduce_ex__ = reduce_versioned  # type: ignore[method-assign, assignment]
        if not isinstance(own, StateSetter):
            cls.__setstate__ = StateSetter(own)  # type: ignore[attr-defined]
        return cls

    return decorate


class Schema:
    """The version of a class's attributes, and how older ones are brought up to it."""

    __module__ = PUBLIC_MODULE
    __slots__ = ("upgrade", "version")

    def __init__(self, version: int, upgrade: Any) -> None:
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise ValueError(f"a version is a number from 1, not {version!r}")
        if isinstance(upgrade, Mapping):
            wrong = [step for step in upgrade if step not in range(1, version)]
            if wrong:
                raise ValueError(f"no step from {wrong[0]!r} leads to version {version}; the first is from 1")
            upgrade = dict(upgrade)
        elif upgrade is not None and not callable(upgrade):
            raise TypeError(f"upgrade must be a function, or a mapping of versions to functions, not {upgrade!r}")
        self.version = version
        self.upgrade = upgrade

    def bring_up(self, state: Any, found: int) -> Any:
        """The state of the present version, of one of version `found`."""
        if not isinstance(self.upgrade, dict):
            return changed(state, self.upgrade(state, found)) if self.upgrade is not None else state
        for step in range(found, self.version):
            if step in self.upgrade:
                state = changed(state, self.upgrade[step](state))
        return state


def changed(state: Any, returned: Any) -> Any:
    """A function that returns nothing has changed the state in place."""
    return state if returned is None else returned


def refuse_other_reductions(cls: Any) -> None:
    if has_hook(cls):
        raise TypeError(f"{cls.__qualname__} has {REDUCE_HOOK}(), which can put a version into what it answers")
    plain = cls.__reduce_ex__ in {object.__reduce_ex__, reduce_versioned} and cls.__reduce__ is object.__reduce__
    if not plain:
        raise TypeError(
            f"{cls.__qualname__} has a __reduce__ of its own, or of a base: its pickles hold no state to upgrade"
        )


@rebuilds
def reduce_versioned(self: Any, protocol: Any, /) -> Any:
    """In the place of ``__reduce_ex__``: the class's own answer, with the versions around the state."""
    cls: Any = type(self)
    value = object.__reduce_ex__(self, protocol)
    if not isinstance(value, tuple):
        return value
    function, arguments, state, *rest = (*value, None) if len(value) == 2 else value
    if state is None and cls.__reduce__ is not object.__reduce__:
        return value
    if not isinstance(getattr(cls, "__setstate__", None), StateSetter):
        raise TypeError(
            f"{cls.__qualname__} has a __setstate__ of its own, below a base that is versioned: "
            "decorate it with @brinery.versioned, too"
        )
    if isinstance(state, list) and is_generated(getattr(cls, "__getstate__", None)):
        state = by_field(cls, state)
    versions = tuple((each, schema.version) for each, schema in schemas_of(cls))
    return function, arguments, (state, {VERSIONS: versions}), *rest


class StateSetter:
    """In the place of a versioned class's ``__setstate__``: brings the state up, then has it set as it would be."""

    __module__ = PUBLIC_MODULE
    __slots__ = ("own",)

    def __init__(self, own: Any) -> None:
        self.own = own  # as it stands in the class, or None

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, instance: Any, state: Any) -> None:
        """Set the state; from within the instance's own __setstate__, as one of the present version."""
        own = self.setter_of(type(instance))
        changes = False
        outermost = id(instance) not in _restored.ids
        if outermost:
            state, changes = brought_up(type(instance), state, is_plain=own is None)
        if own is None:
            set_attributes(instance, state)
            if changes:
                set_defaults(instance, state)
        elif not outermost:
            own(instance, state)
        elif state is not None:
            _restored.ids.add(id(instance))
            try:
                own(instance, state)
            finally:
                _restored.ids.discard(id(instance))

    def setter_of(self, cls: type) -> Callable[[Any, Any], Any] | None:
        """The __setstate__ that would be called if there were no versions; None for the default."""
        line = iter(cls.__mro__)
        found: Any = self
        while isinstance(found, StateSetter):
            if found.own is not None:
                found = found.own
                break
            for each in line:  # on to the class that this one stands in
                if vars(each).get("__setstate__") is found:
                    break
            found = next((vars(each)["__setstate__"] for each in line if "__setstate__" in vars(each)), None)
        if found is None or is_generated(found):
            return None
        return lambda instance, state: found.__get__(instance, type(instance))(state)


class _Restored(threading.local):
    """Instances whose own __setstate__ is at work in this thread: what it hands to its bases has been upgraded."""

    def __init__(self) -> None:
        self.ids: set[int] = set()


_restored = _Restored()


def schemas_of(cls: type) -> list[tuple[type, Schema]]:
    """The classes, from this one up, that have versions of their own."""
    return [(each, vars(each)[SCHEMA]) for each in cls.__mro__ if SCHEMA in vars(each)]


def brought_up(cls: type, state: Any, is_plain: bool) -> tuple[Any, bool]:
    """The state without its mark and of the present versions, and whether it was of older ones."""
    versions: tuple[Any, ...] = ()
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict) and VERSIONS in state[1]:
        state, versions = state[0], state[1][VERSIONS]
    is_older = False
    for each, schema in reversed(schemas_of(cls)):
        found = next((version for marked, version in versions if marked is each), UNVERSIONED)
        if found > schema.version:
            raise DecodeError(newer(each, found, schema.version))
        if found == schema.version:
            continue
        is_older = True
        try:
            state = schema.bring_up(attributes_in(state) if is_plain else state, found)
        except Exception as error:
            raise DecodeError(
                f"{name_of(each)}: upgrading a state of version {found} to {schema.version} failed with "
                f"{type(error).__name__}: {error}"
            ) from error
    return state, is_older


def newer(cls: type, found: int, version: int) -> str:
    package = cls.__module__.partition(".")[0]
    return (
        f"{name_of(cls)} was pickled with version {found} of its schema, and this process knows it up to {version}: "
        f"load it with the release of {package} that wrote it, or a later one"
    )


def name_of(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def attributes_in(state: Any) -> Any:
    """A state of the default form as one dict, slots among the attributes; anything else as it is."""
    if state is None:
        return {}
    if isinstance(state, dict):
        return dict(state)
    if isinstance(state, tuple) and len(state) == 2 and all(isinstance(each, dict | None) for each in state):
        return {**(state[0] or {}), **(state[1] or {})}
    return state


def set_attributes(instance: Any, state: Any) -> None:
    """What the interpreter does where there is no __setstate__, past a frozen dataclass's own __setattr__."""
    cls = type(instance)
    attributes = by_field(cls, state) if isinstance(state, list) else attributes_in(state)
    if not isinstance(attributes, dict):
        raise DecodeError(f"the state of {name_of(cls)} must be a dict of attributes, not {type(state).__qualname__}")
    own = getattr(instance, "__dict__", None)
    for name, value in attributes.items():
        if own is not None and not isinstance(getattr(cls, name, None), MemberDescriptorType):
            own[name] = value
            continue
        try:
            object.__setattr__(instance, name, value)
        except AttributeError as error:
            raise DecodeError(f"{name_of(cls)} has no slot for {name!r}: drop it where it is upgraded") from error


def is_generated(function: Any) -> bool:
    """Whether @dataclass(frozen=True, slots=True) put it there, whose states are lists of the fields' values."""
    return getattr(function, "__module__", "") == "dataclasses"


def by_field(cls: type, values: list[Any]) -> dict[str, Any]:
    import dataclasses

    names = [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
    if len(names) != len(values):
        raise DecodeError(
            f"a state of {name_of(cls)} has {len(values)} values for {len(names)} fields: "
            "make a dict of them in upgrade"
        )
    return dict(zip(names, values, strict=True))


def set_defaults(instance: Any, state: Any) -> None:
    """The defaults of a dataclass's fields that an older state lacks."""
    import dataclasses

    if not dataclasses.is_dataclass(instance) or not isinstance(state, dict):
        return
    for field in dataclasses.fields(instance):
        if field.name in state:
            continue
        if field.default is not dataclasses.MISSING:
            object.__setattr__(instance, field.name, field.default)
        elif field.default_factory is not dataclasses.MISSING:
            object.__setattr__(instance, field.name, field.default_factory())
