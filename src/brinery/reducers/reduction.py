"""One run over an object graph: what the core's hook remembers between its calls."""

from __future__ import annotations

import copyreg
import sys
from types import CellType
from typing import Any, ClassVar

from brinery.reducers import identities, registry, rule, usual
from brinery.reducers.memory import SharedMemory
from brinery.reducers.registry import REDUCE_HOOK


class Reduction:
    """Takes apart what the core cannot; :meth:`reduce`, or :meth:`reduce_or_stand_in`, is its hook.

    ``out_of_band`` says whether buffers go elsewhere, uncopied. A pass over the same graph whose memory did not settle
    may have gone `before`.
    """

    canonical: ClassVar[bool] = False  # whether equal objects are to be taken apart the same way everywhere
    __slots__ = ("_before", "_kept", "_memory", "_namespaces", "announced_cells", "out_of_band", "protocol", "written")

    def __init__(self, protocol: int = 5, out_of_band: bool = False, before: Reduction | None = None) -> None:
        self.protocol = protocol
        self.out_of_band = out_of_band
        self._before = before
        self._memory: SharedMemory | None = None
        self.written: Any = None  # the array that owns the memory of the one being reduced, if it has been written
        self.announced_cells: set[int] = set()
        self._namespaces: dict[int, dict[str, Any] | str] = {}
        self._kept: list[Any] = []  # whose ids are keys

    @property
    def memory(self) -> SharedMemory:
        """The memory that objects share, from the first that is asked about."""
        if self._memory is None:
            self._memory = SharedMemory(self._before.memory if self._before is not None else None)
        return self._memory

    @property
    def is_settled(self) -> bool:
        """Whether all users of a memory refer to the same part of it, so that there need be no further pass."""
        return self._memory is None or self._memory.is_settled

    def reduce(self, obj: Any, written: Any = None) -> Any:
        """What ``obj.__reduce_ex__`` would answer if it were one of ours; NotImplemented if it is not."""
        self.written = written
        cls = type(obj)
        reducer = registry.by_type.get(cls) or registry.find(cls)
        if reducer is not None:
            return reducer(self, obj)
        if getattr(cls, REDUCE_HOOK, None) is not None and registry.has_hook(cls):
            return registry.reduce_by_hook(obj)
        reducer = registry.find_for_subclass(cls)
        if reducer is not None:
            return reducer(self, obj)
        return reduced_by_itself(obj) if says_its_name(cls) else NotImplemented

    def reduce_fully(self, obj: Any, written: Any = None) -> Any:
        """The same for any object that has no opcodes of its own, checked; NotImplemented for what goes by its name.

        Raises what the core would raise where the object cannot be pickled.
        """
        value = self.reduce(obj, written)
        if value is NotImplemented:
            value = usual.reduce_value(obj)
        usual.check(obj, value)
        return value

    def reduce_or_stand_in(self, obj: Any, written: Any = None) -> Any:
        """The same, with a labelled stand-in for what cannot be pickled."""
        from brinery.reducers.standins import stand_in_for

        try:
            return self.reduce_fully(obj, written)
        except Exception as error:
            return stand_in_for(obj, str(error))

    def identity_of(self, obj: Any) -> str:
        """What a class or the like is known by in all processes it gets to."""
        return identities.identity_of(obj)

    def namespace_of(self, function_globals: dict[str, Any]) -> dict[str, Any] | str:
        """Where functions with these globals find theirs when they are loaded.

        The name of a module that can be imported there, or a dict for what its functions use: one for all functions
        that share globals.
        """
        found = self._namespaces.get(id(function_globals))
        if found is None:
            found = namespace_with(function_globals.get("__name__"), function_globals)
            self._namespaces[id(function_globals)] = found
            self._kept.append(function_globals)
        return found

    def announce(self, cells: tuple[CellType, ...]) -> None:
        """The contents of these cells will be part of a function's state."""
        for cell in cells:
            self.announced_cells.add(id(cell))
        self._kept.append(cells)


def says_its_name(cls: Any) -> bool:
    """Whether instances of the class may answer with their name: those that have a __reduce__() may."""
    return (
        cls.__reduce__ is not object.__reduce__
        and cls.__reduce_ex__ is object.__reduce_ex__
        and cls not in copyreg.dispatch_table
    )


def reduced_by_itself(obj: Any) -> Any:
    """What the object answers; its state where it answers with its name and nothing has it under that.

    Decorated functions say their names, as if they were always those of a module that can be imported.
    """
    value = obj.__reduce__()
    if isinstance(value, str) and not rule.leads_to(getattr(obj, "__module__", None), value, obj):
        return copyreg.__newobj__, (type(obj),), obj.__getstate__()  # type: ignore[attr-defined]
    return value


def namespace_with(name: Any, function_globals: dict[str, Any]) -> dict[str, Any] | str:
    """The name of the module whose globals these are, if it can be imported, or else a dict to begin new ones with."""
    if not isinstance(name, str):
        return {}
    module = sys.modules.get(name)
    of_module = module is not None and getattr(module, "__dict__", None) is function_globals
    return name if of_module and rule.is_importable(name) else {"__name__": name}
