"""All attacks, by technique."""

from __future__ import annotations

from tests.attacks import (
    archives,
    bombs,
    broken,
    chains,
    containers,
    direct,
    dotted,
    evaluators,
    forged_arrays,
    forged_models,
    imports,
    libraries,
    nested,
    programs,
    spellings,
    states,
)
from tests.attacks.case import Attack

FAMILIES = [
    module.CASES
    for module in (
        direct,
        spellings,
        chains,
        dotted,
        programs,
        evaluators,
        imports,
        libraries,
        states,
        containers,
        nested,
        broken,
        archives,
        bombs,
        forged_arrays,
        forged_models,
    )
]
CORPUS: list[Attack] = [attack for family in FAMILIES for attack in family]
