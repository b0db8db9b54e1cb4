"""Classes that tell how they are taken apart, and classes whose attributes change over time."""

import copy
import dataclasses
import pickle
import subprocess
import sys
import types

import pytest

import brinery
from brinery import pickle as drop_in

LOADERS = {
    "brinery": lambda data: brinery.loads(data, trust="everything"),
    "brinery.pickle": drop_in.loads,
    "pickle": pickle.loads,
}
DUMPERS = {"brinery": brinery.dumps, "brinery.pickle": drop_in.dumps, "pickle": pickle.dumps}


@pytest.fixture(params=LOADERS)
def load(request):
    return LOADERS[request.param]


@pytest.fixture(params=DUMPERS)
def dump(request):
    return DUMPERS[request.param]


@pytest.fixture
def module(monkeypatch):
    """A module `growing`: its classes go by reference, and are exchanged for later ones."""
    made = types.ModuleType("growing")
    made.__spec__ = types.SimpleNamespace(name="growing")
    monkeypatch.setitem(sys.modules, "growing", made)
    return made


def define(module, source: str, **names):
    """The classes of a source text, as later ones of the same names."""
    vars(module).update(brinery=brinery, dataclass=dataclasses.dataclass, field=dataclasses.field, **names)
    exec(source, vars(module))
    return module


# -- the hook


class Temperature:
    def __init__(self, kelvin):
        self.kelvin = kelvin
        self.sensor = (each for each in ())

    def __brinery_reduce__(self):
        return self.kelvin

    @classmethod
    def __brinery_rebuild__(cls, kelvin):
        return cls(kelvin)


class Cold(Temperature):
    pass


class Plain(Temperature):
    __brinery_reduce__ = None


class Table(dict):
    def __brinery_reduce__(self):
        return sorted(self)

    @classmethod
    def __brinery_rebuild__(cls, keys):
        return cls.fromkeys(keys)


class Frozen(Exception):
    def __init__(self, at, *, since):
        super().__init__(at)
        self.since = since

    def __brinery_reduce__(self):
        return *self.args, self.since

    @classmethod
    def __brinery_rebuild__(cls, content):
        return cls(content[0], since=content[1])


def test_a_class_takes_its_instances_apart_and_its_subclasses_those_of_theirs(load):
    for cls in (Temperature, Cold):
        one, same = load(brinery.dumps([cls(3), cls(3)]))
        assert (type(one), one.kelvin, one is same) == (cls, 3, False)
    cold = Cold(1)
    one, same = load(brinery.dumps([cold, cold]))
    assert one is same


def test_the_hook_holds_for_containers_and_exceptions_too(load):
    table = load(brinery.dumps(Table(a=1, b=2)))
    assert (type(table), table) == (Table, {"a": None, "b": None})
    error = load(brinery.dumps(Frozen("lake", since=4)))
    assert (type(error), error.args, error.since) == (Frozen, ("lake",), 4)


def test_the_drop_in_knows_of_no_hook():
    assert pickle.loads(drop_in.dumps(Table(a=1))) == {"a": 1}
    with pytest.raises(TypeError, match="generator"):
        drop_in.dumps(Temperature(1))


def test_a_subclass_takes_the_hook_back():
    with pytest.raises(brinery.EncodeError, match=r"plain\.sensor"):
        brinery.dumps(Plain(1))


def test_what_was_registered_comes_before_the_hook():
    from brinery.reducers.registry import by_type

    brinery.register(Cold, lambda cold: -cold.kelvin, Cold)
    try:
        assert brinery.loads(brinery.dumps(Cold(1)), trust="everything").kelvin == -1
    finally:
        by_type.pop(Cold)


def test_one_half_of_a_hook_is_refused_with_its_place():
    class Half:
        def __brinery_reduce__(self):
            return 1

    with pytest.raises(brinery.EncodeError, match=r"list\[0\].*no class method __brinery_rebuild__"):
        brinery.dumps([Half()])


def test_what_a_metaclass_makes_up_is_no_hook():
    class Answering(type):
        def __getattr__(cls, name):
            return lambda *arguments: "anything"

    class Agreeable(metaclass=Answering):
        pass

    assert isinstance(brinery.loads(brinery.dumps(Agreeable()), trust="everything"), Agreeable)


def test_a_hook_that_is_added_later_counts():
    class Late:
        pass

    made = Late()
    made.here = 1
    brinery.dumps(made)
    Late.__brinery_reduce__ = lambda self: 5
    Late.__brinery_rebuild__ = classmethod(lambda cls, content: content)
    assert brinery.loads(brinery.dumps(made), trust="everything") == 5


# -- versions

OLD = "class Cart:\n    pass\n"
RENAMED = """
def rename(state):
    state["total"] = state.pop("sum")

def count(state):
    return state | {"count": 0}

@brinery.versioned(3, upgrade={1: rename, 2: count})
class Cart:
    pass
"""


def old_cart(module, source=OLD, **attributes):
    cart = define(module, source).Cart()
    vars(cart).update(attributes)
    return cart


def test_a_pickle_from_before_goes_through_every_step(module, dump, load):
    data = dump(old_cart(module, sum=7))
    define(module, RENAMED)
    assert vars(load(data)) == {"total": 7, "count": 0}


def test_a_pickle_of_the_present_version_goes_through_none(module, dump, load):
    cart = old_cart(module, RENAMED, total=7, extra=[1])
    cart.me = cart
    loaded = load(dump([cart, cart]))
    assert loaded[0] is loaded[1] is loaded[0].me
    assert (loaded[0].total, loaded[0].extra, type(loaded[0])) == (7, [1], module.Cart)
    assert len(vars(loaded[0])) == 3


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_holds_the_version(module, protocol):
    cart = old_cart(module, RENAMED, total=7)
    for way in (pickle, drop_in):
        assert vars(LOADERS["brinery"](way.dumps(cart, protocol))) == {"total": 7}


def test_a_pickle_goes_through_the_steps_since_its_version_only(module, dump, load):
    define(module, "@brinery.versioned(2)\nclass Cart: pass")
    cart = module.Cart()
    cart.total = 7
    data = dump(cart)
    define(module, RENAMED)
    assert vars(load(data)) == {"total": 7, "count": 0}


def test_one_function_is_given_the_state_and_its_version(module, dump, load):
    data = dump(old_cart(module, sum=7))
    source = "@brinery.versioned(4, upgrade=lambda state, version: {'state': state, 'version': version})"
    define(module, f"{source}\nclass Cart: pass")
    assert vars(load(data)) == {"state": {"sum": 7}, "version": 1}


def test_copies_are_of_the_present_version(module):
    cart = old_cart(module, RENAMED, total=[7])
    shallow, deep = copy.copy(cart), copy.deepcopy(cart)
    assert vars(shallow) == vars(deep) == {"total": [7]}
    assert shallow.total is cart.total is not deep.total


def test_a_newer_version_is_refused_with_what_to_do(module, dump, load):
    data = dump(old_cart(module, RENAMED))
    define(module, "@brinery.versioned(2)\nclass Cart: pass")
    with pytest.raises(brinery.DecodeError, match=r"growing\.Cart was pickled with version 3 .* up to 2: load it with"):
        load(data)


def test_a_failing_upgrade_says_of_which_class_and_versions(module):
    data = brinery.dumps(old_cart(module, other=7))
    define(module, RENAMED)
    with pytest.raises(brinery.DecodeError, match=r"growing\.Cart: upgrading .* 1 to 3 failed with KeyError: 'sum'"):
        LOADERS["brinery"](data)


def test_a_class_without_its_decorator_still_reads_the_state(module, dump, load):
    data = dump(old_cart(module, RENAMED, total=7))
    define(module, OLD)
    assert load(data).total == 7


def test_an_empty_instance_holds_its_version_too(module, dump, load):
    define(module, "@brinery.versioned(1)\nclass Cart: pass")
    data = dump(module.Cart())
    define(module, "@brinery.versioned(2, upgrade={1: lambda state: {'count': 0}})\nclass Cart: pass")
    assert vars(load(data)) == {"count": 0}


def test_slots_are_upgraded_as_attributes(module, dump, load):
    define(module, "class Cart:\n    __slots__ = ('sum', 'note', '__dict__')")
    cart = module.Cart()
    cart.sum, cart.loose = 7, 1
    data = dump(cart)
    steps = "{1: lambda state: {'total': state.pop('sum'), **state}}"
    define(module, f"@brinery.versioned(2, upgrade={steps})\nclass Cart:\n    __slots__ = ('total', '__dict__')")
    loaded = load(data)
    assert (loaded.total, vars(loaded)) == (7, {"loose": 1})
    assert load(dump(loaded)).total == 7


def test_an_attribute_without_a_slot_is_named(module):
    data = brinery.dumps(define_slots(module, "sum"))
    define(module, "@brinery.versioned(2)\nclass Cart:\n    __slots__ = ('total',)")
    with pytest.raises(brinery.DecodeError, match=r"growing\.Cart has no slot for 'sum'"):
        LOADERS["brinery"](data)


def define_slots(module, name):
    define(module, f"class Cart:\n    __slots__ = ({name!r},)")
    cart = module.Cart()
    setattr(cart, name, 7)
    return cart


@pytest.mark.parametrize("options", ["", "slots=True", "frozen=True", "kw_only=True, eq=False"])
def test_a_dataclass_gets_the_defaults_of_its_new_fields(module, dump, load, options):
    define(module, f"@dataclass({options})\nclass Cart:\n    total: int")
    data = dump(module.Cart(total=7))
    fields = "total: int\n    items: list = field(default_factory=list)\n    name: str = 'new'"
    define(module, f"@brinery.versioned(2)\n@dataclass({options})\nclass Cart:\n    {fields}")
    loaded = load(data)
    assert (loaded.total, loaded.items, loaded.name) == (7, [], "new")
    again = load(dump(loaded))
    assert (again.total, again.items, again.name) == (7, [], "new")


@pytest.mark.parametrize("dataclass_first", [True, False])
def test_a_frozen_dataclass_with_slots_grows_from_one_version_to_the_next(module, dump, load, dataclass_first):
    def version(number, upgrade, fields):
        decorators = [f"@brinery.versioned({number}{upgrade})", "@dataclass(frozen=True, slots=True)"]
        if not dataclass_first:
            decorators.reverse()
        define(module, "\n".join([*decorators, "class Cart:", *(f"    {each}" for each in fields)]))

    version(1, "", ["sum: int"])
    data = dump(module.Cart(7))
    upgrade = ", upgrade={1: lambda state: {'total': state['sum']}}"
    version(2, upgrade, ["name: str = 'new'", "total: int = 0"])
    loaded = load(data)
    assert (loaded.name, loaded.total) == ("new", 7)
    assert load(dump(loaded)) == loaded


def test_a_frozen_dataclass_with_slots_from_before_hands_over_its_values(module, dump, load):
    define(module, "@dataclass(frozen=True, slots=True)\nclass Cart:\n    sum: int")
    data = dump(module.Cart(7))
    body = "@dataclass(frozen=True, slots=True)\nclass Cart:\n    name: str\n    total: int"
    define(module, f"@brinery.versioned(2)\n{body}")
    with pytest.raises(brinery.DecodeError, match="1 values for 2 fields: make a dict of them in upgrade"):
        load(data)
    steps = "{1: lambda values: {'name': 'new', 'total': values[0]}}"
    define(module, f"@brinery.versioned(2, upgrade={steps})\n{body}")
    assert load(data) == module.Cart("new", 7)


OWN = """
class Cart:
    def __getstate__(self):
        return [self.total]

    def __setstate__(self, state):
        [self.total] = state
"""


def test_a_class_with_its_own_state_is_given_it_upgraded(module, dump, load):
    define(module, OWN)
    cart = module.Cart()
    cart.total = 7
    data = dump(cart)
    define(module, f"@brinery.versioned(2, upgrade={{1: lambda state: [state[0] * 10]}}){OWN}")
    loaded = load(data)
    assert loaded.total == 70
    assert load(dump(loaded)).total == 70


FAMILY = """
@brinery.versioned({base}, upgrade=lambda state, version: state | {{"base": version}})
class Base:
    def __setstate__(self, state):
        self.__dict__.update(state)

@brinery.versioned({sub}, upgrade=lambda state, version: state | {{"sub": version}})
class Cart(Base):
    def __getstate__(self):
        return dict(vars(self))

    def __setstate__(self, state):
        super().__setstate__(state)
        self.restored = True

class Child(Cart):
    pass
"""


@pytest.mark.parametrize("name", ["Cart", "Child"])
def test_each_class_of_a_line_has_its_own_version(module, dump, load, name):
    define(module, FAMILY.format(base=1, sub=2))
    data = dump(getattr(module, name)())
    define(module, FAMILY.format(base=4, sub=5))
    assert vars(load(data)) == {"base": 1, "sub": 2, "restored": True}
    define(module, FAMILY.format(base=1, sub=5))
    assert vars(load(data)) == {"sub": 2, "restored": True}


def test_a_subclass_with_a_setstate_below_a_versioned_base_is_refused_where_it_is_pickled(module):
    define(module, RENAMED + "\nclass Child(Cart):\n    def __setstate__(self, state): pass\n")
    with pytest.raises(brinery.EncodeError, match=r"Child has a __setstate__ .* decorate it with @brinery\.versioned"):
        brinery.dumps(module.Child())


def test_containers_keep_their_items(module, dump, load):
    define(module, "class Cart(dict): pass")
    cart = module.Cart(a=1)
    cart.sum = 7
    data = dump(cart)
    define(module, RENAMED.replace("class Cart:", "class Cart(dict):"))
    loaded = load(data)
    assert (loaded, vars(loaded)) == ({"a": 1}, {"total": 7, "count": 0})


@pytest.mark.parametrize("cls", [ValueError, Temperature, type("Own", (), {"__reduce__": lambda self: (int, ())})])
def test_classes_without_a_state_to_mark_are_refused(cls):
    with pytest.raises(TypeError, match="reduce"):
        brinery.versioned(2)(type("Made", (cls,), {}))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [((0, None), ValueError), (("2", None), ValueError), ((2, {2: len}), ValueError), ((2, "upgrade"), TypeError)],
)
def test_settings_that_make_no_sense_are_refused(arguments, error):
    with pytest.raises(error):
        brinery.versioned(arguments[0], upgrade=arguments[1])


def test_a_class_by_value_takes_its_version_along():
    script = (
        "import sys, brinery\n"
        "loaded = brinery.loads(bytes.fromhex(sys.argv[1]), trust='everything')\n"
        "print(loaded.total, brinery.loads(brinery.dumps(loaded), trust='everything').total)\n"
        "loaded.__setstate__({'sum': 3})\n"
        "print(loaded.total)\n"
    )

    def rename(state):
        state["total"] = state.pop("sum")

    @brinery.versioned(2, upgrade={1: rename})
    class Local:
        pass

    made = Local()
    made.total = 7
    data = brinery.dumps(made).hex()
    done = subprocess.run([sys.executable, "-c", script, data], capture_output=True, text=True, check=True)
    assert done.stdout == "7 7\n3\n"


def test_a_fresh_process_upgrades_what_an_older_release_pickled(tmp_path):
    def run(source, code):
        (tmp_path / "shop.py").write_text("import brinery\n" + source)
        done = subprocess.run(
            [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        return done.stdout.strip()

    for way in ("brinery", "pickle"):
        data = run(OLD, f"import shop, {way}\ncart = shop.Cart(); cart.sum = 7\nprint({way}.dumps(cart).hex())")
        loaded = run(
            RENAMED, f"import brinery\nprint(vars(brinery.loads(bytes.fromhex('{data}'), trust='everything')))"
        )
        assert loaded == "{'total': 7, 'count': 0}"
