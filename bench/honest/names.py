"""Names of Python 2, which protocols before 3 have for what has moved since."""

from __future__ import annotations

import _compat_pickle

from bench.honest.case import Global


def renamed(found: Global, protocol: int) -> Global:
    """Python 3's name of a global."""
    if protocol >= 3:
        return found
    module, name = found
    if found in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[found]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name
