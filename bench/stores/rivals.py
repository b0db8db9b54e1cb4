"""Stores of others, each as its documentation has it used: many records at once, one after the other, and arrays."""

from __future__ import annotations

import pickle
import shelve
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import brinery


@dataclass(frozen=True)
class Rival:
    """What opens a store in a folder, writes many and one, and reads many; whether several may write is its affair."""

    name: str
    open: Callable[[str], Any]
    put_many: Callable[[Any, Mapping[str, Any]], object]
    get_many: Callable[[Any, list[str]], Any]
    put: Callable[[Any, str, Any], object]
    get: Callable[[Any, str], Any] = lambda store, key: store[key]
    close: Callable[[Any], object] = lambda store: store.close()


def each(store: Any, records: Mapping[str, Any]) -> None:
    for key, record in records.items():
        store[key] = record


def all_of(store: Any, keys: list[str]) -> dict[str, Any]:
    return {key: store[key] for key in keys}


def item(store: Any, key: str, obj: Any) -> None:
    store[key] = obj


def of_brinery() -> Rival:
    return Rival(
        "brinery",
        brinery.Store,
        brinery.Store.set_many,
        brinery.Store.get_many,
        item,
    )


def of_shelve() -> Rival:
    def put(store: Any, key: str, obj: Any) -> None:
        store[key] = obj
        store.sync()

    return Rival("shelve", lambda folder: shelve.open(folder + "/shelf"), each, all_of, put)


def of_sqlitedict() -> Rival:
    from sqlitedict import SqliteDict

    def put_many(store: Any, records: Mapping[str, Any]) -> None:
        store.update(records)
        store.commit()

    def put(store: Any, key: str, obj: Any) -> None:
        store[key] = obj
        store.commit()

    return Rival("sqlitedict", lambda folder: SqliteDict(folder + "/db"), put_many, all_of, put)


def of_diskcache() -> Rival:
    from diskcache import Cache

    def put_many(store: Any, records: Mapping[str, Any]) -> None:
        with store.transact():
            each(store, records)

    def get_many(store: Any, keys: list[str]) -> dict[str, Any]:
        with store.transact():
            return all_of(store, keys)

    return Rival("diskcache", lambda folder: Cache(folder, eviction_policy="none"), put_many, get_many, item)


def of_lmdb() -> Rival:
    import lmdb

    def put_many(store: Any, records: Mapping[str, Any]) -> None:
        with store.begin(write=True) as transaction:
            for key, record in records.items():
                transaction.put(key.encode(), pickle.dumps(record, 5))

    def get_many(store: Any, keys: list[str]) -> dict[str, Any]:
        with store.begin(buffers=True) as transaction:
            return {key: pickle.loads(transaction.get(key.encode())) for key in keys}

    return Rival(
        "LMDB and pickle",
        # As a kill alone is to take nothing back, like the others here.
        lambda folder: lmdb.open(folder, map_size=4 << 30, sync=False, metasync=False),
        put_many,
        get_many,
        lambda store, key, obj: put_many(store, {key: obj}),
        lambda store, key: get_many(store, [key])[key],
    )


def of_zodb() -> Rival:
    import transaction
    import ZODB
    import ZODB.FileStorage
    from BTrees.OOBTree import OOBTree

    def opened(folder: str) -> Any:
        connection = ZODB.DB(ZODB.FileStorage.FileStorage(folder + "/data.fs")).open()
        connection.root.items = OOBTree()
        return connection

    def put_many(store: Any, records: Mapping[str, Any]) -> None:
        store.root.items.update(records)
        transaction.commit()

    def get_many(store: Any, keys: list[str]) -> dict[str, Any]:
        store.cacheMinimize()
        return all_of(store.root.items, keys)

    return Rival(
        "ZODB",
        opened,
        put_many,
        get_many,
        lambda store, key, obj: put_many(store, {key: obj}),
        lambda store, key: get_many(store, [key])[key],
        lambda store: (store.close(), store.db().close()),
    )


RIVALS = (of_brinery, of_shelve, of_sqlitedict, of_diskcache, of_lmdb, of_zodb)
