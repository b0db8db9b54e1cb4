"""PyTorch: tensors of every kind, state dicts, and what a checkpoint holds besides."""

from __future__ import annotations

from typing import Any

import torch

from bench.honest.case import add

TYPES = [
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
    "complex64",
    "complex128",
]


def network() -> Any:
    torch.manual_seed(5)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8, 2)
    )


def checkpoint() -> Any:
    net = network()
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    return {"net": net.state_dict(), "adam": optimizer.state_dict(), "lr": schedule.state_dict(), "epoch": 3}


def views() -> Any:
    whole = torch.arange(6.0).reshape(2, 3)
    return [whole, whole[1:], whole.T]


def text(value: Any) -> str:
    return str(value)


for kind in TYPES:
    add("torch", f"tensor of {kind}", lambda k=kind: torch.ones(2, 3).to(getattr(torch, k)), text, (2, 4, 5))
add("torch", "state dict", lambda: network().state_dict(), text, (2, 4, 5))
add("torch", "checkpoint", checkpoint, text)
add("torch", "parameter", lambda: torch.nn.Parameter(torch.ones(2)), text)
add("torch", "frozen parameter", lambda: torch.nn.Parameter(torch.ones(2), requires_grad=False), text)
add("torch", "tensor that requires a gradient", lambda: torch.ones(2, requires_grad=True), text)
add("torch", "views", views, text)
add("torch", "sparse tensors", lambda: [torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr()], text)
add("torch", "quantized tensor", lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8), text)
add(
    "torch",
    "sizes, dtypes, devices",
    lambda: [torch.Size([1, 2]), torch.float32, torch.device("cpu"), torch.strided],
    text,
)
add("torch", "state of a generator", torch.get_rng_state, text)
add("torch", "storage", lambda: torch.arange(4.0).untyped_storage(), lambda s: s.tolist())
add("torch", "network", network, lambda n: n.eval()(torch.ones(1, 1, 4, 4)).tolist())
add("torch", "data set of tensors", lambda: torch.utils.data.TensorDataset(torch.ones(2, 2)), lambda d: str(d[0]))
add("torch", "packed sequence", lambda: torch.nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(1)]), text)
add("torch", "distribution", lambda: torch.distributions.Normal(0.0, 1.0), text)
