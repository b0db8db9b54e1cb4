"""Whatever a class overrides, and whenever: brinery does what the stdlib does."""

import ast
import copyreg
import datetime
import functools
import io
import pickle
import sys

import pytest

from brinery import pickle as brinery_pickle
from tests.strategies import difference

PROTOCOLS = range(6)
MODULE = sys.modules[__name__]


def fresh_class(bases=(), **body):
    """A new importable class, so that nothing is remembered of an older one."""
    cls = type("Fresh", bases, {"__module__": __name__, "__qualname__": "Fresh", **body})
    MODULE.Fresh = cls
    return cls


def outcome(dumps, loads, obj, protocol):
    try:
        data = dumps(obj, protocol)
    except Exception as error:
        return type(error), None
    try:
        return None, loads(data)
    except Exception as error:
        return type(error), None


def assert_same(obj):
    for protocol in PROTOCOLS:
        expected = outcome(pickle.dumps, pickle.loads, obj, protocol)
        for dumps in (pickle.dumps, brinery_pickle.dumps):
            for loads in (pickle.loads, brinery_pickle.loads):
                found = outcome(dumps, loads, obj, protocol)
                assert found[0] is expected[0], (protocol, dumps, loads)
                if expected[0] is None:
                    assert difference(expected[1], found[1]) is None, (protocol, dumps, loads)


def reduce_to_list(self):
    return list, ([1, 2],)


def reduce_ex_to_tuple(self, protocol):
    return tuple, ([protocol],)


def state_of_its_own(self):
    return {"replaced": True}


def set_state_its_own_way(self, state):
    self.__dict__["seen"] = state


def new_args(self):
    return (1,)


def new_args_ex(self):
    return (), {"extra": 2}


def make_with_args(cls, *args, **kwargs):
    made = object.__new__(cls)
    made.args = (args, kwargs)
    return made


def refuse(self, *args):
    raise KeyError("refused")


def every_attribute(self, name):
    if name.startswith("__"):
        raise AttributeError(name)
    return 42


def attribute_by_class(self, name):
    if name == "__reduce_ex__":
        return lambda protocol: (str, ("from getattribute",))
    return object.__getattribute__(self, name)


def set_upper(self, name, value):
    object.__setattr__(self, name.upper(), value)


OVERRIDES = {
    "__reduce__": [reduce_to_list, refuse],
    "__reduce_ex__": [reduce_ex_to_tuple, refuse],
    "__getstate__": [state_of_its_own, refuse, lambda self: None, lambda self: 5],
    "__setstate__": [set_state_its_own_way, refuse],
    "__getattr__": [every_attribute],
    "__getattribute__": [attribute_by_class],
    "__setattr__": [set_upper],
    "__class__": [property(lambda self: int)],
    "__slotnames__": [["a"], None],
    "__dict__": [property(lambda self: {"fake": 1})],
}
CASES = [(name, value) for name, values in OVERRIDES.items() for value in values]
IDS = [f"{name}-{i}" for i, (name, _) in enumerate(CASES)]


def instance_of(cls):
    made = object.__new__(cls)
    object.__setattr__(made, "a", [1])
    object.__setattr__(made, "b", "text")
    return made


@pytest.mark.parametrize(("name", "value"), CASES, ids=IDS)
def test_an_override_from_the_start(name, value):
    assert_same([instance_of(fresh_class(**{name: value})) for _ in range(2)])


# A class refuses these once it is made.
LATE_CASES = [case for case in CASES if case[0] not in ("__class__", "__dict__")]


@pytest.mark.parametrize("on_base", [False, True])
@pytest.mark.parametrize(("name", "value"), LATE_CASES)
def test_an_override_that_comes_after_the_first_use_and_goes_again(name, value, on_base):
    base = type("Base", (), {})
    cls = fresh_class((base,))
    obj = [instance_of(cls) for _ in range(2)]
    assert_same(obj)
    target = base if on_base else cls
    setattr(target, name, value)
    assert_same(obj)
    delattr(target, name)
    assert_same(obj)


@pytest.mark.parametrize("name", ["__getnewargs__", "__getnewargs_ex__"])
def test_constructor_arguments_that_come_late(name):
    cls = fresh_class(__new__=make_with_args)
    obj = [cls(), cls()]
    assert_same(obj)
    setattr(cls, name, new_args if name == "__getnewargs__" else new_args_ex)
    assert_same(obj)


@pytest.mark.parametrize("base", [float, int, str, tuple, bytes, list, dict, set, frozenset, complex])
@pytest.mark.parametrize("name", ["__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"])
def test_overrides_in_subclasses_of_builtins(base, name):
    cls = fresh_class((base,))
    value = {float: 1.5, int: 7, str: "x", bytes: b"x", complex: 1j}.get(base, [(1, 2)])
    obj = [cls(value), cls(value)]
    obj[0].note = "kept"
    assert_same(obj)
    setattr(cls, name, OVERRIDES[name][0])
    assert_same(obj)


@pytest.mark.parametrize(
    "name", ["__reduce_ex__", "__reduce__", "__getstate__", "__setstate__", "__class__", "__dict__"]
)
def test_instance_attributes_with_the_names_of_hooks(name):
    cls = fresh_class()
    obj = [instance_of(cls) for _ in range(3)]
    obj[1].__dict__[name] = functools.partial(reduce_to_list, obj[1])
    assert_same(obj)


def test_a_class_that_is_no_longer_what_its_name_says():
    cls = fresh_class()
    obj = instance_of(cls)
    assert_same(obj)
    fresh_class()
    assert outcome(brinery_pickle.dumps, brinery_pickle.loads, obj, 5)[0] is pickle.PicklingError
    assert_same(obj)
    del MODULE.Fresh
    assert_same(obj)
    MODULE.Fresh = cls
    assert_same(obj)


def test_a_renamed_class():
    cls = fresh_class()
    obj = instance_of(cls)
    assert_same(obj)
    cls.__qualname__ = "Gone"
    assert_same(obj)
    cls.__qualname__ = "Fresh"
    cls.__module__ = "nowhere.to.be.found"
    assert_same(obj)


def test_reducers_registered_and_taken_back():
    cls = fresh_class()
    obj = [instance_of(cls), instance_of(cls)]
    assert_same(obj)
    copyreg.pickle(cls, reduce_to_list)
    try:
        assert_same(obj)
    finally:
        del copyreg.dispatch_table[cls]
    assert_same(obj)


class Registering:
    """Registers a reducer for another class while it is being pickled."""

    def __init__(self, cls):
        self.cls = cls

    def __reduce__(self):
        copyreg.pickle(self.cls, reduce_to_list)
        return str, ("registered",)


def test_copyreg_changed_during_a_dump():
    cls = fresh_class()
    for order in (0, 1):
        obj = [instance_of(cls), Registering(cls), instance_of(cls)][order:]
        results = []
        for module in (pickle, brinery_pickle):
            try:
                results.append(pickle.loads(module.dumps(obj, 5)))
            finally:
                copyreg.dispatch_table.pop(cls, None)
        assert difference(*results) is None


class Meta(type):
    def __reduce_ex__(cls, protocol):
        return type, ("Made", (), {})


class WithMeta(metaclass=Meta):
    pass


def test_a_class_with_a_metaclass_goes_by_name_and_so_do_its_instances_classes():
    assert_same([WithMeta, instance_of(WithMeta)])


class Late:
    """Gives out, when pickled, objects that were pickled before."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return Late, self.parts


@pytest.mark.parametrize("make", [list, dict, lambda: [1, 2, [3]], bytearray, lambda: ([],), lambda: Late([])])
def test_foreign_code_that_brings_back_what_was_written_before(make):
    class Holder:
        def __reduce__(self):
            return list, ([root[0], root[0], root[1]],)

    Holder.__qualname__ = "Holder"
    MODULE.Holder = Holder
    root = [[make()], [make(), {"deep": [make()]}], [7] * 50]
    root.append(Holder())
    for protocol in PROTOCOLS:
        expected = pickle.loads(pickle.dumps(root, protocol))
        found = brinery_pickle.loads(brinery_pickle.dumps(root, protocol))
        assert difference(expected, found) is None
        assert found[3][0] is found[0]
        assert found[3][2] is found[1]


class Mutating:
    """Changes a container that is being pickled."""

    def __init__(self, change):
        self.change = change

    def __reduce__(self):
        self.change()
        return str, ("changed",)


def changes():
    plain = instance_of(fresh_class())
    many = fresh_class()()
    for i in range(8):
        setattr(many, f"n{i}", i)
    yield "list shrinks", [0], lambda box: box.clear()
    yield "list grows", [0], lambda box: box.extend(range(5)) if len(box) < 50 else None
    yield "list of one grows", [], lambda box: box.append([0])
    yield "dict of one grows", {}, lambda box: box.setdefault(len(box), 1)
    yield "dict grows", {"a": 1}, lambda box: box.setdefault(len(box), 1)
    yield "dict shrinks", {"a": 1, "b": 2}, lambda box: box.pop("a", None)
    yield "dict empties", {"a": 1, "b": 2}, lambda box: box.clear()
    yield "attribute added", plain, lambda box: setattr(box, f"x{len(vars(box))}", 1)
    yield "attribute deleted", many, lambda box: box.__dict__.pop("n3", None)
    yield "dict made", many, lambda box: box.__dict__


@pytest.mark.parametrize("index", range(10))
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_containers_that_change_while_they_are_being_pickled(index, protocol):
    results = []
    for module in (pickle, brinery_pickle):
        _, box, change = list(changes())[index]
        bomb = Mutating(lambda box=box, change=change: change(box))
        if isinstance(box, list):
            box[:] = [[1], bomb, [2], [3]] if box else [bomb]
        elif isinstance(box, dict):
            box.update({"bomb": bomb, "after": [1]} if box else {"bomb": bomb})
        else:
            box.bomb = bomb
            box.after = [2]
        try:
            results.append(len(pickle.loads(module.dumps([box, [1]], protocol))))
        except Exception as error:
            results.append(type(error))
    assert results[0] is results[1]


class Reaching:
    """Makes, when its state is asked for, a dict of the instance that holds it, and answers with a leaf."""

    def __init__(self, owner):
        self.owner = owner

    def __getstate__(self):
        self.owner.__dict__["b"] = ["changed"]
        return 5

    def __setstate__(self, state):
        self.state = state


def test_an_instance_whose_attributes_move_to_a_dict_while_they_are_written():
    cls = fresh_class()
    for protocol in PROTOCOLS[2:]:
        results = []
        for dumps in (pickle.dumps, brinery_pickle.dumps):
            owner = instance_of(cls)
            owner.a, owner.b, owner.c = Reaching(owner), [1], [2]
            results.append(pickle.loads(dumps([owner, [3]], protocol)))
        assert difference(*results) is None


def test_hooks_turn_the_shortcuts_off():
    cls = fresh_class()
    obj = [instance_of(cls), {"k": instance_of(cls)}]

    class Overriding(brinery_pickle.Pickler):
        def reducer_override(self, obj):
            return (str, ("overridden",)) if isinstance(obj, cls) else NotImplemented

    class Tabled(brinery_pickle.Pickler):
        dispatch_table = {cls: reduce_to_list}

    class Persistent(brinery_pickle.Pickler):
        def persistent_id(self, obj):
            return "kept" if isinstance(obj, cls) else None

    assert brinery_pickle.loads(dumped(Overriding, obj)) == ["overridden", {"k": "overridden"}]
    assert brinery_pickle.loads(dumped(Tabled, obj)) == [[1, 2], {"k": [1, 2]}]
    unpickler = brinery_pickle.Unpickler(io.BytesIO(dumped(Persistent, obj)))
    unpickler.persistent_load = str.upper
    assert unpickler.load() == ["KEPT", {"k": "KEPT"}]


def dumped(pickler, obj):
    file = io.BytesIO()
    pickler(file, 5).dump(obj)
    return file.getvalue()


def test_a_float_subclass_with_a_constructor_of_its_own_is_asked():
    def new(cls, value):
        made = float.__new__(cls, value)
        made.asked = True
        return made

    cls = fresh_class((float,), __new__=new)
    assert_same([cls(1.5), cls(2.5)])
    loaded = brinery_pickle.loads(brinery_pickle.dumps(float.__new__(cls, 3.5)))
    assert loaded.asked


def test_a_float_subclass_whose_constructor_comes_later_is_asked():
    cls = fresh_class((float,))
    data = brinery_pickle.dumps([cls(1.5)] * 2)
    assert brinery_pickle.loads(data) == [1.5, 1.5]
    cls.__new__ = lambda cls, value: float.__new__(cls, -value)
    assert brinery_pickle.loads(data) == pickle.loads(data) == [-1.5, -1.5]


def test_a_syntax_node_with_a_constructor_of_its_own_is_asked():
    def init(self, *args, **kwargs):
        ast.AST.__init__(self, *args, **kwargs)
        self.asked = True

    cls = fresh_class((ast.Name,), __init__=init)
    assert_same([cls("x", ast.Load())])
    assert_same(ast.parse("def f(x: int = 1) -> str: return [y for y in x if f'{y!r}']"))


class Zone(datetime.tzinfo):
    def utcoffset(self, moment):
        return datetime.timedelta(hours=1)

    def __eq__(self, other):
        return type(other) is Zone

    def __hash__(self):
        return 1

    def __reduce__(self):
        return Zone, ()


def test_times_keep_whatever_zone_they_have():
    moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 999, fold=1)
    for zone in (None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=5)), Zone()):
        assert_same([moment.replace(tzinfo=zone), moment.timetz().replace(tzinfo=zone)])


def test_a_dict_that_trades_entries_while_it_is_written_stays_whole():
    class Trader:
        def __init__(self, dict_):
            self.dict = dict_

        def __reduce__(self):
            if "b" in self.dict:
                del self.dict["b"]
                self.dict["c"] = 3
            return int, (7,)

    def traded():
        made = {"z": 0}
        made["a"] = Trader(made)
        made["b"] = 2
        return made

    for protocol in PROTOCOLS:
        expected = pickle.loads(pickle.dumps(traded(), protocol))
        data = brinery_pickle.dumps(traded(), protocol)
        assert pickle.loads(data) == brinery_pickle.loads(data) == expected


class Counted:
    deleted = 0

    def __del__(self):
        Counted.deleted += 1


def test_a_small_pickle_that_is_more_than_plain_data_is_read_once():
    data = pickle.dumps([Counted(), 1, 2])
    plain = pickle.dumps({"a": 1})
    copyreg.add_extension(__name__, "Counted", 0xF0F0F0)
    try:
        extended = pickle.dumps([Counted(), 1, 2])
        brinery_pickle.loads(extended)
        for each in (data, extended):
            for _ in range(20):  # it is tried again after some that were plain
                brinery_pickle.loads(plain)
            Counted.deleted = 0
            loaded = brinery_pickle.loads(each)
            assert Counted.deleted == 0
            del loaded
            assert Counted.deleted == 1
    finally:
        copyreg.remove_extension(__name__, "Counted", 0xF0F0F0)


def test_a_small_pickle_may_fetch_what_it_memoised():
    for _ in range(3):
        shared = ["h"]
        assert brinery_pickle.loads(pickle.dumps([shared, shared])) == [["h"], ["h"]]
        assert brinery_pickle.loads(pickle.dumps({"plain": 1})) == {"plain": 1}
    with pytest.raises(pickle.UnpicklingError, match="Memo value not found at index 7"):
        brinery_pickle.loads(b"\x80\x04h\x07.")


def test_a_dict_of_one_that_loses_it_while_it_is_written_fails_in_protocol_0_only():
    class Leaver:
        def __init__(self, dict_):
            self.dict = dict_

        def __reduce__(self):
            self.dict.clear()
            return int, (7,)

    def left():
        made = {}
        made["a"] = Leaver(made)
        return [made, 1]

    for dumps in (pickle.dumps, brinery_pickle.dumps):
        with pytest.raises(RuntimeError, match="changed size"):
            dumps(left(), 0)
        for protocol in PROTOCOLS[1:]:
            assert pickle.loads(dumps(left(), protocol)) == [{"a": 7}, 1]


def test_a_small_pickle_that_numbers_its_memo_by_text_and_binary_is_read_right():
    # Found by the fuzzer: LONG_BINPUT gives the number of a PUT to something else.
    data = b"(lp0\nVone\np1\naVtwo\np2\nag1\nr\x02\x00\x00\x00ag2\na."
    for _ in range(3):
        assert brinery_pickle.loads(data) == pickle.loads(data) == ["one", "two", "one", "one"]
        assert brinery_pickle.loads(pickle.dumps({"plain": 1})) == {"plain": 1}
