"""A small project, edits of it, and processes that look at what its function does."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

APP = '''\
"""The project."""
import functools
import logging
import math

import numpy
import helpers
import helpers as also
from helpers import shift, Late
from other import swapped_one as one, swapped_two as two
import fakelib

log = logging.getLogger(__name__)
RATE = 3
TABLE = {"a": 1, "b": [2, 3]}
UNUSED = 1
square = lambda x: x * x
half = functools.partial(helpers.divide, by=2)
HANDLERS = {"shift": shift, "square": square}
wave = numpy.sin


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        """Call it."""
        return function(*args) + 0
    return wrapper


def adder(n):
    def add(x):
        return x + n
    return add


plus = adder(10)


class Base:
    factor = 2

    def scale(self, x):
        """Scale it."""
        return x * self.factor

    @property
    def name(self):
        """The name."""
        return "base"

    @staticmethod
    def zero():
        return 0

    @classmethod
    def made(cls):
        return cls()

    @functools.cached_property
    def heavy(self):
        return 5


class Model(Base):
    """A model."""

    def run(self, x):
        return self.scale(x) + self.zero()


model = Model()


def inner(x):
    return x + 1


def callee(x, power=2, *, offset=0):
    return inner(x) ** power + offset


@traced
def decorated(x):
    return x


@functools.lru_cache(16)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def used_by_nobody(x):
    return x


def f(x, y=1):
    """Compute it."""
    # the sum
    total = callee(x) - y * 2
    for item in [each + 1 for each in range(3)]:
        total += item
    def step(value):
        return value * 2
    from lazily import late
    import package.inside
    total += step(x) + late(x) + package.inside.value
    total += helpers.triple(x) + also.LIMIT + shift(x) + one(two(x)) + Late().get()
    total += square(x) + half(x) + plus(x) + decorated(x) + fib(3) + even(4)
    total += RATE + len(TABLE) + len(HANDLERS) + model.run(x) + math.pi + fakelib.compute(x) + wave(x)
    log.info("total %s", total)
    return total
'''
HELPERS = """\
LIMIT = 7
NOT_USED = 1
def divide(x, by):
    return x / by
def deeper(x):
    return x
def triple(x):
    return deeper(x) * 3
def shift(x):
    return x + LIMIT
def unrelated():
    return 1
class Late:
    def get(self):
        return 1
"""
TREE = {
    "app.py": APP,
    "helpers.py": HELPERS,
    "other.py": "def swapped_one(x):\n    return x + 1\n\n\ndef swapped_two(x):\n    return x * 2\n",
    "lazily.py": "SIZE = 4\ndef late(x):\n    return x + SIZE\n",
    "package/__init__.py": "",
    "package/inside.py": "value = 1\nother = 2\n",
    "site-packages/fakelib/__init__.py": "def compute(x):\n    return x\n",
    "site-packages/fakelib-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: fakelib\nVersion: 1.0\n",
    "site-packages/fakelib-1.0.dist-info/RECORD": "fakelib/__init__.py,,\n",
}

CHILD = """
import importlib, json, linecache, sys
from brinery.caching.code import Watched

found = {}
for name, folder in json.load(sys.stdin).items():
    before, path = set(sys.modules), list(sys.path)
    sys.path[:0] = [folder, folder + "/site-packages"]
    importlib.invalidate_caches()
    app = importlib.import_module("app")
    code = Watched(app.f).code()
    found[name] = [code.digest, [list(part) for part in code.parts]]
    sys.path[:] = path
    for each in set(sys.modules) - before:
        if (getattr(sys.modules[each], "__file__", None) or folder).startswith(folder):
            del sys.modules[each]
    linecache.clearcache()
    from brinery.caching.packages import distributions_of
    distributions_of.cache_clear()
print(json.dumps(found))
"""


class Found(NamedTuple):
    digest: str
    parts: list


def write(folder, tree):
    for name, text in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def look(folders, seed="0"):
    """What a fresh process finds in each of some folders."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", CHILD],
        input=json.dumps({name: str(folder) for name, folder in folders.items()}),
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: Found(*found) for name, found in json.loads(done.stdout).items()}
