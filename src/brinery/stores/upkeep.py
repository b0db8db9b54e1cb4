"""What is kept beside the entries of a store, right with each write: expiry, tags, history, size, what goes first."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from brinery.stores.backend import Backend, Row
from brinery.stores.spaces import (
    ENTRIES,
    NO_RANK,
    SETTINGS,
    TIME,
    TOTAL,
    VERSIONS,
    About,
    Settings,
    about_key,
    expiry_key,
    expiry_range,
    key_of_expiry,
    key_of_use,
    key_of_version,
    microseconds,
    number_from,
    number_to_bytes,
    tag_key,
    time_of_version,
    use_key,
    use_range,
    version_key,
    version_range,
)
from brinery.stores.values import expires_of, file_of

__all__ = ["Entry", "Upkeep"]

# With each write so many of what has expired are removed, at most: no write takes long.
EXPIRED_AT_A_TIME = 100
USED_AT_A_TIME = 32
LATEST = (1 << 64) - 1


class Entry(NamedTuple):
    """What is to be kept under a key; `expires` in seconds since the epoch, None for never; `file_size` in bytes."""

    key: bytes
    value: bytes
    expires: float | None = None
    tags: tuple[str, ...] = ()
    file_size: int = 0


class Changes:
    """Rows to write and to remove, in one go."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}
        self.gone: set[bytes] = set()

    def put(self, key: bytes, value: bytes = b"") -> None:
        self.gone.discard(key)
        self.rows[key] = value

    def remove(self, key: bytes) -> None:
        self.rows.pop(key, None)
        self.gone.add(key)

    def do(self, backend: Backend) -> None:
        if self.rows or self.gone:
            backend.put(list(self.rows.items()), sorted(self.gone))


class Upkeep:
    """Writes entries with all that belongs to them. To be used in transactions only."""

    def __init__(self, backend: Backend) -> None:
        """In this place."""
        self._backend = backend

    def settings(self) -> Settings:
        """What holds for the store."""
        return Settings.from_bytes(self._backend.get([SETTINGS]).get(SETTINGS))

    def change_settings(self, settings: Settings) -> list[bytes]:
        """Have other settings hold, for what is there, too; the values that nobody needs any more.

        Sizes are told once there is a limit, and versions go of which fewer are kept: with none of them kept, nobody
        would know of their files.
        """
        before = self.settings()
        if settings == before:
            return []
        changes = Changes()
        changes.put(SETTINGS, settings.to_bytes())
        if settings.size_limit is not None and (before.size_limit is None or settings.policy != before.policy):
            self._rank_all(settings, changes)
        forgotten = self._shorten_histories(settings.keep, changes) if settings.keep < before.keep else []
        changes.do(self._backend)
        return forgotten + (self._evict(settings, ()) if settings.size_limit is not None else [])

    def _shorten_histories(self, keep: int, changes: Changes) -> list[bytes]:
        forgotten: list[Row] = []
        key, count = b"", 0
        for row, value in self._backend.scan(VERSIONS, reverse=True):
            if key_of_version(row) != key:
                key, count = key_of_version(row), 0
            count += 1
            if count > keep:
                changes.remove(row)
                if file_of(value) is not None:
                    forgotten.append((key, value))
        current = self._backend.get(list({key for key, _ in forgotten}))
        return [value for key, value in forgotten if current.get(key) != value]

    def _rank_all(self, settings: Settings, changes: Changes) -> None:
        total = 0
        now = time.time()
        rows = list(self._backend.scan(ENTRIES))
        abouts = self._abouts([key for key, _ in rows])
        for key, value in rows:
            old = abouts.get(key) or About(None, len(key) + len(value), False, NO_RANK, ())
            if old.rank != NO_RANK:
                changes.remove(use_key(old.rank, key))
            about = old._replace(rank=rank_of(settings, old.expires, 1, now))
            changes.put(about_key(key), about.to_bytes())
            changes.put(use_key(about.rank, key))
            total += about.size
        changes.put(TOTAL, number_to_bytes(total))

    def write(self, entries: Sequence[Entry], gone: Sequence[bytes] = ()) -> list[bytes]:
        """Keep entries and remove keys; the values that nobody needs any more.

        Linear in what is written. With a limit, what has to go for it goes at once.
        """
        now = time.time()
        latest = {entry.key: entry for entry in entries}
        keys = [*latest, *gone]
        found = self._backend.get([SETTINGS, TOTAL, *map(about_key, keys)])
        settings = Settings.from_bytes(found.get(SETTINGS))
        abouts = {key: About.from_bytes(found[about_key(key)]) for key in keys if about_key(key) in found}
        changes = Changes()
        forgotten = self._forget(abouts, settings, changes)
        forgotten += [entry.value for entry in entries if latest[entry.key] is not entry]
        total = number_from(found.get(TOTAL)) - sum(about.size for about in abouts.values())
        for entry in latest.values():
            changes.put(entry.key, entry.value)
            size = len(entry.key) + len(entry.value) + entry.file_size
            total += size if settings.size_limit is not None else 0
            rank = rank_of(settings, entry.expires, 1, now) if settings.size_limit is not None else NO_RANK
            self._note(entry.key, About(entry.expires, size, bool(entry.file_size), rank, entry.tags), changes)
        for key in gone:
            changes.remove(key)
        if settings.keep:
            values = [*((entry.key, entry.value) for entry in latest.values()), *((key, b"") for key in gone)]
            forgotten += self._keep_versions(values, settings.keep, microseconds(now), changes)
        if settings.size_limit is not None:
            changes.put(TOTAL, number_to_bytes(total))
        changes.do(self._backend)
        forgotten += self.drop_expired(EXPIRED_AT_A_TIME)
        if settings.size_limit is not None and total > settings.size_limit:
            forgotten += self._evict(settings, latest.keys())
        return forgotten

    def _note(self, key: bytes, about: About, changes: Changes) -> None:
        """Note about an entry what there is to note."""
        if about.expires is None and not about.tags and not about.has_file and about.rank == NO_RANK:
            return
        changes.put(about_key(key), about.to_bytes())
        if about.expires is not None:
            changes.put(expiry_key(about.expires, key))
        for tag in about.tags:
            changes.put(tag_key(tag, key))
        if about.rank != NO_RANK:
            changes.put(use_key(about.rank, key))

    def _forget(self, abouts: Mapping[bytes, About], settings: Settings, changes: Changes) -> list[bytes]:
        """Remove what was noted about entries; the values whose files nobody needs then."""
        for key, about in abouts.items():
            changes.remove(about_key(key))
            if about.expires is not None:
                changes.remove(expiry_key(about.expires, key))
            for tag in about.tags:
                changes.remove(tag_key(tag, key))
            if about.rank != NO_RANK:
                changes.remove(use_key(about.rank, key))
        if settings.keep:
            return []  # the versions have them
        return list(self._backend.get([key for key, about in abouts.items() if about.has_file]).values())

    def _keep_versions(self, values: Iterable[Row], keep: int, now: int, changes: Changes) -> list[bytes]:
        forgotten = []
        for key, value in values:
            kept = list(self._backend.scan(version_range(key)))
            if not kept and (before := self._backend.get([key])):
                # From before there was a history.
                kept = [(version_key(key, 0), before[key])]
                changes.put(*kept[0])
            if not kept and not value:
                continue
            when = max(now, time_of_version(kept[-1][0]) + 1 if kept else 0)
            changes.put(version_key(key, when), value)
            for row, old in kept[: max(0, len(kept) + 1 - keep)]:
                changes.remove(row)
                forgotten.append(old)
        return forgotten

    def purge(self, keys: Sequence[bytes]) -> list[bytes]:
        """Remove keys with all that belongs to them, their history too; the values that nobody needs then."""
        settings = self.settings()
        abouts = self._abouts(keys)
        changes = Changes()
        self._forget(abouts, settings._replace(keep=1), changes)
        forgotten = list(self._backend.get(keys).values())
        for key in keys:
            changes.remove(key)
            for row, old in self._backend.scan(version_range(key)) if settings.keep else ():
                changes.remove(row)
                forgotten.append(old)
        if settings.size_limit is not None:
            size = sum(about.size for about in abouts.values())
            total = number_from(self._backend.get([TOTAL]).get(TOTAL))
            changes.put(TOTAL, number_to_bytes(max(0, total - size)))
        changes.do(self._backend)
        return forgotten

    def drop_expired(self, limit: int | None = None) -> list[bytes]:
        """Remove what has expired, at most so many; the values that nobody needs then."""
        now = time.time()
        rows = [row for row, _ in self._backend.scan(expiry_range(now), values=False, limit=limit)]
        if not rows:
            return []
        keys = [key_of_expiry(row) for row in rows]
        values = self._backend.get(keys)
        has_expired = [key for key in keys if key in values and (expires_of(values[key]) or now + 1) <= now]
        forgotten = self.purge(has_expired)
        # What the index tells of keys that are not there, or have not expired, is wrong.
        self._backend.put([], rows)
        return forgotten

    def _evict(self, settings: Settings, written: Iterable[bytes]) -> list[bytes]:
        """Remove what has the lowest rank until the rest fits; what was just written, last."""
        forgotten: list[bytes] = []
        fresh = set(written)
        assert settings.size_limit is not None
        while (total := number_from(self._backend.get([TOTAL]).get(TOTAL))) > settings.size_limit:
            rows = [row for row, _ in self._backend.scan(use_range(), values=False, limit=USED_AT_A_TIME + len(fresh))]
            candidates = [row for row in rows if key_of_use(row) not in fresh] or rows
            if not candidates:
                break
            abouts = self._abouts([key_of_use(row) for row in candidates])
            victims = []
            for row in candidates:
                if total <= settings.size_limit:
                    break
                about = abouts.get(key_of_use(row))
                victims.append(row)
                total -= about.size if about is not None else 0
            forgotten += self.purge([key_of_use(row) for row in victims])
            self._backend.put([], victims)
            self._note_age(settings, victims[-1])
        return forgotten

    def _note_age(self, settings: Settings, victim: bytes) -> None:
        if settings.policy == "lfu":
            age = TIME.unpack(victim[1 : 1 + TIME.size])[0]
            self._backend.put([(SETTINGS, settings._replace(age=age).to_bytes())])

    def note_uses(self, uses: Mapping[bytes, tuple[int, float]]) -> None:
        """Have keys that were used, so often and then for the last time, go later."""
        settings = self.settings()
        if settings.size_limit is None or settings.policy not in {"lru", "lfu"}:
            return
        changes = Changes()
        for key, about in self._abouts(list(uses)).items():
            count, when = uses[key]
            if settings.policy == "lfu":
                count += max(0, TIME.unpack(about.rank[: TIME.size])[0] - settings.age)
            rank = max(about.rank, rank_of(settings, about.expires, count, when))  # it may have been written since
            changes.remove(use_key(about.rank, key))
            changes.put(use_key(rank, key))
            changes.put(about_key(key), about._replace(rank=rank).to_bytes())
        changes.do(self._backend)

    def _abouts(self, keys: Sequence[bytes]) -> dict[bytes, About]:
        found = self._backend.get([about_key(key) for key in keys])
        return {row[1:]: About.from_bytes(data) for row, data in found.items()}

    def tags_of(self, key: bytes) -> tuple[str, ...]:
        """The tags of a key."""
        about = self._abouts([key]).get(key)
        return () if about is None else about.tags

    def files_in_use(self) -> set[str]:
        """The names of the files that an entry or a version has."""
        found = set()
        for within in (ENTRIES, VERSIONS):
            found |= {name for _, value in self._backend.scan(within) if (name := file_of(value)) is not None}
        return found


def rank_of(settings: Settings, expires: float | None, count: int, now: float) -> bytes:
    """What has the lowest rank goes first."""
    first = {
        "lru": 0,
        "fifo": 0,
        "lfu": settings.age + count,
        "ttl": LATEST if expires is None else microseconds(expires),
    }[settings.policy]
    return TIME.pack(first) + TIME.pack(microseconds(now))
