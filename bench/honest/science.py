"""SciPy, networkx, sympy and pictures."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import scipy.sparse as sp
import sympy
from PIL import Image
from scipy import interpolate, optimize, signal, spatial, stats
from scipy.spatial.transform import Rotation, Slerp

from bench.honest.case import add

POINTS = np.random.default_rng(5).random((30, 2))
X = np.arange(6.0)
Y = X**2
DENSE = np.where(np.random.default_rng(5).random((6, 4)) > 0.5, 1.5, 0)
FORMATS = ["csr", "csc", "coo", "bsr", "lil", "dok", "dia"]


def dense(matrix: Any) -> Any:
    return (matrix @ np.eye(matrix.shape[1])).tolist()


for name in FORMATS:
    add("scipy", f"{name} array", lambda n=name: sp.csr_array(DENSE).asformat(n), dense, (2, 4, 5))
    add("scipy", f"{name} matrix", lambda n=name: sp.csr_matrix(DENSE).asformat(n), dense, (2, 4, 5))
add("scipy", "coo of one dimension", lambda: sp.coo_array(np.arange(3)), lambda a: a.toarray().tolist())
add("scipy", "cKDTree", lambda: spatial.cKDTree(POINTS), lambda t: t.query(POINTS[:5] + 0.01, 3)[1].tolist())
add("scipy", "KDTree", lambda: spatial.KDTree(POINTS, leafsize=2), lambda t: t.query(POINTS[:5] + 0.01, 3)[1].tolist())
add("scipy", "Delaunay", lambda: spatial.Delaunay(POINTS), lambda d: d.find_simplex(POINTS[:5]).tolist())
add("scipy", "ConvexHull", lambda: spatial.ConvexHull(POINTS), lambda h: h.volume)
add("scipy", "Voronoi", lambda: spatial.Voronoi(POINTS), lambda v: v.vertices.shape)
add(
    "scipy",
    "SphericalVoronoi",
    lambda: spatial.SphericalVoronoi(np.vstack([np.eye(3), -np.eye(3)])),
    lambda v: v.vertices.shape,
)
add("scipy", "Rotation", lambda: Rotation.from_euler("z", [90], degrees=True), lambda r: r.as_quat().tolist())
add(
    "scipy",
    "Slerp",
    lambda: Slerp([0, 1], Rotation.from_euler("z", [[0], [90]], degrees=True)),
    lambda s: s(0.5).as_quat().tolist(),
)
for name, make in {
    "BSpline": lambda: interpolate.make_interp_spline(X, Y),
    "CubicSpline": lambda: interpolate.CubicSpline(X, Y),
    "PchipInterpolator": lambda: interpolate.PchipInterpolator(X, Y),
    "Akima1DInterpolator": lambda: interpolate.Akima1DInterpolator(X, Y),
    "CubicHermiteSpline": lambda: interpolate.CubicHermiteSpline(X, Y, Y),
    "PPoly": lambda: interpolate.PPoly(np.ones((2, 2)), np.arange(3.0)),
    "BPoly": lambda: interpolate.BPoly(np.ones((2, 2)), np.arange(3.0)),
    "UnivariateSpline": lambda: interpolate.UnivariateSpline(X, Y),
    "InterpolatedUnivariateSpline": lambda: interpolate.InterpolatedUnivariateSpline(X, Y),
    "interp1d": lambda: interpolate.interp1d(X, Y),
    "interp1d of cubics": lambda: interpolate.interp1d(X, Y, kind="cubic"),
    "BarycentricInterpolator": lambda: interpolate.BarycentricInterpolator(X, Y),
    "KroghInterpolator": lambda: interpolate.KroghInterpolator(X, Y),
}.items():
    add("scipy", name, make, lambda f: np.asarray(f(np.array([0.5, 1.0]))).tolist())
for name, make in {
    "RegularGridInterpolator": lambda: interpolate.RegularGridInterpolator((X,), Y),
    "RegularGridInterpolator of two": lambda: interpolate.RegularGridInterpolator(
        (X, X), np.outer(X, Y), method="nearest"
    ),
}.items():
    add("scipy", name, make, lambda f: f([[0.5] * len(f.grid)]).tolist())
for name, make in {
    "NearestNDInterpolator": lambda: interpolate.NearestNDInterpolator(POINTS, POINTS[:, 0]),
    "LinearNDInterpolator": lambda: interpolate.LinearNDInterpolator(POINTS, POINTS[:, 0]),
    "RBFInterpolator": lambda: interpolate.RBFInterpolator(POINTS, POINTS[:, 0]),
}.items():
    add("scipy", name, make, lambda f: np.asarray(f([[0.5, 0.5]])).tolist())
add(
    "scipy",
    "RectBivariateSpline",
    lambda: interpolate.RectBivariateSpline(X, X, np.outer(X, Y)),
    lambda f: f(0.5, 0.5).tolist(),
)
for name, make in {
    "norm": lambda: stats.norm(1, 2),
    "poisson": lambda: stats.poisson(3),
    "gamma": lambda: stats.gamma(2.0, scale=3),
    "uniform": lambda: stats.uniform(0, 4),
    "randint": lambda: stats.randint(1, 9),
    "loguniform": lambda: stats.loguniform(1e-3, 1),
    "t, chi2, beta": lambda: stats.beta(1, 2),
}.items():
    add("scipy", f"frozen distribution {name}", make, lambda d: (float(d.mean()), float(d.cdf(0.5))))
add("scipy", "distribution itself", lambda: stats.norm, lambda d: float(d.cdf(0.5)))
add("scipy", "multivariate normal", lambda: stats.multivariate_normal([0, 0]), lambda d: float(d.pdf([0, 0])))
add("scipy", "histogram distribution", lambda: stats.rv_histogram(np.histogram(Y, 3)), lambda d: float(d.mean()))
add("scipy", "gaussian_kde", lambda: stats.gaussian_kde(Y), lambda k: k(2.0).tolist())
add(
    "scipy",
    "results of tests",
    lambda: [stats.linregress(X, Y), stats.describe(X)],
)
add(
    "scipy",
    "result of minimize",
    lambda: optimize.minimize(lambda v: float((v**2).sum()), [1.0, 2.0], method="Nelder-Mead"),
    lambda r: r.fun,
)
add("scipy", "result of linprog", lambda: optimize.linprog([1, 1], bounds=(0, 1)), lambda r: r.fun)
add("scipy", "bounds and constraints", lambda: [optimize.Bounds([0], [1]), optimize.LinearConstraint(np.eye(2), 0, 1)])
add(
    "scipy",
    "linear systems",
    lambda: [signal.lti([1], [1, 2]), signal.dlti([1], [1, 2]), signal.StateSpace(1, 1, 1, 0)],
    len,
)
add("scipy", "window-based transform", lambda: signal.ShortTimeFFT(np.ones(4), 2, 1.0), lambda s: s.hop)

GRAPHS = {
    "Graph": nx.path_graph(4),
    "DiGraph": nx.DiGraph([(1, 2), (2, 3)]),
    "MultiGraph": nx.MultiGraph([(1, 2), (1, 2)]),
    "MultiDiGraph": nx.MultiDiGraph([(1, 2)]),
    "Graph with attributes": nx.karate_club_graph(),
}
for name, graph in GRAPHS.items():
    add("networkx", name, lambda g=graph: g, lambda g: (sorted(g.nodes), sorted(g.edges), dict(g.adj)))
    add(
        "networkx",
        f"views of {name}",
        lambda g=graph: [g.nodes, g.edges, g.adj],
        lambda v: [sorted(each) for each in v],
    )
add("networkx", "subgraph", lambda: nx.path_graph(4).subgraph([0, 1]).copy(), lambda g: sorted(g.edges))

x, y = sympy.symbols("x y", real=True)
n = sympy.Symbol("n", integer=True)
EXPRESSIONS = {
    "numbers": [
        sympy.Integer(5),
        sympy.Rational(1, 3),
        sympy.Float("1.5"),
        sympy.pi,
        sympy.E,
        sympy.I,
        sympy.oo,
        sympy.nan,
    ],
    "zero, one, half": [sympy.S.Zero, sympy.S.One, sympy.S.Half, sympy.S.NegativeOne, sympy.zoo, sympy.true],
    "symbols": [x, n, sympy.Symbol("z"), sympy.Dummy("d"), sympy.Wild("w")],
    "polynomial": x**2 + 2 * x * y + 1,
    "functions": sympy.sin(x) + sympy.exp(y) * sympy.log(x) + sympy.sqrt(x) + sympy.Abs(y) + sympy.gamma(n),
    "derivative and integral": [sympy.Derivative(sympy.sin(x), x), sympy.Integral(x**2, (x, 0, 1))],
    "sum, product, limit": [sympy.Sum(n, (n, 1, 5)), sympy.Product(n, (n, 1, 3)), sympy.Limit(sympy.sin(x) / x, x, 0)],
    "relations": [sympy.Eq(x, y), x < y, sympy.And(x > 0, y > 0), sympy.Ne(x, 1), sympy.Not(sympy.Eq(x, 2))],
    "matrix": [sympy.Matrix([[x, 1], [2, y]]), sympy.ImmutableMatrix([[1, 2]]), sympy.eye(2)],
    "sets": [
        sympy.Interval(0, 1),
        sympy.FiniteSet(1, 2),
        sympy.S.Reals,
        sympy.S.EmptySet,
        sympy.Union(sympy.Interval(0, 1), sympy.Interval(2, 3)),
    ],
    "piecewise": sympy.Piecewise((x, x > 0), (-x, True)),
    "polynomials as such": [sympy.Poly(x**2 + 1, x), sympy.Poly(x * y, x, y, domain="QQ")],
    "tuple and dict": [sympy.Tuple(x, 1), sympy.Dict({x: 1})],
    "trigonometric": [sympy.cos(x), sympy.tan(x), sympy.asin(y), sympy.sinh(x), sympy.atan2(y, x)],
    "Min, Max, floor, ceiling": [sympy.Min(x, y), sympy.Max(x, 1), sympy.floor(x), sympy.ceiling(y), sympy.Mod(n, 3)],
}
for name, expression in EXPRESSIONS.items():
    add("sympy", name, lambda e=expression: e, str, (4, 5))


def picture(mode: str) -> Any:
    return Image.new(mode, (4, 3), 1)


for mode in ["1", "L", "P", "RGB", "RGBA", "CMYK", "I", "F", "LA", "I;16"]:
    add("PIL", f"image of mode {mode}", lambda m=mode: picture(m), lambda i: (i.mode, i.size, i.tobytes()))
