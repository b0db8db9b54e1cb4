"""All of a store in one file, and back: to carry it elsewhere, or to another kind of place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from brinery.files import open_log
from brinery.stores.store import Store
from brinery.trust import Trusted

__all__ = ["export_store", "import_store"]

AT_A_TIME = 500
Progress = Callable[[int, int], object]  # called with how many entries are done, and of how many


def export_store(store: Store, path: str | os.PathLike[str], *, progress: Progress | None = None) -> int:
    """Write all entries to a new file, a log of (key, object, when it expires, tags); how many there were.

    The file is a log as :func:`brinery.open_log` reads it, whole and sealed. History and settings are not in it.

    Raises:
        FileExistsError: The file is there already.
        IntegrityError: A value is damaged; the message names its key.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with Store(folder + "/one") as one, Store(folder + "/other") as other:
    ...     one.update(a=1, b=2)
    ...     export_store(one, folder + "/all.log"), import_store(other, folder + "/all.log"), dict(other)
    (2, 2, {'a': 1, 'b': 2})
    """
    if os.path.exists(path):
        raise FileExistsError(f"{os.fspath(path)} is there already")
    total, done = len(store), 0

    def entries() -> Iterator[tuple[Any, Any, float | None, tuple[str, ...]]]:
        for key, obj in store.items():
            try:
                left, tags = store.expires(key), store.tags(key)
            except KeyError:
                continue  # it has expired, or was removed, just now
            yield key, obj, None if left is None else time.time() + left, tags

    left = entries()
    try:
        with open_log(path) as log:
            while some := list(islice(left, AT_A_TIME)):
                log.extend(some)
                done += len(some)
                if progress is not None:
                    progress(done, total)
            log.sync()
    except BaseException:
        # Half of a store could be taken for all of it.
        os.unlink(path)
        raise
    return done


def import_store(
    store: Store, path: str | os.PathLike[str], *, trust: Trusted = None, progress: Progress | None = None
) -> int:
    """Keep what :func:`export_store` has written under its keys, over what is there; how many entries there were.

    Raises:
        DecodeError: The file is none, or damaged.
        UntrustedError: Somebody else has written it, and it needs what is neither vetted nor allowed.
    """
    with open_log(path, "r", trust=trust) as log:
        total, done = len(log), 0
        left = iter(log)
        while some := list(islice(left, AT_A_TIME)):
            with store.transaction():
                for key, obj, expires, tags in some:
                    if expires is None and not tags:
                        continue
                    if expires is None or expires > time.time():
                        store.set(key, obj, ttl=None if expires is None else expires - time.time(), tags=tags)
                store.set_many([(key, obj) for key, obj, expires, tags in some if expires is None and not tags])
            done += len(some)
            if progress is not None:
                progress(done, total)
    return done
