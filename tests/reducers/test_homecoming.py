"""What comes home is itself: classes, their state, and what is shared."""

import enum
import subprocess
import sys
import typing

import pytest

import brinery
from brinery import reducers


def there_and_back(obj):
    return brinery.loads(brinery.dumps(obj), trust="everything")


def local_class():
    class Local:
        count = 0

    return Local


def test_a_class_that_comes_home_is_itself_on_any_number_of_trips():
    cls = local_class()
    for _ in range(3):
        assert there_and_back(cls) is cls
        assert isinstance(there_and_back(cls()), cls)


def test_loading_a_payload_again_resets_nothing():
    cls = local_class()
    data = brinery.dumps(cls)
    cls.count = 5
    cls.late = "kept"
    assert brinery.loads(data, trust="everything") is cls
    assert (cls.count, cls.late) == (5, "kept")


def test_enum_members_and_type_variables_come_home_as_themselves():
    class Colour(enum.Enum):
        RED = 1

    variable = typing.TypeVar("variable")
    assert there_and_back(Colour.RED) is Colour.RED
    assert there_and_back([variable])[0] is variable


def test_the_same_class_of_two_payloads_is_one_class_in_a_fresh_process():
    cls = local_class()
    script = (
        "import sys, brinery\n"
        "one, two = (brinery.loads(bytes.fromhex(each), trust='everything') for each in sys.argv[1:])\n"
        "print(type(one) is type(two), one.tag, two.tag)\n"
    )
    payloads = []
    for tag in ("a", "b"):
        made = cls()
        made.tag = tag
        payloads.append(brinery.dumps(made).hex())
    done = subprocess.run([sys.executable, "-c", script, *payloads], capture_output=True, text=True, check=True)
    assert done.stdout == "True a b\n"


def test_a_class_whose_loading_failed_is_not_left_half_made():
    class Trap:
        def __reduce__(self):
            return explode, ()

    cls = local_class()
    cls.trap = Trap()
    # In a fresh process, where the class is unknown: the first load fails within its state, the second does not.
    script = (
        "import sys, brinery\n"
        "import tests.reducers.test_homecoming as home\n"
        "data = bytes.fromhex(sys.argv[1])\n"
        "try:\n brinery.loads(data, trust='everything')\n"
        "except brinery.DecodeError: pass\n"
        "home.explode = lambda: 7\n"
        "cls = brinery.loads(data, trust='everything')\n"
        "print(cls.trap, cls.count)\n"
    )
    data = brinery.dumps(cls).hex()
    done = subprocess.run([sys.executable, "-c", script, data], capture_output=True, text=True, check=True)
    assert done.stdout == "7 0\n"


def explode():
    raise ZeroDivisionError


def test_what_pickles_name_is_found_under_the_rooms_own_path():
    for name in reducers.__all__:
        found = getattr(reducers, name)
        if name.startswith(("make_", "set_")):
            assert found.__module__ == "brinery.reducers"
            assert found.__qualname__ == name


def test_everything_that_rebuilds_is_exported():
    import pkgutil
    from importlib import import_module

    for info in pkgutil.iter_modules(reducers.__path__):
        module = import_module(f"brinery.reducers.{info.name}")
        for name, value in vars(module).items():
            if callable(value) and getattr(value, "__module__", "") == "brinery.reducers":
                assert getattr(reducers, name) is value


def test_modules_named_by_value_send_their_classes():
    from fractions import Fraction

    by_reference = len(brinery.dumps(Fraction))
    brinery.by_value("fractions")
    try:
        assert len(brinery.dumps(Fraction)) > 10 * by_reference
        assert there_and_back(Fraction) is Fraction
    finally:
        reducers.VALUE_MODULES.discard("fractions")


def test_unused_globals_stay_and_used_ones_are_shared():
    namespace = {"__name__": "byhand", "big": bytearray(10_000_000), "n": 0}
    exec("def up():\n global n\n n += 1\n\ndef get(): return n\n", namespace)
    data = brinery.dumps([namespace["up"], namespace["get"]])
    assert len(data) < 5_000
    up, get = brinery.loads(data, trust="everything")
    up()
    assert get() == 1
    assert namespace["n"] == 0


def test_a_local_function_of_a_module_keeps_the_modules_globals():
    made = local_function()
    loaded = there_and_back(made)
    assert loaded is not made
    assert loaded.__globals__ is made.__globals__


def local_function():
    return lambda: explode


@pytest.mark.parametrize("make", [lambda: (i for i in ()), lambda: sys._getframe()])
def test_what_belongs_to_this_process_is_refused_with_its_place(make):
    with pytest.raises(
        brinery.EncodeError, match=r"^dict\['job'\]\[1\]: cannot pickle '\w+' object: it .*\. Send .*stand-in"
    ):
        brinery.dumps({"job": [0, make()]})
    loaded = brinery.loads(brinery.dumps({"job": [0, make()]}, unpicklable="stand-in"), trust="everything")
    assert isinstance(loaded["job"][1], reducers.StandIn)
    assert "cannot pickle" in repr(loaded["job"][1])
