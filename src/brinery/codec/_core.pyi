from collections.abc import Callable, Iterable, Iterator, Mapping, Set
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

class TraceNode:
    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def offset(self) -> int: ...
    @property
    def items(self) -> list[int]: ...
    @property
    def callee(self) -> int | None: ...
    @property
    def args(self) -> int | None: ...
    @property
    def kwargs(self) -> int | None: ...
    @property
    def states(self) -> list[int]: ...
    @property
    def appended(self) -> list[int]: ...
    @property
    def set(self) -> list[int]: ...
    @property
    def added(self) -> list[int]: ...

class Trace:
    @property
    def root(self) -> int | None: ...
    @property
    def stack(self) -> list[int]: ...
    @property
    def error(self) -> tuple[int, str] | None: ...
    @property
    def end(self) -> int: ...
    @property
    def protocol(self) -> int: ...
    @property
    def globals(self) -> list[tuple[str, str, int]]: ...
    def __getitem__(self, index: int, /) -> TraceNode: ...
    def opcodes(self) -> Iterator[tuple[int, str, str | None]]: ...

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
def trace(data: ReadableBuffer, *, offset: int = 0, limits: Mapping[str, int] | None = None) -> Trace: ...
