"""Pickles that name old places."""

import importlib.util
import pickle
import subprocess
import sys
import types
import warnings

import pytest

import brinery
from brinery.reducers import moves
from brinery.reducers.known_moves import KNOWN_MOVES


@pytest.fixture(autouse=True)
def _no_moves_stay(monkeypatch):
    monkeypatch.setattr(moves, "_moves", {})


@pytest.fixture
def shop(monkeypatch):
    """A package with a module `cart`, in which there is a class Cart with a class Line in it."""
    package, module = types.ModuleType("shop"), types.ModuleType("shop.cart")
    package.__path__ = []
    exec("class Cart:\n class Line: pass\n", vars(module))
    monkeypatch.setitem(sys.modules, "shop", package)
    monkeypatch.setitem(sys.modules, "shop.cart", module)
    return module


def naming(module: str, name: str) -> bytes:
    """A pickle of a global, as protocol 4 writes it."""
    texts = [b"\x8c" + bytes([len(each)]) + each.encode() for each in (module, name)]
    return b"\x80\x04" + texts[0] + b"\x94" + texts[1] + b"\x94\x93\x94."


def load(data: bytes):
    return brinery.loads(data, trust="everything")


def test_a_class_is_found_where_it_has_moved(shop):
    brinery.moved("shop.models.Basket", "shop.cart.Cart")
    assert load(naming("shop.models", "Basket")) is shop.Cart
    assert load(naming("shop.models", "Basket.Line")) is shop.Cart.Line
    assert load(b"cshop.models\nBasket\n.") is shop.Cart


def test_a_module_that_moved_takes_all_that_is_in_it(shop):
    brinery.moved("store", "shop")
    assert load(naming("store.cart", "Cart")) is shop.Cart
    assert load(naming("store.cart", "Cart.Line")) is shop.Cart.Line


def test_the_longest_part_that_moved_decides(shop):
    brinery.moved("store", "nowhere")
    brinery.moved("store.cart", "shop.cart")
    assert load(naming("store.cart", "Cart")) is shop.Cart


def test_moves_of_moves_are_followed_and_circles_end(shop):
    brinery.moved("a.A", "b.B")
    brinery.moved("b.B", "a.A")
    with pytest.raises(brinery.DecodeError, match=r"a\.A is not found"):
        load(naming("a", "A"))
    brinery.moved("b.B", "shop.cart.Cart")
    assert load(naming("a", "A")) is shop.Cart


def test_what_exists_is_not_shadowed(shop):
    brinery.moved("shop.cart.Cart", "collections.OrderedDict")
    assert load(naming("shop.cart", "Cart")) is shop.Cart


def test_users_moves_come_before_the_known_ones(shop):
    brinery.moved("sklearn.tree.tree", "shop.cart")
    shop.DecisionTreeClassifier = shop.Cart
    assert load(naming("sklearn.tree.tree", "DecisionTreeClassifier")) is shop.Cart


def test_the_drop_in_knows_of_no_moves(shop):
    from brinery import pickle as drop_in

    brinery.moved("shop.models.Basket", "shop.cart.Cart")
    with pytest.raises(ModuleNotFoundError):
        drop_in.loads(naming("shop.models", "Basket"))


@pytest.mark.parametrize(
    ("names", "error"), [(("", "a.B"), ValueError), (("a.B", "a B"), ValueError), (("a.B", "a.B"), ValueError)]
)
def test_moves_that_say_nothing_are_refused(names, error):
    with pytest.raises(error):
        brinery.moved(*names)


def test_a_missing_module_is_named_with_what_to_do_and_what_may_be_meant(shop):
    with pytest.raises(brinery.DecodeError) as caught:
        load(naming("shop.models", "Cart"))
    message = str(caught.value)
    assert "shop.models.Cart is not found: there is no such module here" in message
    assert 'brinery.moved("shop.models.Cart", ' in message
    assert message.endswith("Is it shop.cart.Cart?")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_missing_name_is_named_with_the_ones_that_are_close(shop):
    with pytest.raises(brinery.DecodeError, match=r"the module has no such name.* Is it shop\.cart\.Cart\?"):
        load(naming("shop.cart", "Carts"))


def test_what_was_in_a_main_program_can_move_out_of_it(shop):
    with pytest.raises(brinery.DecodeError, match="main program of the process that pickled it"):
        load(naming("__main__", "MainCart"))
    brinery.moved("__main__.MainCart", "shop.cart.Cart")
    assert load(naming("__main__", "MainCart")) is shop.Cart


def test_a_module_that_needs_what_is_not_installed_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / "needy.py").write_text("import not_installed_here\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(brinery.DecodeError, match="importing needy failed: No module named 'not_installed_here'"):
        load(naming("needy", "Thing"))


def test_errors_of_other_kinds_are_not_taken_for_a_move(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    brinery.moved("broken", "collections")
    with pytest.raises(brinery.DecodeError, match="ZeroDivisionError: division by zero") as caught:
        load(naming("broken", "OrderedDict"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_fresh_process_finds_what_moved(tmp_path):
    (tmp_path / "bakery.py").write_text("class Loaf:\n    pass\n")
    script = (
        "import sys, brinery\n"
        "brinery.moved('kitchen.bread', 'bakery')\n"
        "print(type(brinery.loads(bytes.fromhex(sys.argv[1]), trust='everything')))\n"
    )
    data = b"\x80\x02ckitchen.bread\nLoaf\n)\x81."
    done = subprocess.run(
        [sys.executable, "-c", script, data.hex()], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "<class 'bakery.Loaf'>\n"


@pytest.mark.parametrize("module", ["_core", "core"])
def test_arrays_of_numpy_before_and_after_2_are_read(module):
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(3, dtype="int32")
    # As protocol 2 names it: one of both modules is not there, whichever NumPy this is.
    data = pickle.dumps(array, 2).replace(b"numpy._core", b"numpy." + module.encode())
    assert b"numpy." + module.encode() in data
    assert (load(data) == array).all()


def test_a_module_of_numpys_core_that_is_nowhere_is_looked_for_under_both_names():
    pytest.importorskip("numpy")
    assert list(moves.renamed("numpy._core.multiarray", "scalar")) == [("numpy.core.multiarray", "scalar")]
    assert list(moves.renamed("numpy.core.multiarray", "scalar")) == [("numpy._core.multiarray", "scalar")]


@pytest.mark.parametrize("module", ["pandas.core.indexes.numeric", "pandas.indexes.numeric"])
def test_a_numeric_index_of_pandas_before_2_is_read(module):
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    parts = (pandas.core.indexes.base._new_Index, (pandas.Index, {"data": numpy.array([1, 2]), "name": "n"}))
    data = pickle.dumps(parts, 2)
    named = f"c{pandas.Index.__module__}\nIndex\n".encode()
    old = data.replace(named, f"c{module}\nInt64Index\n".encode())
    assert old != data
    function, arguments = load(old)
    assert function(*arguments).equals(pandas.Index([1, 2], name="n"))


def test_an_estimator_of_scikit_learn_before_0_22_is_found():
    tree = pytest.importorskip("sklearn.tree")
    ensemble = pytest.importorskip("sklearn.ensemble")
    assert load(naming("sklearn.tree.tree", "DecisionTreeClassifier")) is tree.DecisionTreeClassifier
    assert load(naming("sklearn.ensemble.forest", "RandomForestRegressor")) is ensemble.RandomForestRegressor


def test_a_sparse_matrix_is_found_in_either_place():
    sparse = pytest.importorskip("scipy.sparse")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the module's old name, while SciPy still has it
        assert load(naming("scipy.sparse.csr", "csr_matrix")) is sparse.csr_matrix
    assert ("scipy.sparse.csr", "csr_matrix") in moves.renamed("scipy.sparse._csr", "csr_matrix")


def test_what_python_2_and_python_before_3_10_called_things_is_found():
    from collections import UserDict
    from collections.abc import Mapping

    assert load(naming("collections", "Mapping")) is Mapping
    assert load(naming("__builtin__", "unicode")) is str
    assert load(naming("UserDict", "IterableUserDict")) is UserDict


HERE = [old for old, new in sorted(KNOWN_MOVES.items()) if importlib.util.find_spec(new.partition(".")[0])]


@pytest.mark.parametrize("old", HERE)
def test_a_known_move_of_an_installed_package_leads_somewhere(old):
    new = KNOWN_MOVES[old]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of names that are old in this version
        assert found_at(new) is not None


def found_at(path: str) -> object:
    try:
        return moves.located(path)
    except (ImportError, AttributeError):
        return __import__(path, fromlist=["a module"])
