"""Half-live objects: what holds something of this process, and is made anew, with the same settings, in another.

Locks come unlocked and without waiters; files are opened again where they were; what refers to a thread, a socket or a
running computation cannot be made anew, and stays with the core, which says so.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import importlib
import io
import os
import sys
import threading
from typing import Any

from brinery.reducers.exceptions import says_how_to_reduce
from brinery.reducers.identities import known, make_known
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces
from brinery.reducers.values import module_value


@reduces(type(threading.Lock()))
def reduce_lock(reduction: Reduction, lock: Any) -> Any:
    return make_lock, ()


@rebuilds
def make_lock() -> Any:
    return threading.Lock()


@reduces(type(threading.RLock()))
def reduce_reentrant_lock(reduction: Reduction, lock: Any) -> Any:
    return make_reentrant_lock, ()


@rebuilds
def make_reentrant_lock() -> Any:
    return threading.RLock()


@reduces(threading.Condition)
def reduce_condition(reduction: Reduction, condition: Any) -> Any:
    return threading.Condition, (condition._lock,)


@reduces(threading.Event)
def reduce_event(reduction: Reduction, event: threading.Event) -> Any:
    return make_event, (event.is_set(),)


@rebuilds
def make_event(is_set: bool) -> threading.Event:
    event = threading.Event()
    if is_set:
        event.set()
    return event


@reduces(threading.Semaphore, threading.BoundedSemaphore)
def reduce_semaphore(reduction: Reduction, semaphore: Any) -> Any:
    return type(semaphore), (getattr(semaphore, "_initial_value", semaphore._value),)


@reduces(threading.Barrier)
def reduce_barrier(reduction: Reduction, barrier: Any) -> Any:
    return threading.Barrier, (barrier._parties, barrier._action, barrier._timeout)


@reduces(threading.local)
def reduce_thread_local(reduction: Reduction, local: Any) -> Any:
    if says_how_to_reduce(type(local)):
        return NotImplemented
    # What it holds for this thread; and, for a class of one's own, what __init__() is called with in any other thread.
    held = vars(local)
    others = [each for each in gc.get_referents(local) if each is not held]
    args = next((each for each in others if type(each) is tuple), ())
    keywords = next((each for each in others if type(each) is dict and all(type(key) is str for key in each)), {})
    return make_thread_local, (type(local), args, keywords), dict(held) or None


@rebuilds
def make_thread_local(cls: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """A thread-local that holds nothing yet in this thread; others begin with its __init__()."""
    return cls.__new__(cls, *args, **keywords)


@reduces("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue")
def reduce_queue(reduction: Reduction, queue: Any) -> Any:
    with queue.mutex:
        items = list(queue.queue)
    return make_queue, (type(queue).__name__, queue.maxsize, items)


@rebuilds
def make_queue(kind: str, maxsize: int, items: list[Any]) -> Any:
    """A queue with the same items; nobody waits at it."""
    made: Any = getattr(importlib.import_module("queue"), kind)(maxsize)
    made.queue.extend(items)
    made.unfinished_tasks = len(items)
    return made


@reduces("_queue.SimpleQueue")
def reduce_simple_queue(reduction: Reduction, queue: Any) -> Any:
    items = []
    while not queue.empty():
        items.append(queue.get_nowait())
    for item in items:
        queue.put(item)
    return make_simple_queue, (items,)


@rebuilds
def make_simple_queue(items: list[Any]) -> Any:
    import queue

    made: Any = queue.SimpleQueue()
    for item in items:
        made.put(item)
    return made


@reduces(io.TextIOWrapper)
def reduce_text_file(reduction: Reduction, file: Any) -> Any:
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"):
        if getattr(sys, name, None) is file:
            return module_value, ("sys", name)
    path = path_of(file)
    if path is None:
        return NotImplemented
    if not file.closed:
        file.flush()
    position = file.tell() if not file.closed and file.seekable() else None
    return make_file, (path, file.mode, -1, file.encoding, file.errors, position, file.closed)


@reduces(io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)
def reduce_binary_file(reduction: Reduction, file: Any) -> Any:
    path = path_of(file)
    if path is None:
        return NotImplemented
    if not file.closed:
        file.flush()
    position = file.tell() if not file.closed and file.seekable() else None
    buffering = 0 if isinstance(file, io.FileIO) else -1
    mode = file.mode if "b" in file.mode else file.mode + "b"
    return make_file, (path, mode, buffering, None, None, position, file.closed)


def path_of(file: Any) -> str | None:
    """Where a file can be opened again; None for what has no path."""
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    return os.path.abspath(name) if isinstance(name, str | os.PathLike) else None


@rebuilds
def make_file(
    path: str,
    mode: str,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    position: int | None,
    closed: bool,
) -> Any:
    """The file, opened where it was. Raises FileNotFoundError if it is gone; never empties it."""
    kept = mode.replace("w", "r+").replace("x", "r+").replace("++", "+") if not closed else "r" + "b" * ("b" in mode)
    file = open(path, kept, buffering=buffering, encoding=encoding, errors=errors)  # noqa: SIM115 - it is the result
    if closed:
        file.close()
    elif position is not None:
        file.seek(position)
    return file


@reduces("logging.Logger", "logging.RootLogger")
def reduce_logger(reduction: Reduction, logger: Any) -> Any:
    import logging

    return logging.getLogger, (() if isinstance(logger, logging.RootLogger) else (logger.name,))


@reduces(contextvars.ContextVar)
def reduce_context_variable(reduction: Reduction, variable: Any) -> Any:
    default: tuple[Any, ...] = ()
    with contextlib.suppress(LookupError):
        default = (contextvars.Context().run(variable.get),)
    return make_context_variable, (variable.name, default, reduction.identity_of(variable))


@rebuilds
def make_context_variable(name: str, default: tuple[Any, ...], identity: str) -> Any:
    found = known(identity)
    if found is not None:
        return found
    made: Any = contextvars.ContextVar(name, default=default[0]) if default else contextvars.ContextVar(name)
    return make_known(made, identity)


@reduces(contextvars.Context)
def reduce_context(reduction: Reduction, context: Any) -> Any:
    return make_context, (list(context.items()),)


@rebuilds
def make_context(items: list[tuple[Any, Any]]) -> Any:
    made = contextvars.Context()
    for variable, value in items:
        made.run(variable.set, value)
    return made


@reduces("concurrent.futures.thread.ThreadPoolExecutor")
def reduce_thread_pool(reduction: Reduction, pool: Any) -> Any:
    settings = {
        "max_workers": pool._max_workers,
        "thread_name_prefix": pool._thread_name_prefix,
        "initializer": pool._initializer,
        "initargs": pool._initargs,
    }
    return make_pool, ("ThreadPoolExecutor", settings)


@reduces("concurrent.futures.process.ProcessPoolExecutor")
def reduce_process_pool(reduction: Reduction, pool: Any) -> Any:
    settings = {"max_workers": pool._max_workers, "initializer": pool._initializer, "initargs": pool._initargs}
    return make_pool, ("ProcessPoolExecutor", settings)


@rebuilds
def make_pool(kind: str, settings: dict[str, Any]) -> Any:
    """An executor with the same settings; its threads or processes start when they are needed."""
    return getattr(importlib.import_module("concurrent.futures"), kind)(**settings)


@reduces("sqlite3.Connection")
def reduce_connection(reduction: Reduction, connection: Any) -> Any:
    files = [(name, path) for _, name, path in connection.execute("PRAGMA database_list")]
    main = dict(files).get("main")
    if not main:
        raise TypeError(
            "a sqlite3 connection to a database in memory cannot be pickled: use a file, or backup() to one"
        )
    if connection.in_transaction:
        raise TypeError("a sqlite3 connection with an open transaction cannot be pickled: commit() or rollback() first")
    attached = [(name, path) for name, path in files if name not in {"main", "temp"}]
    return make_connection, (main, connection.isolation_level, connection.row_factory, attached)


@rebuilds
def make_connection(path: str, isolation_level: str | None, row_factory: Any, attached: list[tuple[str, str]]) -> Any:
    import sqlite3

    if not os.path.exists(path):
        raise FileNotFoundError(f"the database {path!r} is gone")
    connection = sqlite3.connect(path, isolation_level=isolation_level)  # type: ignore[arg-type]
    for name, other in attached:
        connection.execute(f"ATTACH ? AS {name}", (other,))
    connection.row_factory = row_factory
    return connection


@reduces("mmap.mmap")
def reduce_memory_map(reduction: Reduction, mapped: Any) -> Any:
    # A map of a file says nothing of the file: it travels as what it holds, in memory of its own.
    return make_memory_map, (bytes(mapped), mapped.tell())


@rebuilds
def make_memory_map(data: bytes, position: int) -> Any:
    import mmap

    made = mmap.mmap(-1, max(len(data), 1))
    made[: len(data)] = data
    made.seek(position)
    return made
