"""SciPy and further libraries: what compiled code would believe is refused, honest objects answer the same."""

from __future__ import annotations

import pickle
from typing import Any

import networkx
import numpy as np
import pytest
import scipy.sparse as sp
import sympy
from PIL import Image
from scipy import interpolate, spatial, stats
from scipy.spatial.transform import Rotation

from brinery.errors import IntegrityError, UntrustedError
from brinery.trust.guards import curves, symbols
from tests.trust.forging import assert_refused, at, restored
from tests.trust.loading import loads

POINTS = np.random.default_rng(5).random((30, 2))
X = np.arange(6.0)
DENSE = np.where(np.random.default_rng(5).random((6, 4)) > 0.5, 1.5, 0)
FORMATS = ["csr", "csc", "bsr", "coo", "lil", "dok", "dia"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("protocol", [2, 5])
def test_honest_matrices(name: str, protocol: int) -> None:
    for matrix in (sp.csr_array(DENSE).asformat(name), sp.csr_matrix(DENSE).asformat(name)):
        loaded = loads(pickle.dumps(matrix, protocol))
        assert type(loaded) is type(matrix)
        assert loaded.toarray().tolist() == DENSE.tolist()


ROWS = sp.csr_array(DENSE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("indptr", np.array([0, 10**6], "i4")),
        ("indptr", ROWS.indptr[::-1].copy()),
        ("indptr", ROWS.indptr + 1),
        ("indptr", np.where(np.arange(7) == 6, 10**6, ROWS.indptr)),
        ("indices", np.full_like(ROWS.indices, 4)),
        ("indices", np.full_like(ROWS.indices, -1)),
        ("indices", ROWS.indices[:1]),
        ("indices", ROWS.indices.astype("f8")),
        ("data", ROWS.data[:1]),
        ("_shape", (6, 1)),
        ("_shape", (10**6, 4)),
        ("_shape", (-6, 4)),
    ],
)
def test_forged_rows(name: str, value: Any) -> None:
    assert_refused(ROWS, "csr_array", at(name, value))


@pytest.mark.parametrize(
    ("matrix", "name", "value"),
    [
        (sp.csc_array(DENSE), "indices", np.full(ROWS.nnz, 6, "i4")),
        (sp.csc_array(DENSE), "_shape", (4, 6)),
        (sp.bsr_array(DENSE, blocksize=(2, 2)), "indices", np.full(6, 2, "i4")),
        (sp.bsr_array(DENSE, blocksize=(2, 2)), "_shape", (7, 4)),
        (sp.coo_array(DENSE), "coords", (np.full(ROWS.nnz, 6), np.zeros(ROWS.nnz, int))),
        (sp.coo_array(DENSE), "coords", (np.zeros(1, int), np.zeros(1, int))),
        (sp.dia_array(DENSE), "offsets", np.zeros(1, int)),
        (sp.lil_array(DENSE), "rows", np.array([[9], [], [], [], [], []], dtype=object)),
        (sp.lil_array(DENSE), "_shape", (9, 4)),
    ],
)
def test_forged_matrices(matrix: Any, name: str, value: Any) -> None:
    assert_refused(matrix, type(matrix).__name__, at(name, value))


@pytest.mark.parametrize("kind", [spatial.cKDTree, spatial.KDTree])
@pytest.mark.parametrize("box", [None, 2.0])
def test_trees_of_points_answer_the_same(kind: Any, box: Any) -> None:
    points = kind(POINTS, leafsize=3, boxsize=box)
    assert loads(pickle.dumps(points)).query(POINTS + 0.01, 2)[1].tolist() == points.query(POINTS + 0.01, 2)[1].tolist()


TREE = spatial.cKDTree(POINTS, leafsize=3)


def changed_node(field: int, value: int) -> Any:
    def change(state: Any) -> Any:
        words = np.frombuffer(np.asarray(state[0]).tobytes(), "i8").copy()
        words[field] = value
        return at(0, np.frombuffer(words.tobytes(), "S1"))(state)

    return change


@pytest.mark.parametrize(("field", "value"), [(0, 9), (0, -7), (3, -1), (4, 10**6), (7, 0), (7, 10**6), (8, -1)])
def test_forged_nodes(field: int, value: int) -> None:
    assert_refused(TREE, "nodes", changed_node(field, value))


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (0, np.zeros(5, "S1"), "nodes"),
        (1, POINTS[:3], "data"),
        (2, 10**6, "data"),
        (5, np.zeros(1), "maxes"),
        (7, np.full(30, 30), "indices"),
        (7, np.arange(2), "indices"),
        (8, np.zeros(2), "boxsize"),
    ],
)
def test_forged_trees_of_points(place: int, value: Any, problem: str) -> None:
    assert_refused(TREE, problem, at(place, value))


TRIANGLES = spatial.Delaunay(POINTS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("simplices", np.full_like(TRIANGLES.simplices, 30)),
        ("neighbors", np.full_like(TRIANGLES.neighbors, 10**6)),
        ("neighbors", TRIANGLES.neighbors[:2]),
        ("equations", TRIANGLES.equations[:2]),
        ("ndim", 3),
        ("npoints", 10**6),
        ("nsimplex", 10**6),
        ("min_bound", np.zeros(1)),
        ("_qhull", 5),
    ],
)
def test_forged_triangles(name: str, value: Any) -> None:
    assert_refused(TRIANGLES, "Delaunay", at(name, value))


def test_what_is_computed_of_triangles_is_computed_again() -> None:
    made = restored(TRIANGLES, at("_transform", np.zeros((1, 1, 1))))
    assert made.find_simplex(POINTS).tolist() == TRIANGLES.find_simplex(POINTS).tolist()


SPLINE = interpolate.make_interp_spline(X, X**2)
CURVES: list[Any] = [
    SPLINE, interpolate.CubicSpline(X, X**2), interpolate.PchipInterpolator(X, X), interpolate.UnivariateSpline(X, X**2),
    interpolate.interp1d(X, X), interpolate.interp1d(X, X**2, kind="cubic"), interpolate.BarycentricInterpolator(X, X),
]  # fmt: skip


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: type(curve).__name__)
def test_curves_answer_the_same(curve: Any) -> None:
    assert np.asarray(loads(pickle.dumps(curve))(X)).tolist() == np.asarray(curve(X)).tolist()


@pytest.mark.parametrize(
    ("name", "value"), [("_t", X[::-1].copy()), ("_t", X[:2]), ("k", 100), ("k", -1), ("_c", X[:2]), ("_c", "text")]
)
def test_forged_splines(name: str, value: Any) -> None:
    state = dict(vars(SPLINE))
    name = name if name in state else name.removeprefix("_")
    assert_refused(SPLINE, "BSpline", at(name, value))


def test_forged_curves() -> None:
    grid = interpolate.RegularGridInterpolator((X, X), np.outer(X, X))
    assert loads(pickle.dumps(grid))([[0.5, 0.5]]).tolist() == grid([[0.5, 0.5]]).tolist()
    assert_refused(grid, "values", at("_values" if "_values" in vars(grid) else "values", np.zeros((2, 2))))
    surface = interpolate.RectBivariateSpline(X, X, np.outer(X, X))
    assert loads(pickle.dumps(surface))(0.5, 0.5).tolist() == surface(0.5, 0.5).tolist()
    assert_refused(surface, "coefficients", at("tck", (*surface.tck[:2], X)))
    radial = interpolate.RBFInterpolator(POINTS, POINTS[:, 0])
    assert loads(pickle.dumps(radial))([[0.5, 0.5]]).tolist() == radial([[0.5, 0.5]]).tolist()
    assert_refused(radial, "powers", at(0, (*radial.__getstate__()[0][:8], np.zeros((3, 9), int))))
    density = stats.gaussian_kde(X)
    assert loads(pickle.dumps(density))(2.0).tolist() == density(2.0).tolist()
    assert_refused(density, "weights", at("_weights", np.ones(1)))
    scattered = interpolate.LinearNDInterpolator(POINTS, POINTS[:, 0])
    assert_refused(scattered, "values", at("values", np.zeros((2, 1))))
    assert_refused(scattered, "tri", at("tri", 5))
    assert_refused(Rotation.from_quat([[0, 0, 0, 1.0]]), "Rotation", at(0, np.zeros((3, 3))))


@pytest.mark.parametrize("distribution", [stats.norm(1, 2), stats.gamma(2.0), stats.poisson(3), stats.randint(1, 9)])
def test_distributions_answer_the_same(distribution: Any) -> None:
    assert loads(pickle.dumps(distribution)).cdf(2.0) == distribution.cdf(2.0)


def test_the_code_of_a_distribution_is_written_anew() -> None:
    state = {**stats.norm.__getstate__(), "_parse_arg_template": "import builtins; builtins.payload_ran = True"}
    made = type(stats.norm).__new__(type(stats.norm))
    curves.restore_distribution(made, state)
    import builtins

    assert not hasattr(builtins, "payload_ran")
    assert made.cdf(0.0) == 0.5
    for shapes in ("a=print()", "a, b)", "import"):
        with pytest.raises(IntegrityError, match="shapes"):
            curves.restore_distribution(type(stats.norm).__new__(type(stats.norm)), {**state, "shapes": shapes})


# --- pictures, graphs, expressions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I", "F", "LA", "I;16"])
def test_honest_pictures(mode: str) -> None:
    picture = Image.new(mode, (5, 3), 1)
    assert loads(pickle.dumps(picture)).tobytes() == picture.tobytes()


@pytest.mark.parametrize(("place", "value"), [(2, (10**6, 10**6)), (2, (-1, 3)), (1, "XYZ"), (4, b"")])
def test_forged_pictures(place: int, value: Any) -> None:
    def change(state: Any) -> Any:
        found = list(state)
        found[place] = value
        return found

    assert_refused(Image.new("RGB", (5, 3)), "PIL", change)


def test_views_of_graphs_are_made_again() -> None:
    graph = networkx.path_graph(4)
    assert sorted(graph.edges)
    assert sorted(graph.adj)
    loaded = loads(pickle.dumps(graph))
    assert sorted(loaded.edges) == sorted(graph.edges)
    assert_refused(graph, "_adj", at("_adj", 5))


x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expression",
    [x**2 + 2 * x * y + 1, sympy.sin(x) * sympy.exp(y), sympy.Float("1.5"), sympy.Rational(1, 3) * sympy.pi, sympy.Eq(x, y),
     sympy.Piecewise((x, x > 0), (-x, True)), sympy.Integral(x**2, (x, 0, 1)), sympy.Tuple(x, 1)],
)  # fmt: skip
def test_expressions_come_back(expression: Any) -> None:
    assert loads(pickle.dumps(expression)) == expression


def test_powers_are_not_computed() -> None:
    made = symbols.unevaluated(sympy.Pow, sympy.Integer(10), sympy.Integer(10**10))
    assert type(made) is sympy.Pow
    with pytest.raises(IntegrityError, match="text would be run"):
        symbols.unevaluated(sympy.sin, "__import__('os')")


class Text:
    """Pickled, an expression of text, which sympy would run."""

    def __reduce__(self) -> Any:
        return sympy.sin, ("x",)


def test_text_is_no_argument_of_expressions() -> None:
    with pytest.raises(UntrustedError, match="arguments that its entry does not allow"):
        loads(pickle.dumps(Text()))
