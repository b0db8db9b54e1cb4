"""CPython's own pickle tests, as Lib/test/test_pickle.py runs them for the C module, on ``brinery.pickle``.

The suite comes from the running interpreter (``test.pickletester``). Debian keeps it in libpython3.x-testsuite, which
``make test`` installs; without it these tests fail rather than pass unseen.
"""

import _pickle
import collections
import io
import pickle
import unittest

import pytest
from test import pickletester, test_pickle

from brinery import pickle as brinery_pickle

# Left out as the C module's own test file leaves them out of its in-memory form.
IN_MEMORY_ONLY = ("test_framed_write_sizes_with_delayed_writer", "test_find_class", "test_custom_find_class")


class ModuleTests(pickletester.AbstractPickleModuleTests, unittest.TestCase):
    dump = staticmethod(brinery_pickle.dump)
    dumps = staticmethod(brinery_pickle.dumps)
    load = staticmethod(brinery_pickle.load)
    loads = staticmethod(brinery_pickle.loads)
    Pickler = brinery_pickle.Pickler
    Unpickler = brinery_pickle.Unpickler


class InMemoryTests(test_pickle.InMemoryPickleTests):
    bad_stack_errors = (pickle.UnpicklingError,)
    truncated_errors = (pickle.UnpicklingError, EOFError)

    def dumps(self, arg, protocol=None, **kwargs):
        return brinery_pickle.dumps(arg, protocol, **kwargs)

    def loads(self, buf, **kwargs):
        return brinery_pickle.loads(buf, **kwargs)


class UnpicklerTests(test_pickle.PyUnpicklerTests):
    unpickler = brinery_pickle.Unpickler
    bad_stack_errors = (pickle.UnpicklingError,)
    truncated_errors = (pickle.UnpicklingError,)


class FileTests(test_pickle.PyPicklerTests):
    pickler = brinery_pickle.Pickler
    unpickler = brinery_pickle.Unpickler


class PersistentTests(test_pickle.PyPersPicklerTests):
    pickler = brinery_pickle.Pickler
    unpickler = brinery_pickle.Unpickler


class IdentityPersistentTests(test_pickle.PyIdPersPicklerTests):
    pickler = brinery_pickle.Pickler
    unpickler = brinery_pickle.Unpickler
    persistent_load_error = pickle.UnpicklingError


class BrineryWritesCReadsTests(test_pickle.PyPicklerTests):
    pickler = brinery_pickle.Pickler
    unpickler = _pickle.Unpickler


class BrineryWritesPythonReadsTests(test_pickle.PyPicklerTests):
    pickler = brinery_pickle.Pickler
    unpickler = pickle._Unpickler


class CWritesBrineryReadsTests(test_pickle.PyPicklerTests):
    pickler = _pickle.Pickler
    unpickler = brinery_pickle.Unpickler


class PythonWritesBrineryReadsTests(test_pickle.PyPicklerTests):
    pickler = pickle._Pickler
    unpickler = brinery_pickle.Unpickler


class MemoryBrineryWritesCReadsTests(InMemoryTests):
    def loads(self, buf, **kwargs):
        return pickle.loads(buf, **kwargs)


class MemoryCWritesBrineryReadsTests(InMemoryTests):
    def dumps(self, arg, protocol=None, **kwargs):
        return pickle.dumps(arg, protocol, **kwargs)


class ObjectTests(pickletester.AbstractPicklerUnpicklerObjectTests, unittest.TestCase):
    pickler_class = brinery_pickle.Pickler
    unpickler_class = brinery_pickle.Unpickler

    def test_issue18339(self):
        unpickler = self.unpickler_class(io.BytesIO())
        with self.assertRaises(TypeError):
            unpickler.memo = object
        with self.assertRaises(ValueError):
            unpickler.memo = {-1: None}
        unpickler.memo = {1: None}


class DispatchTableTests(pickletester.AbstractDispatchTableTests, unittest.TestCase):
    pickler_class = brinery_pickle.Pickler

    def get_dispatch_table(self):
        return pickle.dispatch_table.copy()


class ChainDispatchTableTests(pickletester.AbstractDispatchTableTests, unittest.TestCase):
    pickler_class = brinery_pickle.Pickler

    def get_dispatch_table(self):
        return collections.ChainMap({}, pickle.dispatch_table)


class HookTests(pickletester.AbstractHookTests, unittest.TestCase):
    class CustomPickler(brinery_pickle.Pickler, pickletester.AbstractCustomPicklerClass):
        pass

    pickler_class = CustomPickler


class HeapTypesTests(unittest.TestCase):
    def setUp(self):
        pickler = brinery_pickle.Pickler(io.BytesIO())
        unpickler = brinery_pickle.Unpickler(io.BytesIO())
        self.types = (
            brinery_pickle.Pickler,
            brinery_pickle.Unpickler,
            type(pickler.memo),
            type(unpickler.memo),
        )

    def test_types_are_tracked_by_the_collector(self):
        import gc

        for each in self.types:
            self.assertTrue(gc.is_tracked(each))

    def test_types_are_immutable(self):
        for each in self.types:
            with self.assertRaisesRegex(TypeError, "immutable"):
                each.foo = "bar"


if hasattr(pickletester, "AbstractPicklingErrorTests"):  # 3.13 on

    class PicklingErrorTests(test_pickle.PyPicklingErrorTests):
        pickler = brinery_pickle.Pickler


COUNTERPARTS = {
    "ModuleTests": "CPickleTests",
    "InMemoryTests": "InMemoryPickleTests",
    "UnpicklerTests": "CUnpicklerTests",
    "FileTests": "CPicklerTests",
    "PersistentTests": "CPersPicklerTests",
    "IdentityPersistentTests": "CIdPersPicklerTests",
    "BrineryWritesPythonReadsTests": "CDumpPickle_LoadPickle",
    "PythonWritesBrineryReadsTests": "DumpPickle_CLoadPickle",
    "ObjectTests": "CPicklerUnpicklerObjectTests",
    "DispatchTableTests": "CDispatchTableTests",
    "ChainDispatchTableTests": "CChainDispatchTableTests",
    "HookTests": "CPicklerHookTests",
    "PicklingErrorTests": "CPicklingErrorTests",
}


@pytest.mark.parametrize(("ours", "theirs"), COUNTERPARTS.items())
def test_no_test_of_the_c_module_is_left_out(ours, theirs):
    if not hasattr(test_pickle, theirs):
        assert theirs == "CPicklingErrorTests"
        return
    loader = unittest.TestLoader()
    names = set(loader.getTestCaseNames(globals()[ours]))
    assert names >= set(loader.getTestCaseNames(getattr(test_pickle, theirs)))
    for name in names:
        assert callable(getattr(globals()[ours], name))
