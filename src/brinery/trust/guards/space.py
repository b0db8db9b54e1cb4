"""SciPy's points in space: trees of them, triangles between them, and what looks things up in both."""

from __future__ import annotations

import sys
from typing import Any

from brinery.trust.guards.checking import (
    is_array,
    is_count,
    is_of,
    require,
    require_array,
    require_fields,
    require_within,
    restore_once,
)

NODE = [
    ("split_dim", "i8"), ("children", "i8"), ("split", "f8"), ("start", "i8"), ("end", "i8"),
    ("less_pointer", "u8"), ("greater_pointer", "u8"), ("less", "i8"), ("greater", "i8"),
]  # fmt: skip
LEAF = -1
TREE = "scipy.spatial.cKDTree"


def restore_tree(obj: Any, state: Any) -> None:
    """A cKDTree or KDTree: nodes as C++ keeps them, in which children lie after their parents."""
    require(type(state) is tuple and len(state) == 10, TREE, "the state", "must be a tuple of ten")
    nodes, data, count, dimensions, leafsize, high, low, points, box, box_data = state
    require_array(data, TREE, "data", ndim=2, dtype="f")
    require(data.shape == (count, dimensions), TREE, "data", f"must be {count} points of {dimensions} dimensions")
    require_array(points, TREE, "indices", ndim=1)
    require(len(points) == count, TREE, "indices", f"must have {count} items")
    require_within(points, 0, count, TREE, "indices")
    require(is_count(leafsize) and leafsize > 0, TREE, "leafsize", "must be a number from 1 on")
    for array, size, name in ((high, 1, "maxes"), (low, 1, "mins"), (box, 1, "boxsize"), (box_data, 2, "boxsize_data")):
        if array is not None or (size == 1 and name != "boxsize"):
            require_array(array, TREE, name, ndim=1, dtype="f")
            require(len(array) == size * dimensions, TREE, name, f"must have {size * dimensions} items")
    require((box is None) == (box_data is None), TREE, "boxsize", "must be told twice")
    require_nodes(nodes, count, dimensions)
    obj.__setstate__(state)


def require_nodes(raw: Any, points: int, dimensions: int) -> None:
    numpy = sys.modules["numpy"]
    dtype = numpy.dtype(NODE)
    content = raw.tobytes() if is_array(raw) else raw
    require(isinstance(content, bytes | bytearray), TREE, "the nodes", "must be bytes")
    require(
        content and len(content) % dtype.itemsize == 0, TREE, "the nodes", f"must be of {dtype.itemsize} bytes each"
    )
    nodes = numpy.frombuffer(content, dtype)
    start, end = nodes["start"], nodes["end"]
    within = start.min() >= 0 and end.max() <= points and (start <= end).all()
    require(within, TREE, "the nodes", f"must lie within {points} points")
    split = nodes["split_dim"]
    require(split.min() >= LEAF and split.max() < dimensions, TREE, "the nodes", f"must split {dimensions} dimensions")
    inner = (split != LEAF).nonzero()[0]
    less, greater = nodes["less"][inner], nodes["greater"][inner]
    require(((less > inner) & (greater > inner)).all(), TREE, "the nodes", "must lie after their parents")
    known = not inner.size or max(less.max(), greater.max()) < len(nodes)
    require(known, TREE, "the nodes", f"must have children below {len(nodes)}")


# --- triangles --------------------------------------------------------------------------------------------------------

TRIANGLES = "scipy.spatial.Delaunay"
RECOMPUTED = ("_transform", "_vertex_to_simplex", "_vertex_neighbor_vertices")


def restore_triangles(obj: Any, state: Any) -> None:
    """Triangles and their neighbours; what is computed of them is computed again."""
    names = ("_points", "simplices", "neighbors", "equations", "ndim", "npoints", "nsimplex", "min_bound", "max_bound")
    points, simplices, neighbours, equations, ndim, npoints, nsimplex, low, high = require_fields(
        state, names, TRIANGLES
    )
    require_array(points, TRIANGLES, "points", ndim=2, dtype="f")
    require(points.shape == (npoints, ndim), TRIANGLES, "points", f"must be {npoints} of {ndim} dimensions")
    for array, columns, name in (
        (simplices, 1, "simplices"),
        (neighbours, 1, "neighbors"),
        (equations, 2, "equations"),
    ):
        require_array(array, TRIANGLES, name, ndim=2)
        require(array.shape == (nsimplex, ndim + columns), TRIANGLES, name, f"must be of {nsimplex} simplices")
    require_within(simplices, 0, npoints, TRIANGLES, "simplices")
    require_within(neighbours, -1, nsimplex, TRIANGLES, "neighbors")
    for array, name in ((low, "min_bound"), (high, "max_bound")):
        require_array(array, TRIANGLES, name, ndim=1, dtype="f")
        require(len(array) == ndim, TRIANGLES, name, f"must have {ndim} items")
    require(state.get("_qhull") is None, TRIANGLES, "_qhull", "must be None")
    restore_once(obj, {**state, **dict.fromkeys(RECOMPUTED)}, TRIANGLES)


def restore_hull(obj: Any, state: Any) -> None:
    """A ConvexHull or Voronoi: arrays that only Python looks at."""
    kind = f"scipy.spatial.{type(obj).__name__}"
    restore_once(obj, state, kind)
    require(vars(obj).get("_qhull") is None, kind, "_qhull", "must be None")


def restore_interpolator(obj: Any, state: Any) -> None:
    """An interpolator of scattered points: a value of each point."""
    kind = f"scipy.interpolate.{type(obj).__name__}"
    restore_once(obj, state, kind)
    fields = vars(obj)
    require_array(fields.get("values"), kind, "values")
    require_array(fields.get("points"), kind, "points", ndim=2, dtype="f")
    require(len(fields["values"]) == len(fields["points"]), kind, "values", "must be as many as the points")
    triangles = fields.get("tri")
    if type(obj).__name__ != "NearestNDInterpolator":
        require(is_of(triangles, TRIANGULATION) and vars(triangles), kind, "tri", "must be triangles")
        require(triangles.npoints == len(fields["points"]), kind, "tri", "must be of the points")
        require(triangles.ndim == fields["points"].shape[1], kind, "tri", "must be of the points")
    gradient = fields.get("grad")
    if gradient is not None:
        require_array(gradient, kind, "grad", ndim=3)
        require(len(gradient) == len(fields["values"]), kind, "grad", "must be as many as the points")


TRIANGULATION = "scipy.spatial._qhull.Delaunay"


def restore_rotation(obj: Any, state: Any) -> None:
    kind = "scipy.spatial.transform.Rotation"
    require(type(state) is tuple and len(state) == 2, kind, "the state", "must be a tuple of two")
    require_array(state[0], kind, "the quaternions", dtype="f")
    shape = state[0].shape
    require(len(shape) >= 1 and shape[-1] == 4, kind, "the quaternions", "must have four parts")
    require(type(state[1]) is bool, kind, "single", "must be a bool")
    obj.__setstate__(state)
