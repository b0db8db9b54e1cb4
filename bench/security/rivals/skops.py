"""skops: a format of its own, so that pickles are refused; honest objects are written by it and read without `trusted`."""

import pickle

import skops.io

name = "skops"
packages = ("skops",)
kind = "loader"


def judge(path: str) -> None:
    skops.io.load(path)


def judge_honest(path: str) -> None:
    """The object that the file holds, written and read again."""
    if path.endswith(".pt"):
        raise ValueError("a file of torch")
    with open(path, "rb") as file:
        made = pickle.load(file)
    skops.io.loads(skops.io.dumps(made))
