"""What the trailer of a file says of the bytes before it: where each byte belongs, and what it must be.

The manifest is JSON. Its regions follow one another and leave no byte out; each is hashed with BLAKE3 in chunks, so
that what is damaged can be told from what is whole, and chunks can be verified by several threads. A signature of the
manifest is one of all the bytes.

Source: BLAKE3, https://github.com/BLAKE3-team/BLAKE3-specs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from brinery.errors import IntegrityError
from brinery.trust.checksums import run_in_threads

__all__ = [
    "FORMAT",
    "FRAME_HEADER",
    "HASH_SIZE",
    "Chunk",
    "Manifest",
    "Region",
    "RegionKind",
    "chunk_size_for",
    "hash_of",
]

FORMAT = 1
FRAME_HEADER = 8  # of the frame around the trailer of a compressed file, see brinery.trust.file_trailer
HASH_SIZE = 32
SMALLEST_CHUNK = 1 << 22
LARGEST_CHUNK = 1 << 23
MOST_CHUNKS = 1024  # before chunks grow
MOST_THREADS = 4

RegionKind = Literal["stream", "buffer", "compressed"]


class Region(NamedTuple):
    """A part of the bytes: opcodes, the memory of one buffer, or all of a stream that is compressed."""

    kind: RegionKind
    offset: int
    size: int
    hashes: str  # hexadecimal, of one chunk after the other


class Chunk(NamedTuple):
    """What has a hash of its own."""

    region: Region
    offset: int
    size: int
    hash: bytes


@dataclass(frozen=True)
class Manifest:
    """What is known of a file's bytes, and of where they come from.

    `size` is that of the pickle stream, uncompressed; `buffers` are the offsets and sizes, in that stream, of memory
    that can be mapped. Sizes and offsets are in bytes. `proof` is the id of a key, and what proves to its owner that
    the memory of all buffers is what was written, by checksums that are faster to take than hashes, see
    :meth:`brinery.trust.seal.SealKey.proof_of`; both are hexadecimal.
    """

    created: str
    python: str
    brinery: str
    protocol: int
    objects: int
    size: int
    chunk: int
    regions: tuple[Region, ...]
    globals: tuple[str, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    buffers: tuple[tuple[int, int], ...] = ()
    compression: dict[str, Any] | None = None
    proof: tuple[str, str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The manifest as it stands in the file."""
        import json

        return json.dumps({"brinery-file": FORMAT, **asdict(self)}, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes, before: int) -> Manifest:
        """The manifest of so many bytes before the trailer.

        Raises:
            IntegrityError: It is none, of a later version, or of another number of bytes.
        """
        import json

        try:
            fields = json.loads(data)
            version = fields.pop("brinery-file")
            if version != FORMAT:
                raise IntegrityError(f"the file is of version {version} of the format: get a later version of brinery")
            made = cls(**fields)
            regions = tuple(Region(*each) for each in made.regions)
            buffers = tuple((int(offset), int(size)) for offset, size in made.buffers)
            made = cls(
                **{
                    **fields,
                    "regions": regions,
                    "buffers": buffers,
                    "globals": tuple(made.globals),
                    "proof": pair_of(made.proof),
                }
            )
            made.check(before)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise IntegrityError(f"the manifest at the end of the file is damaged ({error})") from None
        return made

    @property
    def end(self) -> int:
        """Where the last region ends, in bytes from the beginning of the file."""
        return sum(region.size for region in self.regions)

    def check(self, before: int) -> None:
        """Refuse regions that leave bytes out, and numbers that are none.

        Raises:
            ValueError: They do, or are.
        """
        counts = (self.size, self.objects, self.protocol, *(size for pair in self.buffers for size in pair))
        if any(type(each) is not int or each < 0 for each in counts) or type(self.chunk) is not int or self.chunk < 1:
            raise ValueError("a number is none")
        if not all(isinstance(each, dict) for each in (self.packages, self.metadata, self.compression or {})):
            raise TypeError("a table is none")
        end = 0
        for kind, offset, size, hashes in self.regions:
            if kind not in get_args(RegionKind) or offset != end or type(size) is not int or size < 1:
                raise ValueError("the regions do not follow one another")
            if len(bytes.fromhex(hashes)) != HASH_SIZE * -(-size // self.chunk):
                raise ValueError("a region has not as many hashes as chunks")
            end += size
        expected = before - FRAME_HEADER if self.compression else before
        if end != expected:
            raise ValueError(f"it is of {end:,} bytes, of which there are {expected:,}")
        if not self.compression and self.buffers != tuple(each[1:3] for each in self.regions if each.kind == "buffer"):
            raise ValueError("the buffers are no regions")
        end = 0
        for offset, size in self.buffers:
            if offset < end or offset + size > self.size:
                raise ValueError("the buffers do not follow one another")
            end = offset + size

    def chunks(self, *kinds: RegionKind) -> Iterator[Chunk]:
        """The chunks of regions of some kinds, or of all."""
        for region in self.regions:
            if kinds and region.kind not in kinds:
                continue
            hashes = bytes.fromhex(region.hashes)
            for number, start in enumerate(range(0, region.size, self.chunk)):
                size = min(self.chunk, region.size - start)
                own = hashes[HASH_SIZE * number : HASH_SIZE * (number + 1)]
                yield Chunk(region, region.offset + start, size, own)

    def damaged(self, memory: memoryview, *kinds: RegionKind) -> list[Chunk]:
        """The chunks of the bytes that are not what they were, by regions of some kinds, or of all; in order."""
        found: list[Chunk] = []
        waiting = iter(list(self.chunks(*kinds)))

        def work() -> None:
            # next() of a list's iterator is atomic, so that each chunk is taken once.
            for chunk in waiting:
                if hash_of(memory[chunk.offset : chunk.offset + chunk.size]) != chunk.hash:
                    found.append(chunk)

        several = min(MOST_THREADS, os.cpu_count() or 1) if len(memory) > SMALLEST_CHUNK else 1
        run_in_threads(work, several)
        return sorted(found, key=lambda chunk: chunk.offset)

    def verify(self, memory: memoryview, *kinds: RegionKind) -> None:
        """Refuse bytes that are not what they were.

        Raises:
            IntegrityError: They are not; the message says which.
        """
        if damaged := self.damaged(memory, *kinds):
            raise self.damage(damaged)

    def damage(self, chunks: list[Chunk]) -> IntegrityError:
        """What is to be said of damaged chunks."""
        total = self.end
        lost = sum(chunk.size for chunk in chunks)
        first = chunks[0]
        place = f"bytes {first.offset:,} to {first.offset + first.size:,}, in {PLACES[first.region.kind]}"
        more = f", and {len(chunks) - 1} more places" if len(chunks) > 1 else ""
        whole = f"{total - lost:,} of {total:,} bytes are whole"
        return IntegrityError(f"the bytes were changed since they were written: {place}{more}. {whole}")


def pair_of(proof: Any) -> tuple[str, str] | None:
    if proof is None:
        return None
    key, value = proof
    return bytes.fromhex(key).hex(), bytes.fromhex(value).hex()


PLACES = {"stream": "the opcodes", "buffer": "the memory of an array or buffer", "compressed": "the compressed stream"}


def new_hash() -> Any:
    """What hashes a chunk that comes in pieces: fed by ``update()``, read by ``digest()``."""
    from blake3 import blake3

    return blake3()


def hash_of(memory: memoryview | bytes) -> bytes:
    """The hash of a chunk."""
    from blake3 import blake3

    return blake3(memory).digest()


def chunk_size_for(size: int) -> int:
    """How large the chunks of so many bytes are to be.

    >>> chunk_size_for(1000), chunk_size_for(1 << 32), chunk_size_for(1 << 50)
    (4194304, 4194304, 8388608)
    """
    wanted = SMALLEST_CHUNK
    while wanted < LARGEST_CHUNK and wanted * MOST_CHUNKS < size:
        wanted *= 2
    return wanted
