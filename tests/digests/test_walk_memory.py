"""What digests leave behind."""

import gc
import weakref

import pytest

import brinery


class Kept:
    pass


def test_a_digest_keeps_nothing_of_what_it_has_met():
    gc.disable()
    try:
        obj = Kept()
        obj.parts = [[1], {"a": (2,)}]
        gone = weakref.ref(obj)
        brinery.digest([obj])
        del obj
        assert gone() is None
    finally:
        gc.enable()


def test_pickling_an_instance_does_not_change_the_digest_of_its_class():
    class Local:
        pass

    before = brinery.digest(Local)
    brinery.digest(Local())
    brinery.dumps(Local())
    assert brinery.digest(Local) == before


def test_what_has_no_digest_is_told_where_it_is_all_there_is():
    with pytest.raises(brinery.EncodeError, match="generator"):
        brinery.digest(n for n in [1])
