"""Arrays, tables, models, figures."""

from bench.breadth.matrix import Case, case

CASES: list[Case] = []


def array(package: str, what: str, make: str, use: str) -> None:
    CASES.append(case("arrays, tables and models", f"{package}: {what}", make, use, package=package))


array(
    "numpy",
    "subclass with attributes",
    """
import numpy as np

class Tagged(np.ndarray):
    def __new__(cls, values, tag=None):
        made = np.asarray(values).view(cls)
        made.tag = tag
        return made
    def __array_finalize__(self, other):
        self.tag = getattr(other, "tag", None)
    def __reduce__(self):
        inner = super().__reduce__()
        return inner[0], inner[1], (inner[2], self.tag)
    def __setstate__(self, state):
        super().__setstate__(state[0])
        self.tag = state[1]

made = Tagged([1.0, 2.0], tag="m")
""",
    "made.sum() == 3 and made.tag == 'm' and made[:1].tag == 'm'",
)
array(
    "numpy",
    "function over an array, frompyfunc, poly1d and a structured record",
    """
import numpy as np
weights = np.arange(3.0)
made = (lambda x: float(weights @ x), np.poly1d([1, 2]), np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U2")]))
""",
    "made[0]([1, 1, 1]) == 3 and made[1](3) == 5 and made[2].s[0] == 'a'",
)
array(
    "pandas",
    "frame with functions and instances in it",
    """
import pandas as pd

class Money:
    def __init__(self, value): self.value = value

made = pd.DataFrame({"f": [lambda x: x + 1, abs], "m": [Money(1), Money(2)]}, index=["a", "b"])
""",
    "made.loc['a', 'f'](1) == 2 and made['m'].map(lambda m: m.value).sum() == 3",
)
array(
    "pandas",
    "subclass with metadata",
    """
import pandas as pd

class Survey(pd.DataFrame):
    _metadata = ["source"]
    @property
    def _constructor(self): return Survey
    def total(self): return int(self.sum().sum())

made = Survey({"a": [1, 2]})
made.source = "here"
made.attrs["k"] = {"f": lambda: 5}
""",
    "made.total() == 3 and made.source == 'here' and type(made.head(1)) is type(made) and made.attrs['k']['f']() == 5",
)
array(
    "pandas",
    "accessor, groupby and categorical",
    """
import pandas as pd

@pd.api.extensions.register_dataframe_accessor("geo")
class Geo:
    def __init__(self, frame): self.frame = frame
    def size(self): return len(self.frame)

frame = pd.DataFrame({"k": pd.Categorical(["x", "y", "x"]), "v": [1, 2, 3]})
made = (Geo(frame), frame.groupby("k", observed=True))
""",
    "made[0].size() == 3 and made[1]['v'].sum().to_dict() == {'x': 4, 'y': 2}",
)
array(
    "pandas",
    "function over a frame with resample",
    """
import pandas as pd
frame = pd.DataFrame({"v": range(4)}, index=pd.date_range("2024-01-01", periods=4, freq="12h", tz="Europe/Berlin"))
def made(rule): return frame.v.resample(rule).sum().tolist()
""",
    "made('D') == [1, 5]",
)
array(
    "scikit-learn",
    "pipeline with a lambda",
    """
import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
made = make_pipeline(FunctionTransformer(lambda x: x * 2), LinearRegression())
made.fit(np.arange(4.0).reshape(-1, 1), np.arange(4.0))
""",
    "abs(made.predict(__import__('numpy').array([[5.0]]))[0] - 5) < 1e-9",
)
array(
    "scikit-learn",
    "estimator of one's own in a grid search",
    """
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GridSearchCV

class Mean(RegressorMixin, BaseEstimator):
    def __init__(self, shift=0): self.shift = shift
    def fit(self, X, y): self.mean_ = float(np.mean(y)) + self.shift; return self
    def predict(self, X): return np.full(len(X), self.mean_)

made = GridSearchCV(Mean(), {"shift": [0, 5]}, cv=2, scoring=lambda est, X, y: -abs(est.predict(X) - y).sum())
made.fit(np.zeros((4, 1)), np.array([1.0, 2, 2, 1]))
""",
    "made.predict([[0]])[0] == 1.5 and made.best_params_ == {'shift': 0} and __import__('sklearn.base').base.clone(made).estimator.shift == 0",
)
array(
    "scikit-learn",
    "columns, text and a random forest",
    """
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline
frame = pd.DataFrame({"t": ["a b", "b c", "c d", "a d"], "n": [1, 2, 3, 4]})
made = Pipeline([
    ("c", ColumnTransformer([("t", TfidfVectorizer(tokenizer=lambda s: s.split(), token_pattern=None), "t")], remainder="passthrough")),
    ("f", RandomForestClassifier(5, random_state=1)),
]).fit(frame, [0, 0, 1, 1])
""",
    "made.predict(__import__('pandas').DataFrame({'t': ['c d'], 'n': [3]})).tolist() == [1]",
)
array(
    "scipy",
    "sparse matrices",
    "import scipy.sparse as sp\nmade = [sp.eye_array(3, format=each) for each in ('csr', 'csc', 'coo', 'lil', 'dok', 'dia', 'bsr')]",
    "all(each.sum() == 3 and each.toarray()[1, 1] == 1 for each in made)",
)
array(
    "scipy",
    "interpolation and a spline",
    """
import numpy as np
from scipy import interpolate
x = np.arange(5.0)
made = (interpolate.CubicSpline(x, x ** 2), interpolate.RegularGridInterpolator((x,), x), interpolate.interp1d(x, x))
""",
    "abs(made[0](2.5) - 6.25) < 1e-9 and made[1]([1.5])[0] == 1.5 and made[2](0.5) == 0.5",
)
array(
    "scipy",
    "frozen and own distributions",
    """
from scipy import stats

class Ramp(stats.rv_continuous):
    def _pdf(self, x): return 2 * x

made = (stats.norm(1, 2), Ramp(a=0, b=1, name="ramp"), stats.gaussian_kde([1.0, 2.0, 4.0]), stats.poisson)
""",
    "made[0].mean() == 1 and abs(made[1].cdf(0.5) - 0.25) < 1e-9 and made[2](2.0)[0] > 0 and made[3](3).mean() == 3",
)
array(
    "scipy",
    "linear operator, rotation, tree",
    """
import numpy as np
from scipy.sparse.linalg import LinearOperator
from scipy.spatial import KDTree
from scipy.spatial.transform import Rotation
made = (LinearOperator((2, 2), matvec=lambda v: 2 * v, dtype=float), Rotation.from_euler("z", 90, degrees=True), KDTree(np.eye(3)))
""",
    "made[0].matvec([1.0, 2.0]).tolist() == [2, 4] and abs(made[1].apply([1, 0, 0])[1] - 1) < 1e-9 and made[2].query([1, 0, 0])[1] == 0",
)
array(
    "statsmodels",
    "fitted model from a formula",
    """
import pandas as pd
import statsmodels.formula.api as smf
frame = pd.DataFrame({"y": [1.0, 2, 3, 4.5], "x": [1.0, 2, 3, 4]})
made = smf.ols("y ~ x", frame).fit()
""",
    "abs(made.params['x'] - 1.15) < 1e-6 and len(made.predict({'x': [5.0]})) == 1",
)
array(
    "lightgbm",
    "model with an objective of one's own",
    """
import numpy as np
import lightgbm

made = lightgbm.LGBMRegressor(n_estimators=3, min_child_samples=1, verbose=-1, objective=lambda y, p: (p - y, np.ones_like(y)))
made.fit(np.arange(20.0).reshape(-1, 1), np.arange(20.0))
""",
    "made.predict([[19.0]])[0] > made.predict([[0.0]])[0]",
)
array(
    "torch",
    "module of one's own",
    """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)
        self.register_buffer("scale", torch.tensor(2.0))
        self.activation = lambda x: torch.relu(x)
    def forward(self, x): return self.activation(self.layer(x)) * self.scale

net = Net()
x = torch.ones(1, 2)
made = (net, x, net(x).detach())
""",
    "__import__('torch').equal(made[0](made[1]), made[2]) and len(list(made[0].parameters())) == 2",
)
array(
    "torch",
    "optimizer, schedule and hooks share their parameters",
    """
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
calls = []
net.register_forward_hook(lambda module, args, out: out + 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5 ** epoch)
made = (net, optimizer, schedule)
""",
    "made[1].param_groups[0]['params'][0] is made[0][0].weight and float(made[0](__import__('torch').zeros(1, 2)).min()) >= 1 and (made[1].step(), made[2].step(), made[2].get_last_lr()[0])[2] == 0.05",
)
array(
    "torch",
    "dataset, loader and views that share storage",
    """
import torch
from torch.utils.data import DataLoader, Dataset

class Squares(Dataset):
    def __len__(self): return 4
    def __getitem__(self, i): return torch.tensor(float(i * i))

base = torch.arange(6.0)
made = (DataLoader(Squares(), batch_size=2, collate_fn=lambda batch: torch.stack(batch)), base, base[2:4])
""",
    "[each.tolist() for each in made[0]] == [[0, 1], [4, 9]] and (made[1].fill_(7), made[2].tolist())[1] == [7, 7]",
)
array(
    "torch",
    "autograd function, dtype, device and generator",
    """
import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x * 2
    @staticmethod
    def backward(ctx, grad): return grad * 2

made = (lambda x: Double.apply(x), torch.float32, torch.device("cpu"), torch.Size([2, 3]), torch.relu)
""",
    "made[0](__import__('torch').ones(2)).tolist() == [2, 2] and made[1] is __import__('torch').float32 and made[2].type == 'cpu' and made[3].numel() == 6",
)
array(
    "polars",
    "frame, lazy frame and expression",
    """
import polars as pl
frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})
made = (frame, frame.lazy().filter(pl.col("a") > 1), pl.col("a") * 2, lambda: frame["a"].sum())
""",
    "made[0]['a'].sum() == 6 and made[1].collect().height == 2 and made[0].select(made[2])['a'].to_list() == [2, 4, 6] and made[3]() == 6",
)
array(
    "polars",
    "expression with a lambda",
    "import polars as pl\nmade = (pl.DataFrame({'a': [1, 2]}), pl.col('a').map_elements(lambda x: x + 10, return_dtype=pl.Int64))",
    "made[0].select(made[1])['a'].to_list() == [11, 12]",
)
array(
    "pyarrow",
    "table, schema and chunked arrays",
    """
import pyarrow as pa
table = pa.table({"a": pa.array([1, 2, None]), "s": pa.array(["x", "y", "x"]).dictionary_encode()}, metadata={"k": "v"})
made = (table, table.schema, table["a"], pa.scalar(5), lambda: table.num_rows)
""",
    "made[0]['a'].null_count == 1 and made[0].schema.metadata == {b'k': b'v'} and made[1].names == ['a', 's'] and made[2].to_pylist() == [1, 2, None] and made[3].as_py() == 5 and made[4]() == 3",
)
array(
    "pyarrow",
    "compute function, expression and file system",
    """
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as fs
table = pa.table({"a": [1, 2, 3]})
made = (lambda: pc.sum(table["a"]).as_py(), pc.field("a") > 1, fs.LocalFileSystem(), table)
""",
    "made[0]() == 6 and made[3].filter(made[1]).num_rows == 2 and made[2].type_name == 'local'",
)
array(
    "xarray",
    "data set with a function in its attributes",
    """
import numpy as np
import xarray as xr
made = xr.Dataset({"t": (("x", "y"), np.arange(4.0).reshape(2, 2), {"f": lambda v: v + 1})}, coords={"x": ["a", "b"]})
""",
    "float(made['t'].sel(x='b').sum()) == 5 and made['t'].attrs['f'](1) == 2",
)
array(
    "matplotlib",
    "figure with a formatter",
    """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter
figure, axes = plt.subplots()
axes.plot([1, 2, 3], label="line")
axes.yaxis.set_major_formatter(FuncFormatter(lambda value, position: f"<{value:g}>"))
axes.legend()
made = figure
""",
    "(made.savefig('out.png'), made.axes[0].lines[0].get_ydata().tolist())[1] == [1, 2, 3] and made.axes[0].yaxis.get_major_formatter()(2, 0) == '<2>'",
)
array(
    "matplotlib",
    "colour map, norm and transform",
    """
import numpy as np
import matplotlib
matplotlib.use("Agg")
from matplotlib import colors, cm, transforms
made = (matplotlib.colormaps["viridis"], colors.FuncNorm((lambda x: x * 2, lambda x: x / 2), 0, 1), transforms.Affine2D().rotate_deg(90))
""",
    "made[0](0.0)[3] == 1.0 and abs(made[1](0.5) - 0.5) < 1e-9 and abs(made[2].transform((1, 0))[1] - 1) < 1e-9",
)
array(
    "pillow",
    "image",
    "from PIL import Image, ImageFilter\nimage = Image.new('RGB', (2, 2), (1, 2, 3))\nmade = (image, lambda: image.getpixel((1, 1)), image.filter(ImageFilter.BLUR))",
    "made[0].size == (2, 2) and made[1]() == (1, 2, 3) and made[2].mode == 'RGB'",
)
array(
    "networkx",
    "graph with functions and instances as nodes",
    """
import networkx as nx

class Stop:
    def __init__(self, name): self.name = name
    def __hash__(self): return hash(self.name)
    def __eq__(self, other): return self.name == other.name

graph = nx.DiGraph()
graph.add_edge(Stop("a"), Stop("b"), cost=lambda hour: hour + 1)
graph.add_edge(Stop("b"), Stop("c"), cost=lambda hour: 1)
made = (graph, Stop("a"), Stop("c"))
""",
    "len(__import__('networkx').shortest_path(made[0], made[1], made[2], weight=lambda u, v, d: d['cost'](3))) == 3 and made[1] in made[0]",
)
array(
    "networkx",
    "views and subgraphs",
    "import networkx as nx\ng = nx.path_graph(4)\nmade = (nx.subgraph_view(g, filter_node=lambda n: n != 0), g.edges, g.subgraph([0, 1]), g.degree)",
    "sorted(made[0]) == [1, 2, 3] and (0, 1) in made[1] and len(made[2]) == 2 and made[3][1] == 2",
)
array(
    "sympy",
    "expression and a function of one's own",
    """
import sympy
x, n = sympy.Symbol("x", positive=True), sympy.Dummy("n")

class twice(sympy.Function):
    @classmethod
    def eval(cls, arg):
        if arg.is_Number:
            return 2 * arg

made = (sympy.integrate(sympy.sin(x) * x, x), twice(x), sympy.Matrix([[x, 1], [0, 1]]), sympy.symbols("f", cls=sympy.Function)(x), x)
""",
    "made[0].subs(made[4], 0) == 0 and made[1].subs(made[4], 4) == 8 and made[2].det() == made[4] and made[3].args == (made[4],)",
)
array(
    "sympy",
    "lambdified function",
    "import sympy\nx = sympy.Symbol('x')\nmade = sympy.lambdify(x, sympy.sin(x) ** 2 + x, 'math')",
    "abs(made(0.5) - 0.7298488470659301) < 1e-12",
)
array(
    "shapely",
    "geometries and a prepared tree",
    """
import shapely
from shapely import geometry
square = geometry.box(0, 0, 2, 2)
made = (square, lambda x, y: square.contains(geometry.Point(x, y)), geometry.MultiPoint([(0, 0), (1, 1)]), shapely.STRtree([square]))
""",
    "made[0].area == 4 and made[1](1, 1) and len(made[2].geoms) == 2 and made[3].query(made[0]).tolist() == [0]",
)
array(
    "numba",
    "jitted function",
    """
import numba
factor = 3

@numba.njit
def helper(x): return x * factor

@numba.njit
def made(x): return helper(x) + 1

made(2)
""",
    "made(2) == 7 and made.py_func(2) == 7",
)
array(
    "numba",
    "vectorised function",
    "import numba\n@numba.vectorize\ndef made(x, y): return x + y\nmade(1, 2)",
    "made(1, 2) == 3",
)
array(
    "numexpr",
    "expression",
    "import numexpr\nmade = lambda a: numexpr.evaluate('a * 2')",
    "made(__import__('numpy').arange(3)).tolist() == [0, 2, 4]",
)
array(
    "pint",
    "quantity and registry",
    "import pint\nunits = pint.UnitRegistry()\nmade = (3 * units.metre, lambda q: q.to('cm').magnitude)",
    "made[1](made[0]) == 300 and made[0].dimensionality == {'[length]': 1}",
)
array(
    "uncertainties",
    "correlated values",
    "from uncertainties import ufloat\nx = ufloat(1, 0.1)\nmade = (x, 2 * x, lambda: x - x)",
    "(made[1] - 2 * made[0]).std_dev == 0 and made[2]().std_dev == 0",
)
array(
    "joblib",
    "delayed calls and a memory",
    "import joblib\nmemory = joblib.Memory('cache', verbose=0)\nmade = ([joblib.delayed(lambda x: x + 1)(2)], memory.cache(lambda x: x * 2), memory)",
    "made[0][0][0](2) == 3 and made[1](4) == 8",
)
