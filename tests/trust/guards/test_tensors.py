"""PyTorch: storages are read without running anything, and tensors stay within them."""

from __future__ import annotations

import io
import pickle
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")

from brinery.errors import IntegrityError  # noqa: E402
from brinery.trust.guards import tensors  # noqa: E402
from tests.trust.loading import loads  # noqa: E402

TYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int8", "uint8", "bool", "complex64"]


@pytest.mark.parametrize("kind", TYPES)
def test_honest_tensors(kind: str) -> None:
    tensor = torch.ones(2, 3).to(getattr(torch, kind))
    for protocol in (2, 5):
        assert torch.equal(loads(pickle.dumps(tensor, protocol)), tensor)


def test_state_dicts_and_modules() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    loaded = loads(pickle.dumps(net.state_dict()))
    assert all(torch.equal(loaded[name], value) for name, value in net.state_dict().items())
    assert torch.equal(loads(pickle.dumps(net))(torch.ones(1, 2)), net(torch.ones(1, 2)))


def storage_bytes(obj: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(obj, stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()


class Payload:
    def __reduce__(self) -> Any:
        import builtins

        return builtins.exec, ("import builtins; builtins.payload_ran = True",)


def test_what_is_no_storage_is_not_run() -> None:
    import builtins

    for content in (storage_bytes(Payload()), pickle.dumps(Payload()), b"", b"text", storage_bytes({"a": 1})):
        with pytest.raises(IntegrityError):
            tensors.load_storage(content)
    assert not hasattr(builtins, "payload_ran")


def test_a_storage_is_as_large_as_it_says() -> None:
    whole = storage_bytes(torch.arange(4.0).untyped_storage())
    assert bytes(tensors.load_storage(whole).tolist()) == bytes(torch.arange(4.0).untyped_storage().tolist())
    for content in (whole[:-1], whole + b"\0", whole[:-16]):
        with pytest.raises(IntegrityError):
            tensors.load_storage(content)


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (5,), (1,)),
        (1, (4,), (1,)),
        (0, (2,), (4,)),
        (-1, (1,), (1,)),
        (0, (4,), (-1,)),
        (0, (-4,), (1,)),
        (0, (2, 2), (1,)),
    ],
)
def test_forged_tensors(offset: int, size: Any, stride: Any) -> None:
    storage = torch.storage.TypedStorage(
        wrap_storage=torch.arange(4.0).untyped_storage(), dtype=torch.float32, _internal=True
    )
    with pytest.raises(IntegrityError):
        tensors.make(storage, offset, size, stride, False, None)
    with pytest.raises(IntegrityError):
        tensors.make_of_memory(storage._untyped_storage, torch.float32, size, stride, offset)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_sparse_tensors_have_indexes_that_are_there() -> None:
    for tensor in (torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr()):
        assert torch.equal(loads(pickle.dumps(tensor)).to_dense(), torch.eye(3))
    values, size = torch.ones(1), torch.Size((3, 3))
    with pytest.raises(IntegrityError):
        tensors.make_sparse(torch.sparse_coo, (torch.tensor([[10**6], [0]]), values, size))
    with pytest.raises(IntegrityError):
        tensors.make_sparse(torch.sparse_csr, (torch.tensor([0, 1, 1, 10**6]), torch.tensor([0]), values, size))


def test_attributes_hide_no_methods() -> None:
    with pytest.raises(IntegrityError, match="attributes"):
        tensors.set_state(torch.ones(1), {"attributes": {"numpy": 5}})
    with pytest.raises(IntegrityError, match="hooks"):
        tensors.make_parameter(torch.ones(1), True, {0: print})
