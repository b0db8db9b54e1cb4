"""Gadgets inside NumPy, pandas, SciPy, scikit-learn, joblib and torch: names that honest files of them do not need."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import NONE, build, call, listed, mapped, name, new, number, packed, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("libraries")
F2PY = sources.picklescan("GHSA-r8g5-cgf2-4m4m")


def frame() -> bytes:
    return call(name("pandas", "DataFrame"), mapped((text("a"), listed(number(1)))))


def transformer() -> bytes:
    return call(name("sklearn.preprocessing", "FunctionTransformer"), name("os", "system"))


def batched_calls(marker: Marker) -> bytes:
    task = packed(name("os", "system"), listed(text(marker.command)), mapped())
    batch = call(
        name("joblib.parallel", "BatchedCalls"),
        listed(task),
        packed(call(name("joblib._parallel_backends", "SequentialBackend")), number(1)),
    )
    return stream(call(name("joblib.parallel", "BatchedCalls.__call__"), batch))


def memory_map(marker: Marker) -> bytes:
    """NEWOBJ of a class that opens the file its first argument names."""
    return stream(new(name("numpy", "memmap"), text(marker.path), text("u1"), text("w+"), number(0), packed(number(8))))


def estimator_method(marker: Marker) -> bytes:
    """The state of a fitted model replaces predict."""
    made = new(name("sklearn.linear_model._base", "LinearRegression"))
    return stream(build(made, mapped((text("predict"), name("os", "system")), (text("coef_"), number(1)))))


def transformer_by_state(marker: Marker) -> bytes:
    """FunctionTransformer as honest files have it, with a function of the author's choice, which transform() calls."""
    made = new(name("sklearn.preprocessing._function_transformer", "FunctionTransformer"))
    state = mapped((text("func"), name("os", "system")), (text("validate"), b"\x89"), (text("check_inverse"), b"\x89"),
                   (text("kw_args"), NONE), (text("inv_kw_args"), NONE), (text("feature_names_out"), NONE), (text("inverse_func"), NONE),
                   (text("accept_sparse"), b"\x89"), (text("_sklearn_version"), text("1.9.1")))  # fmt: skip
    return stream(build(made, state))


CASES.add(
    "f2py-getlincoef",
    "numpy.f2py.crackfortran.getlincoef evaluates",
    F2PY,
    lambda m: stream(call(name("numpy.f2py.crackfortran", "getlincoef"), text(m.code), mapped())),
    package="numpy",
)
CASES.add(
    "f2py-eval-length",
    "numpy.f2py.crackfortran._eval_length evaluates",
    F2PY,
    lambda m: stream(call(name("numpy.f2py.crackfortran", "_eval_length"), text(m.code), mapped())),
    package="numpy",
)
CASES.add(
    "f2py-myeval",
    "numpy.f2py.crackfortran.myeval evaluates",
    F2PY,
    lambda m: stream(call(name("numpy.f2py.crackfortran", "myeval"), text(m.code), mapped(), mapped())),
    package="numpy",
)
CASES.add(
    "numpy-runstring",
    "numpy.testing's runstring is exec",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(call(name("numpy.testing._private.utils", "runstring"), text(m.code), mapped())),
    package="numpy",
)
CASES.add(
    "numpy-measure",
    "numpy.testing.measure runs what it measures",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("numpy.testing", "measure"), text(m.code))),
    package="numpy",
)
CASES.add("numpy-memmap", "numpy.memmap creates the file it names", sources.HIDE_AND_SEEK, memory_map, package="numpy")
CASES.add(
    "numpy-save",
    "numpy.savetxt writes a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("numpy", "savetxt"), text(m.path), listed(number(1)))),
    package="numpy",
)
CASES.add(
    "numpy-frompyfunc",
    "a ufunc of a function of the author's choice",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(call(name("numpy", "frompyfunc"), name("os", "system"), number(1), number(1)), text(m.command))
    ),
    package="numpy",
)
CASES.add(
    "numpy-vectorize",
    "numpy.vectorize, called",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(call(name("numpy", "vectorize"), name("os", "system")), listed(text(m.command)))),
    package="numpy",
)
CASES.add(
    "pandas-eval",
    "pandas.eval with a function in its scope",
    sources.pandas(60602),
    lambda m: stream(
        call(
            name("pandas", "eval"),
            text("f(x)"),
            text("pandas"),
            text("python"),
            mapped((text("f"), name("os", "system")), (text("x"), text(m.command))),
        )
    ),
    package="pandas",
)
CASES.add(
    "pandas-query",
    "DataFrame.query reaches os through a module of pandas",
    sources.pandas(60602),
    lambda m: stream(
        call(
            name("pandas", "eval"),
            text(f"p.io.common.os.system('{m.command}')"),
            text("pandas"),
            text("python"),
            mapped((text("p"), call(name("builtins", "__import__"), text("pandas")))),
        )
    ),
    package="pandas",
)
CASES.add(
    "pandas-apply",
    "Series.map calls what it is given",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(
            name("pandas", "Series.map"), call(name("pandas", "Series"), listed(text(m.command))), name("os", "system")
        )
    ),
    package="pandas",
)
CASES.add(
    "pandas-to-csv",
    "DataFrame.to_csv writes a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("pandas", "DataFrame.to_csv"), frame(), text(m.path))),
    package="pandas",
)
CASES.add(
    "pandas-get-handle",
    "pandas.io.common.get_handle opens a file to write",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("pandas.io.common", "get_handle"), text(m.path), text("w"))),
    package="pandas",
)
CASES.add(
    "scipy-function-wrapper",
    "SciPy's _FunctionWrapper calls",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(call(name("scipy._lib._util", "_FunctionWrapper"), name("os", "system"), packed()), text(m.command))
    ),
    package="scipy",
)
CASES.add(
    "scipy-map-wrapper",
    "SciPy's MapWrapper maps",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(
            name("builtins", "list"),
            call(call(name("scipy._lib._util", "MapWrapper")), name("os", "system"), listed(text(m.command))),
        )
    ),
    package="scipy",
)
CASES.add(
    "scipy-savemat",
    "scipy.io.savemat writes a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("scipy.io", "savemat"), text(m.path), mapped(), b"\x89")),
    package="scipy",
)
CASES.add(
    "sklearn-transformer",
    "FunctionTransformer.transform calls",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(name("sklearn.preprocessing", "FunctionTransformer.transform"), transformer(), text(m.command))
    ),
    package="sklearn",
)
CASES.add(
    "sklearn-transformer-state",
    "a FunctionTransformer whose function runs on use",
    sources.HIDE_AND_SEEK,
    transformer_by_state,
    package="sklearn",
    after="made.transform('touch ' + marker)",
)
CASES.add(
    "sklearn-method",
    "a model's state replaces a method of it",
    sources.CALL_GRAPH,
    estimator_method,
    package="sklearn",
    after="made.predict('touch ' + marker)",
)
CASES.add(
    "sklearn-run-script",
    "scikit-learn's test helper runs a script",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("sklearn.utils._testing", "assert_run_python_script_without_output"), text(m.code))),
    package="sklearn pytest",
)
CASES.add("joblib-batch", "joblib's BatchedCalls call", sources.HIDE_AND_SEEK, batched_calls, package="joblib")
CASES.add(
    "joblib-delete",
    "joblib.disk.delete_folder deletes a folder",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("joblib.disk", "delete_folder"), text(m.folder))),
    package="joblib",
)
CASES.add(
    "joblib-dump",
    "joblib.dump writes a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("joblib", "dump"), number(1), text(m.path))),
    package="joblib",
)
CASES.add(
    "torch-collect-env",
    "torch.utils.collect_env.run starts a program",
    sources.picklescan("GHSA-f745-w6jp-hpxx"),
    lambda m: stream(call(name("torch.utils.collect_env", "run"), text(m.command))),
    package="torch",
)
CASES.add(
    "torch-exec-wrapper",
    "torch.jit.unsupported_tensor_ops.execWrapper is exec",
    sources.picklescan("GHSA-vr7h-p6mm-wpmh"),
    lambda m: stream(call(name("torch.jit.unsupported_tensor_ops", "execWrapper"), text(m.code), mapped(), mapped())),
    package="torch",
)
CASES.add(
    "torch-guards",
    "ShapeEnv.evaluate_guards_expression evaluates",
    sources.picklescan("GHSA-f4x7-rfwp-v3xw"),
    lambda m: stream(
        call(
            name("torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression"),
            call(name("types", "SimpleNamespace")),
            text(m.code),
            listed(),
        )
    ),
    package="torch",
)
CASES.add(
    "torch-save",
    "torch.save writes a file",
    sources.HIDE_AND_SEEK,
    lambda m: stream(call(name("torch", "save"), number(1), text(m.path))),
    package="torch",
)
CASES.add(
    "numpy-loadtxt",
    "numpy.loadtxt calls its converters",
    sources.HIDE_AND_SEEK,
    lambda m: stream(
        call(
            name("numpy", "loadtxt"),
            listed(text(m.command)),
            name("builtins", "float"),
            NONE,
            text("|"),
            mapped((number(0), name("os", "system"))),
        )
    ),
    package="numpy",
)
CASES.add(
    "joblib-parallel",
    "a Parallel runs tasks, and evaluated its pre_dispatch up to 1.1",
    "https://nvd.nist.gov/vuln/detail/CVE-2022-21797",
    lambda m: stream(
        call(
            call(name("joblib", "Parallel"), number(1)),
            listed(packed(name("os", "system"), packed(text(m.command)), mapped())),
        )
    ),
    package="joblib",
)
