"""What digests leave behind."""

import gc
import weakref

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
