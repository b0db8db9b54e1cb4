"""Functions whose results are kept: what :func:`brinery.memoize` makes of plain ones."""

from __future__ import annotations

import functools
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, overload

from brinery.caching.calls import PLAIN
from brinery.caching.flight import Flight
from brinery.caching.outcomes import Found
from brinery.caching.results import Query, Results, Settings
from brinery.caching.rows import ERROR, VALUE

__all__ = ["BoundMemoized", "Memoized", "Stats"]

P = ParamSpec("P")
R = TypeVar("R")
MAIN = ("__main__", "__mp_main__")


class Stats(NamedTuple):
    """What came of the calls of a memoized function in this process.

    `misses` were computed, those among them that cannot be kept, too; `stale` are hits that were answered with an old
    result while a new one was computed; `waits` are calls that waited for another thread, task or process; `errors`
    counts what went wrong with keeping and finding. `seconds_saved` is what the hits took when they were computed.
    """

    calls: int
    memory_hits: int
    store_hits: int
    misses: int
    stale: int
    waits: int
    errors: int
    seconds_saved: float
    seconds_computed: float

    @property
    def hits(self) -> int:
        """How many calls were answered with what was kept."""
        return self.memory_hits + self.store_hits


class Tally:
    """What :class:`Stats` tells, as it grows."""

    __slots__ = ("computed", "memory_hits", "misses", "saved", "stale", "store_hits", "waits")

    def __init__(self) -> None:
        self.memory_hits = self.store_hits = self.misses = self.stale = self.waits = 0
        self.saved = self.computed = 0.0


class Memoized(Generic[P, R]):
    """A function whose results are kept, see :func:`brinery.memoize`."""

    __wrapped__: Callable[P, R]
    __name__: str
    __qualname__: str
    version: str | None  # what counts instead of its code, for those too who use it

    def __init__(self, function: Callable[P, R], settings: Settings) -> None:
        """Of that function; nothing is opened before the first call."""
        functools.update_wrapper(self, function)
        self._function = function
        self._settings = settings
        self.version = settings.version
        self._results = Results(function, name_of(function), versioned(function, settings))
        self._is_same = self._results.is_same
        self._tally = Tally()
        self._renewing: set[Any] = set()

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function returns, or has returned."""
        # The short way of what is called most, plain arguments whose result is in memory, leads through no other
        # function of ours but the one that looks at the code.
        if not kwargs:
            edition = self._results._edition
            fill = edition.fills.get(len(args))
            if fill is not None:
                key = args + fill
                for each in key:
                    if type(each) not in PLAIN:
                        break
                else:
                    entry = edition.get(key)
                    if entry is not None and entry.is_ready and self._is_same():
                        try:  # noqa: SIM105 - suppress() takes a microsecond
                            edition.touch(key)
                        except KeyError:
                            pass  # another thread has just removed it; here it is
                        tally = self._tally
                        tally.memory_hits += 1
                        tally.saved += entry.seconds
                        return entry.value  # type: ignore[no-any-return]
        return self._call(args, kwargs)  # type: ignore[no-any-return]

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        # As few frames as can be stand between a function and its calls of itself: Python counts them.
        query = self._query(args, kwargs)
        if query is None:
            return self._plainly(args, kwargs)
        found = self._find(query)
        if found is not None and found.is_stale and not self._renew(query, args, kwargs):
            found = None
        if found is not None:
            return self._hit(found)
        with self._flight(query) as flight:
            found = self._found_meanwhile(query, flight)
            if found is not None:
                return self._hit(found)
            self._tally.misses += 1
            start = time.perf_counter()
            try:
                value = self._function(*args, **kwargs)
            except self._settings.exceptions as error:
                self._keep(query, ERROR, error, time.perf_counter() - start)
                raise
            self._keep(query, VALUE, value, time.perf_counter() - start)
            return value

    # The steps of a call

    def _query(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Query | None:
        """What is asked for; None where that cannot be told."""
        try:
            edition = self._results.edition()
        except Exception as error:
            self._results.problems.met("code", error)
            return None
        try:
            query = Query(edition, edition.calls.values(args, kwargs))
        except TypeError:
            # The function itself says it best.
            return None
        try:
            # What is plain can be told in any case, and is likely to be in memory.
            if query.plain is None:
                self._results.key(query)
        except Exception as error:
            self._results.problems.met("arguments", error)
            return None
        return query

    def _plainly(self, args: Any, kwargs: Any) -> Any:
        self._tally.misses += 1
        return self._function(*args, **kwargs)

    def _find(self, query: Query) -> Found | None:
        return self._results.from_memory(query) or self._results.from_store(query)

    def _hit(self, found: Found) -> Any:
        self._count(found)
        return found.value()

    def _count(self, found: Found) -> None:
        tally = self._tally
        if found.where == "memory":
            tally.memory_hits += 1
        else:
            tally.store_hits += 1
        tally.stale += found.is_stale
        tally.saved += found.seconds

    def _flight(self, query: Query) -> Any:
        """A block in which nobody else computes the same."""
        if not self._settings.single_flight:
            return nullcontext()
        try:
            return Guarded(self._results.flights().alone(query.key), self._results)
        except Exception as error:
            self._results.problems.met("store", error)
            return nullcontext()

    def _found_meanwhile(self, query: Query, flight: Flight | None) -> Found | None:
        """What somebody else has computed since it was looked for."""
        if flight is None:
            return None
        self._tally.waits += flight.waited
        found = self._find(query)
        return None if found is None or found.is_stale else found

    def _keep(self, query: Query, kind: str, payload: Any, seconds: float) -> None:
        self._tally.computed += seconds
        self._results.keep(query, kind, payload, seconds)

    # In the background

    def _renew(self, query: Query, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Have a thread compute it again, if none does; whether what is old may be used meanwhile."""
        if query.key in self._renewing:
            return True
        call = self._copied(query, args, kwargs)
        if call is None:
            return False
        self._renewing.add(query.key)
        threading.Thread(target=self._renewed, args=(query, *call), daemon=True).start()
        return True

    def _copied(self, query: Query, args: Any, kwargs: Any) -> Any:
        """Arguments for a thread: the caller may change his own as soon as he has his result."""
        if query.plain is not None:
            return args, kwargs
        from brinery.serializer import dumps, loads

        try:
            return loads(dumps((args, kwargs), seal=False), trust="everything")
        except Exception as error:
            self._results.problems.met("arguments", error)
            return None

    def _renewed(self, query: Query, args: Any, kwargs: Any) -> None:
        try:
            with self._flight(query) as flight:
                if self._found_meanwhile(query, flight) is None:
                    self._compute(query, args, kwargs)
        except self._settings.exceptions:
            pass  # it is kept
        except Exception as error:
            self._results.problems.met("background", error)
        finally:
            self._renewing.discard(query.key)

    def _compute(self, query: Query, args: Any, kwargs: Any) -> None:
        start = time.perf_counter()
        try:
            value = self._function(*args, **kwargs)
        except self._settings.exceptions as error:
            self._keep(query, ERROR, error, time.perf_counter() - start)
            raise
        self._keep(query, VALUE, value, time.perf_counter() - start)

    # What is kept

    def explain(self, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Why such a call would be a hit, or a miss: then also what differs from the nearest call that is kept.

        Returns:
            An :class:`Explanation`.

        Raises:
            TypeError: The function does not take such arguments.
            BrineryError, OSError: The store cannot be used.
        """
        from brinery.caching.explaining import explanation

        return explanation(self._results, args, kwargs)

    def cached(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether a result is kept for such a call.

        Raises:
            TypeError, BrineryError, OSError: As for :meth:`explain`.
        """
        query = self._results.query(args, kwargs)
        return self._find(query) is not None

    def invalidate(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Remove the result of such a call; whether there was one. Other processes may have it in memory.

        Raises:
            TypeError, BrineryError, OSError: As for :meth:`explain`.
        """
        return self._results.forget(self._results.query(args, kwargs))

    def clear(self) -> int:
        """Remove all results, those of older code too; how many there were in the store.

        Raises:
            BrineryError, OSError: The store cannot be used.
        """
        return self._results.clear()

    def stats(self) -> Stats:
        """What came of the calls in this process."""
        tally = self._tally
        calls = tally.memory_hits + tally.store_hits + tally.misses
        return Stats(
            calls,
            tally.memory_hits,
            tally.store_hits,
            tally.misses,
            tally.stale,
            tally.waits,
            self._results.problems.count,
            tally.saved,
            tally.computed,
        )

    def warm(self, /, calls: Iterable[Any], *, workers: Any = None, progress: Any = None) -> Any:
        """Compute the results that are missing; how many that were.

        Args:
            calls: The arguments of each call: a tuple, or the only one.
            workers: How many threads compute; or an executor to use, such as a ``ProcessPoolExecutor``. One after the
                other by default.
            progress: As for :func:`brinery.dump`: a function to call with how many are done and of how many, or whether
                to show a bar.

        Raises:
            Exception: What the first call that failed has raised.
        """
        from brinery.caching.warming import warm

        return warm(self, calls, workers, progress)

    def with_store(self, store: Any) -> Memoized[P, R]:
        """The same function with its results in another store."""
        return type(self)(self._function, self._settings._replace(store=store))

    def settle(self, /, *args: Any) -> bool:
        """Compute what is missing for such a call, all of it; whether it was missing."""
        if self.cached(*args):  # type: ignore[call-arg]
            return False
        self._settled(args)
        return True

    def _settled(self, args: tuple[Any, ...]) -> None:
        with suppress(*self._settings.exceptions):  # which are kept
            self(*args)  # type: ignore[call-arg]

    # What it is to others

    @overload
    def __get__(self, obj: None, owner: Any = None) -> Memoized[P, R]: ...
    @overload
    def __get__(self, obj: object, owner: Any = None) -> BoundMemoized: ...
    def __get__(self, obj: Any, owner: Any = None) -> Any:
        """As a method of an object."""
        return self if obj is None else BoundMemoized(self, obj)

    def __repr__(self) -> str:
        """Its name, and how often it had to compute."""
        stats = self.stats()
        return f"<memoize {self._results.name}: {stats.hits:,} hits, {stats.misses:,} misses>"

    def __reduce__(self) -> Any:
        """By name, as functions are; where no name leads to it, by its function."""
        if found_by(self.__module__, self.__qualname__) is self:
            return self.__qualname__
        return type(self), (self._function, self._settings)

    def __brinery_reduce__(self) -> Any:
        """Likewise for :func:`brinery.dumps`, which sends functions with their code where others cannot import them."""
        from brinery.reducers.rule import is_importable

        if is_importable(self.__module__) and found_by(self.__module__, self.__qualname__) is self:
            return self.__module__, self.__qualname__
        return self._function, self._settings

    @classmethod
    def __brinery_rebuild__(cls, content: Any) -> Any:
        """What the other side has of it."""
        first, second = content
        if isinstance(first, str):
            from importlib import import_module

            import_module(first)
            return found_by(first, second)
        return cls(first, second)


class BoundMemoized:
    """A memoized function as the method of an object, which is the first of its arguments."""

    __slots__ = ("__func__", "__self__", "__weakref__")

    def __init__(self, memoized: Memoized[Any, Any], obj: Any) -> None:
        """As of that object."""
        self.__func__ = memoized
        self.__self__ = obj

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """What the method returns, or has returned."""
        return self.__func__(self.__self__, *args, **kwargs)

    def explain(self, /, *args: Any, **kwargs: Any) -> Any:
        """As :meth:`Memoized.explain`."""
        return self.__func__.explain(self.__self__, *args, **kwargs)

    def cached(self, /, *args: Any, **kwargs: Any) -> bool:
        """As :meth:`Memoized.cached`."""
        return self.__func__.cached(self.__self__, *args, **kwargs)

    def invalidate(self, /, *args: Any, **kwargs: Any) -> bool:
        """As :meth:`Memoized.invalidate`."""
        return self.__func__.invalidate(self.__self__, *args, **kwargs)

    def warm(self, /, calls: Iterable[Any], *, workers: Any = None, progress: Any = None) -> Any:
        """As :meth:`Memoized.warm`."""
        whole = ((self.__self__, *(call if isinstance(call, tuple) else (call,))) for call in calls)
        return self.__func__.warm(whole, workers=workers, progress=progress)

    def __getattr__(self, name: str) -> Any:
        """Anything else is the function's."""
        return getattr(self.__func__, name)

    def __eq__(self, other: object) -> bool:
        """As bound methods: of the same function and object."""
        if not isinstance(other, BoundMemoized):
            return NotImplemented
        return self.__func__ is other.__func__ and self.__self__ is other.__self__

    def __hash__(self) -> int:
        """Of the function and the object's identity."""
        return hash((id(self.__func__), id(self.__self__)))

    def __repr__(self) -> str:
        """The function's."""
        return f"<bound {self.__func__!r} of {self.__self__!r}>"

    def __reduce__(self) -> Any:
        """By the object and the name."""
        return getattr, (self.__self__, self.__func__.__name__)


class Guarded:
    """A flight; where flights cannot be used, that is told, and the block is entered all the same."""

    def __init__(self, flight: Flight, results: Results) -> None:
        self._flight = flight
        self._results = results

    def __enter__(self) -> Flight:
        try:
            self._flight.__enter__()
        except Exception as error:
            self._results.problems.met("store", error)
        return self._flight

    def __exit__(self, *_: object) -> None:
        try:
            self._flight.__exit__()
        except Exception as error:
            self._results.problems.met("store", error)


def name_of(function: Any) -> str:
    """The name that results are kept under: the same for a script's functions in the processes that it starts."""
    module: str = function.__module__ or "?"
    if module in MAIN:
        spec = getattr(sys.modules.get(module), "__spec__", None)
        module = "__main__" if spec is None else spec.name
    return f"{module}.{function.__qualname__}"


def versioned(function: Any, settings: Settings) -> Settings:
    """The settings, whose version tells scripts apart, too: all of them have the same name."""
    if settings.version is None or not name_of(function).startswith("__main__."):
        return settings
    file = getattr(sys.modules.get(function.__module__), "__file__", None)
    return settings if file is None else settings._replace(version=f"{settings.version} of {file}")


def found_by(module: str, qualified_name: str) -> Any:
    """What the name leads to in this process; None where it leads nowhere."""
    found: Any = sys.modules.get(module)
    for step in qualified_name.split("."):
        found = getattr(found, step, None)
    return found
