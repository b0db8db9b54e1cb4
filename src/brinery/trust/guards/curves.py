"""SciPy's curves: knots that ascend, and as many coefficients as they take."""

from __future__ import annotations

import re
import sys
from keyword import iskeyword
from typing import Any

from brinery.trust.guards.checking import (
    is_count,
    refuse,
    require,
    require_array,
    require_fields,
    restore_attributes,
    restore_once,
)

MOST_DEGREE = 1000


def require_knots(knots: Any, degree: Any, kind: str, field: str = "t") -> int:
    """How many coefficients some knots take."""
    require(is_count(degree) and degree < MOST_DEGREE, kind, "k", "must be a small number")
    require_array(knots, kind, field, ndim=1, dtype="f")
    count = len(knots) - int(degree) - 1
    require(count > degree, kind, field, f"must be {2 * int(degree) + 2} or more")
    require((knots[1:] >= knots[:-1]).all(), kind, field, "must ascend")
    return count


def restore_spline(obj: Any, state: Any) -> None:
    kind = "scipy.interpolate.BSpline"
    restore_once(obj, state, kind)
    fields = vars(obj)
    knots, coefficients = fields.get("_t", fields.get("t")), fields.get("_c", fields.get("c"))
    count = require_knots(knots, fields.get("k"), kind)
    require_array(coefficients, kind, "c", dtype="fc")
    require(coefficients.ndim > 0 and len(coefficients) >= count, kind, "c", f"must be {count}")


def restore_pieces(obj: Any, state: Any) -> None:
    """Polynomials piece by piece."""
    kind = f"scipy.interpolate.{type(obj).__name__}"
    require(not any(hasattr(obj, name) for name in ("_c", "_x")), kind, "the state", "must not be restored twice")
    parts = state if type(state) is tuple and len(state) == 2 else (state, None)
    fields = {**(parts[0] or {}), **(parts[1] or {})}
    coefficients: Any = fields.get("_c", fields.get("c"))
    breaks: Any = fields.get("_x", fields.get("x"))
    require_array(coefficients, kind, "c", dtype="fc")
    require_array(breaks, kind, "x", ndim=1, dtype="f")
    fits = coefficients.ndim >= 2 and coefficients.shape[0] > 0 and coefficients.shape[1] == len(breaks) - 1
    require(fits, kind, "c", "must be of one piece between each two breaks")
    restore_attributes(obj, state)


def restore_fitpack(obj: Any, state: Any) -> None:
    """A spline of FITPACK's: of one variable, or of two."""
    kind = f"scipy.interpolate.{type(obj).__name__}"
    restore_once(obj, state, kind)
    fields = vars(obj)
    if "tck" in fields:
        require(type(fields["tck"]) is tuple and len(fields["tck"]) == 3, kind, "tck", "must be of three")
        degrees = fields.get("degrees")
        require(type(degrees) is tuple and len(degrees) == 2, kind, "degrees", "must be two")
        *knots, coefficients = fields["tck"]
        across, along = (require_knots(t, k, kind, "tck") for t, k in zip(knots, degrees, strict=True))
        count = across * along
    else:
        known = type(fields.get("_eval_args")) is tuple and len(fields["_eval_args"]) == 3
        require(known, kind, "_eval_args", "must be of three")
        knots, coefficients, degree = fields["_eval_args"]
        count = require_knots(knots, degree, kind, "_eval_args")
    require_array(coefficients, kind, "coefficients", ndim=1, dtype="f")
    require(len(coefficients) >= count, kind, "coefficients", f"must be {count}")


def restore_grid(obj: Any, state: Any) -> None:
    """A RegularGridInterpolator: as many values as the grid has points."""
    kind = "scipy.interpolate.RegularGridInterpolator"
    restore_once(obj, state, kind)
    fields = vars(obj)
    grid, values = fields.get("_grid", fields.get("grid")), fields.get("_values", fields.get("values"))
    require(type(grid) is tuple and grid, kind, "grid", "must be a tuple")
    require_array(values, kind, "values", dtype="fc")
    require(values.ndim >= len(grid), kind, "values", "must have the dimensions of the grid")
    for axis, size in zip(grid, values.shape, strict=False):
        require_array(axis, kind, "grid", ndim=1, dtype="fi")
        require(len(axis) == size > 0, kind, "values", "must be as many as the points of the grid")
        require((axis[1:] > axis[:-1]).all(), kind, "grid", "must ascend")


def restore_radial(obj: Any, state: Any) -> None:
    """An RBFInterpolator, whose compiled code takes sizes from one of its arrays."""
    kind = "scipy.interpolate.RBFInterpolator"
    require(type(state) is tuple and len(state) == 2, kind, "the state", "must be a tuple of two")
    require(type(state[0]) is tuple and len(state[0]) == 9, kind, "the state", "must be a tuple of nine, and another")
    points, values, _, _, neighbours, smoothing, _, _, powers = state[0]
    require_array(points, kind, "y", ndim=2, dtype="f")
    require_array(values, kind, "d", ndim=2, dtype="f")
    require_array(powers, kind, "powers", ndim=2, dtype="iu")
    require_array(smoothing, kind, "smoothing", ndim=1, dtype="f")
    count, dimensions = points.shape
    require(len(values) == len(smoothing) == count, kind, "d", f"must be of {count} points")
    require(powers.shape[1] == dimensions, kind, "powers", f"must be of {dimensions} dimensions")
    if neighbours is None:
        shift, scale, coefficients = state[1]
        for array, name in ((shift, "shift"), (scale, "scale")):
            require_array(array, kind, name, ndim=1, dtype="f")
            require(len(array) == dimensions, kind, name, f"must have {dimensions} items")
        require_array(coefficients, kind, "coeffs", ndim=2, dtype="f")
        require(len(coefficients) == count + len(powers), kind, "coeffs", "must be of its points and powers")
    obj.__setstate__(state)


def restore_density(obj: Any, state: Any) -> None:
    """A gaussian_kde: a weight of each point."""
    kind = "scipy.stats.gaussian_kde"
    data, weights = require_fields(state, ("dataset", "_weights"), kind)
    require_array(data, kind, "dataset", ndim=2, dtype="f")
    require_array(weights, kind, "weights", ndim=1, dtype="f")
    require(len(weights) == data.shape[1], kind, "weights", f"must be {data.shape[1]}")
    root = state.get("cho_cov")
    if root is not None:
        require_array(root, kind, "cho_cov", ndim=2, dtype="f")
        require(root.shape == (len(data), len(data)), kind, "cho_cov", "must be of its dimensions")
    restore_once(obj, state, kind)


# --- distributions ----------------------------------------------------------------------------------------------------

SHAPE = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
# What takes arguments apart: SciPy makes it of text, which it executes when a distribution is restored.
ARGUMENTS = (("loc=0, scale=1", "loc, scale"), ("loc=0", "loc, 1"))


def restore_distribution(obj: Any, state: Any) -> None:
    """A distribution; the code that a state brings along is written anew from the names of its shapes."""
    kind = f"scipy.stats.{type(obj).__name__}"
    infrastructure = sys.modules["scipy.stats._distn_infrastructure"]
    require(type(state) is dict, kind, "the state", "must be a dict")
    shapes = state.get("shapes")
    require(shapes is None or isinstance(shapes, str), kind, "shapes", "must be text or None")
    names = [each.strip() for each in shapes.split(",")] if shapes else []
    if not all(SHAPE.fullmatch(name) and not iskeyword(name) for name in names):
        refuse(kind, "shapes", "must be names")
    text = ", ".join(names) + ", " if names else ""
    takes, gives = ARGUMENTS[isinstance(obj, infrastructure.rv_discrete)]
    code = infrastructure.parse_arg_template % {"shape_arg_str": text, "locscale_in": takes, "locscale_out": gives}
    require(not vars(obj), kind, "the state", "must not be restored twice")
    fields = {name: value for name, value in state.items() if name != "vecentropy"}
    obj.__setstate__({**fields, "_parse_arg_template": code})
