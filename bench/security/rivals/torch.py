"""torch.load(weights_only=True): a list of allowed names; its unpickler alone for what is no torch file."""

import io
import pickle

import torch
from torch import _weights_only_unpickler

name = "torch, weights_only"
packages = ("torch",)
kind = "loader"


def judge(path: str) -> None:
    if path.endswith(".pt"):
        torch.load(path, weights_only=True)
        return
    with open(path, "rb") as file:
        _weights_only_unpickler.load(file)


def judge_honest(path: str) -> None:
    """The object that the file holds, written by torch and read again."""
    if path.endswith(".pt"):
        torch.load(path, weights_only=True)
        return
    with open(path, "rb") as file:
        made = pickle.load(file)
    buffer = io.BytesIO()
    torch.save(made, buffer)
    torch.load(io.BytesIO(buffer.getvalue()), weights_only=True)
