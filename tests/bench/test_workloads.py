"""The bench measures what it says: the same objects each time, and every reader gets them back."""

import pickle as stdlib
import random

import pytest
from bench.workloads import WORKLOADS

from brinery import pickle

each_workload = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)


@each_workload
def test_a_workload_is_the_same_whatever_was_drawn_before(workload):
    random.seed(1)
    first = workload.make()
    random.seed(2)
    assert workload.same(first, workload.make())


@each_workload
def test_a_workload_comes_back_from_each_writer_through_each_reader(workload):
    obj = workload.make()
    for writer in (pickle, stdlib):
        data = writer.dumps(obj, 5)
        for reader in (pickle, stdlib):
            assert workload.same(obj, reader.loads(data)), (writer.__name__, reader.__name__)


def test_names_are_unique():
    names = [workload.name for workload in WORKLOADS]
    assert len(set(names)) == len(names)
