"""Looking into pickles without running them: trees, opcodes, and every pickle in a file whatever it is packed into.

Nothing is run, imported or made: what is shown is read off the graph of the stream (:func:`brinery.codec.trace`).
"""

from __future__ import annotations

import os

from brinery.peeking.containers import content_of, nested_in, parts_of
from brinery.peeking.contents import Contents, blob_line, problem_line, title_of
from brinery.peeking.listing import Opcode, Sizes, opcodes_of, sizes_of
from brinery.peeking.parts import Blob, Part, Pickle, Problem
from brinery.peeking.text import line_of, printable, visits_of
from brinery.peeking.tree import Tree
from brinery.peeking.walk import Visit

__all__ = [
    "Blob",
    "Contents",
    "Opcode",
    "Part",
    "Pickle",
    "Problem",
    "Sizes",
    "Tree",
    "Visit",
    "blob_line",
    "content_of",
    "line_of",
    "nested_in",
    "opcodes_of",
    "parts_of",
    "peek",
    "printable",
    "problem_line",
    "sizes_of",
    "title_of",
    "visits_of",
]


def peek(source: str | os.PathLike[str] | bytes | bytearray | memoryview, *, unfolded: int | None = None) -> Contents:
    """Look into a file, or into bytes, without running or importing anything, whoever it is from.

    Finds pickles by what the bytes are, not by names: by themselves or several in a row, in zip archives (torch), tar
    archives, NumPy's .npy and .npz, joblib's files, compressed by gzip, zlib, bz2, xz or zstd, in the bytes of other
    pickles, and these in each other. Classes need not exist here. What is broken shows what there is and where it
    breaks; nothing in the file raises an exception.

    `unfolded` is how many bytes archives and compressed data may unfold to in all: by default 64 times the size of the
    file, and never less than 96 MiB. Raises OSError where the file cannot be opened. Time and memory are linear in the
    size of what there is.

    >>> import pickle
    >>> contents = peek(b"cos\\nsystem\\n(S'echo gotcha'\\ntR.")
    >>> print(contents)
    pickle, protocol 0, 30 bytes
      os.system(...)
        (0): 'echo gotcha'
    >>> contents.root.type, contents.root.arguments[0].value
    ('os.system', 'echo gotcha')
    """
    data = content_of(source)
    return Contents(len(data), list(parts_of(data, unfolded=unfolded)))


for _each in (Blob, Opcode, Pickle, Problem, Sizes):
    _each.__module__ = "brinery.peeking"
peek.__module__ = "brinery"
