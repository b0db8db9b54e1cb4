from collections.abc import Callable, Iterable, Mapping, Set
from pickle import PickleBuffer
from typing import Any, Protocol

from _typeshed import ReadableBuffer, SupportsWrite

class _ReadableFile(Protocol):
    def read(self, n: int, /) -> bytes: ...
    def readline(self) -> bytes: ...

class Pickler:
    bin: int
    fast: int
    dispatch_table: Mapping[type, Callable[[Any], Any]]
    memo: Any
    def __init__(
        self,
        file: SupportsWrite[bytes],
        protocol: int | None = None,
        fix_imports: bool = True,
        buffer_callback: Callable[[PickleBuffer], Any] | None = None,
    ) -> None: ...
    def dump(self, obj: Any, /) -> None: ...
    def clear_memo(self) -> None: ...
    def persistent_id(self, obj: Any, /) -> Any: ...

class Unpickler:
    memo: Any
    def __init__(
        self,
        file: _ReadableFile,
        *,
        fix_imports: bool = True,
        encoding: str = "ASCII",
        errors: str = "strict",
        buffers: Iterable[Any] | None = (),
    ) -> None: ...
    def load(self) -> Any: ...
    def find_class(self, module_name: str, global_name: str, /) -> Any: ...
    def persistent_load(self, pid: Any, /) -> Any: ...

def dump(
    obj: Any,
    file: SupportsWrite[bytes],
    protocol: int | None = None,
    *,
    fix_imports: bool = True,
    buffer_callback: Callable[[PickleBuffer], Any] | None = None,
) -> None: ...
def dumps(
    obj: Any,
    protocol: int | None = None,
    *,
    fix_imports: bool = True,
    buffer_callback: Callable[[PickleBuffer], Any] | None = None,
) -> bytes: ...
def encode(
    obj: Any,
    protocol: int | None = None,
    *,
    reduce: Callable[[Any], Any] | None = None,
    by_value: Set[str] | None = None,
    reduced: Mapping[type, Any] | Set[type] | None = None,
    buffer_callback: Callable[[PickleBuffer], Any] | None = None,
    key_reduce: Callable[[Any], Any] | None = None,
    leaves: dict[Any, str | None] | None = None,
    tail: Callable[..., bytes] | None = None,
) -> bytes: ...
def decode(
    data: ReadableBuffer,
    *,
    buffers: Iterable[Any] | None = None,
    missing: Callable[[str, str, Exception], Any] | None = None,
) -> Any: ...
def load(
    file: _ReadableFile,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...
def loads(
    data: ReadableBuffer,
    /,
    *,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    errors: str = "strict",
    buffers: Iterable[Any] | None = (),
) -> Any: ...
