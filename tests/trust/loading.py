"""Loading by the vetted list alone, whatever the process allows."""

from __future__ import annotations

from typing import Any

from brinery.trust import Trust, vetting

TRUST = Trust()


def loads(data: bytes, buffers: Any = None) -> Any:
    """What the vetted list lets be made of the bytes."""
    return TRUST.load(data, buffers=buffers)


def entry_of(module: str, name: str) -> dict[str, Any] | None:
    """What the list says of a global, the policy's part included."""
    package = vetting.package_of(module)
    if package is None:
        return None
    return next((known for m, n, known in vetting.entries(package) if (m, n) == (module, name)), None)
