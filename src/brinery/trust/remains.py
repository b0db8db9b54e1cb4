"""What is left of a seal or signature behind a pickle, where the bytes do not end with a whole one."""

from __future__ import annotations

from brinery.codec import Rules, check
from brinery.trust.trailer import START, check_rest

__all__ = ["check_remains"]

# A seal has 16 bytes for each array: of more than a few thousand, what is left may be longer.
WINDOW = 65536


def check_remains(payload: memoryview) -> None:
    """Refuse bytes that were sealed or signed, and have been cut short or appended to since.

    Looked for only near the end, so that it costs next to nothing; where it seems to be there, the pickle is followed
    to its end, as what looks like it may be data.

    Raises:
        IntegrityError: They are of that kind.
    """
    if START not in bytes(payload[-WINDOW:]):
        return
    end = check(payload, Rules(())).end
    if end is not None:
        check_rest(payload[end:])
