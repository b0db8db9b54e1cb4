"""Files that are whole or absent: written under another name, synced, then renamed.

Whatever happens to the process or the machine, the name leads to the old content or to the new one. What a killed
process leaves behind is a temporary file next to the target, which the next write to the same target removes; a lock on
it tells that its writer is alive.

Source: POSIX.1-2017, rename(): "the file referred to by new is replaced atomically". That the rename is durable needs
fsync() of the folder, too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["replaced"]

SUFFIX = ".brinery-tmp"
DISK_ERRORS = {errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EDQUOT}
NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
LARGE = 1 << 20  # from here on it is worth to reserve room
WINDOWS = sys.platform == "win32"


@contextmanager
def replaced(path: str | os.PathLike[str], *, size: int = 0, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write to, which is in the place of `path` once the block ends; an error leaves what was there.

    A symbolic link stays, and what it leads to is replaced. Mode and owner of what is there are kept, as far as this
    user may set them. Devices and pipes have no content to keep: they are written to directly.

    Args:
        path: The target. Several writers at once each replace it as a whole; the last one's stays.
        size: How many bytes are to come, as far as it is known: a disk that has no room for them says so at once, and
            writing is faster.
        durable: Whether the new content is to be on the disk, not only in the system's memory, before the old is gone:
            what a loss of power would need. It takes as long as the disk takes.

    Raises:
        OSError: Something cannot be written; the old content is untouched.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "numbers")
    >>> with replaced(path) as file:
    ...     _ = file.write(b"1 2 3")
    >>> path.read_bytes()
    b'1 2 3'
    """
    target = Path(os.path.realpath(path))
    found = status_of(target)
    if found is not None and is_written_directly(target, found):
        with target.open("wb") as device:
            yield device
        return
    remove_litter(target)
    temporary, file = temporary_for(target)
    try:
        with file:
            if size >= LARGE:
                reserve(file.fileno(), size)
            yield file
            file.flush()
            file.truncate()
            take_over(file.fileno(), found)
            if durable:
                sync(file.fileno())
            if not WINDOWS:
                # Renamed while the lock is held: nobody takes it for litter.
                os.replace(temporary, target)
        if WINDOWS:
            # There, open files cannot be renamed.
            os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.filename is None and error.errno in DISK_ERRORS:
            told = f"{error.strerror}; what was there before is untouched"
            raise OSError(error.errno, told, str(target)) from error
        raise
    if durable:
        sync_folder(target.parent)


def status_of(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def is_written_directly(target: Path, found: os.stat_result) -> bool:
    """Whether it is a device or a pipe.

    Raises:
        IsADirectoryError: It is a folder.
    """
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder: name a file in it", str(target))
    return not stat.S_ISREG(found.st_mode)


def temporary_for(target: Path) -> tuple[Path, IO[bytes]]:
    """A new file in the same folder, for its owner alone, locked."""
    while True:
        name = f".{target.name[:100]}.{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        temporary = target.with_name(name)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(temporary, flags, 0o600)
        except PermissionError as error:
            raise PermissionError(
                error.errno,
                f"no file can be made in the folder {target.parent}, which writing needs so that the old content is "
                "never lost. Write to a folder of your own, or have the folder's permissions changed",
                str(target),
            ) from None
        file = os.fdopen(descriptor, "wb")
        # Another writer may take the file for litter in the moment before it is locked.
        if lock(descriptor) and is_there(temporary, descriptor):
            return temporary, file
        file.close()


def is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def remove_litter(target: Path) -> None:
    """Remove what killed writers of the same target have left."""
    beginning = f".{target.name[:100]}."
    try:
        with os.scandir(target.parent) as entries:
            names = [each.name for each in entries if each.name.startswith(beginning) and each.name.endswith(SUFFIX)]
    except OSError:
        return  # whatever is wrong with the folder, making the new file will tell
    for name in names:
        if name.removeprefix(beginning).removesuffix(SUFFIX).count("-") == 1:
            with contextlib.suppress(OSError):
                remove_if_dead(target.with_name(name))


def remove_if_dead(temporary: Path) -> None:
    """Remove a temporary file that nobody holds a lock on."""
    if WINDOWS:
        temporary.unlink()  # fails as long as anybody has it open
        return
    descriptor = os.open(temporary, os.O_RDWR | os.O_CLOEXEC)
    try:
        if lock(descriptor):
            temporary.unlink()
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock a file as long as it is open; False where somebody else has it locked. Where there are no locks, True."""
    if WINDOWS:
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        if error.errno not in NO_LOCKS:
            raise
    return True


def waiting_lock(descriptor: int) -> None:
    """Lock a file as long as it is open, and wait until nobody else has. Where there are no locks, go on."""
    if WINDOWS:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        return
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def take_over(descriptor: int, found: os.stat_result | None) -> None:
    """Give the new file the mode and owner of the old one, or what new files have."""
    if WINDOWS:
        return
    if found is None:
        os.fchmod(descriptor, 0o666 & ~current_umask())
        return
    ours = os.fstat(descriptor)
    if (ours.st_uid, ours.st_gid) != (found.st_uid, found.st_gid):
        # A user may not give files away: the group alone, or nothing then.
        for owner in (found.st_uid, -1):
            try:
                os.fchown(descriptor, owner, found.st_gid)
                break
            except PermissionError:
                continue
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode))


def current_umask() -> int:
    """The mode bits that new files do not get. Read without changing it, where the system tells."""
    try:
        status = Path("/proc/self/status").read_text()
        line = next(each for each in status.splitlines() if each.startswith("Umask:"))
        return int(line.split()[1], 8)
    except (OSError, StopIteration, ValueError):
        mask = os.umask(0o077)
        os.umask(mask)
        return mask


def reserve(descriptor: int, size: int) -> None:
    """Have the disk keep room for a file, where the system has a call for it."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODEV}:
            raise


def sync(descriptor: int) -> None:
    """Have what was written reach the disk."""
    if sys.platform == "darwin":
        import fcntl

        # fsync() there leaves it in the memory of the drive.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Have a rename reach the disk. Windows has no such call, and journals renames."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP, errno.EROFS}:
            raise
    finally:
        os.close(descriptor)
