"""The suite on every interpreter that is there: `nox`, or `nox -s conformance-3.13`."""

import nox

nox.options.error_on_missing_interpreters = False
PYTHONS = ["3.11", "3.12", "3.13"]


def prepare(session: nox.Session) -> None:
    """Install the package and what the tests need, built for the interpreter of the session."""
    session.install(
        "meson-python>=0.16",
        "meson>=1.3",
        "ninja",
        "numpy",
        "pytest>=8",
        "hypothesis>=6.100",
        "typer",
        "rich",
        "blake3",
        "cryptography",
        "platformdirs",
        "xxhash",
        "zstandard",
    )
    tag = session.run("python", "-c", "import sys; print(sys.implementation.cache_tag)", silent=True).strip()
    session.install("--no-build-isolation", "--no-deps", "--force-reinstall", f"-Cbuild-dir=build/{tag}", ".")


@nox.session(python=PYTHONS)
def conformance(session: nox.Session) -> None:
    """CPython's own pickle tests, and brinery against the stdlib on random graphs and overrides."""
    prepare(session)
    session.run(
        "pytest",
        "-q",
        "tests/conformance",
        "tests/equivalence",
        "tests/codec",
        "tests/leaks",
        "tests/threads",
        "tests/peeking",
        "tests/scanning",
    )


@nox.session(python=PYTHONS)
def code(session: nox.Session) -> None:
    """What goes by value: functions, classes, half-live objects, and the vectors of other versions."""
    prepare(session)
    session.install("pandas", "scikit-learn", "scipy", "joblib", "click", "polars", "pyarrow", "cloudpickle")
    session.run("pytest", "-q", "tests/reducers", "tests/vectors", "tests/test_serializer.py", "tests/test_errors.py")
