"""PyTorch tensors: a storage goes once, and uncopied out of band."""

import pytest

import brinery

torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")


def travelled(obj, out_of_band=False, protocol=5):
    buffers = [] if out_of_band else None
    data = brinery.dumps(obj, buffers=buffers, protocol=protocol)
    return brinery.loads(data, trust="everything", buffers=buffers)


class Tagged(torch.Tensor):
    """A subclass."""


@pytest.mark.parametrize("protocol", [4, 5])
def test_tensors_of_a_storage_share_it(protocol):
    base = torch.arange(12.0)
    family = [base[2:5], base[4:], base.view(3, 4).T, base]
    loaded = travelled(family, protocol=protocol)
    assert all(torch.equal(old, new) and old.stride() == new.stride() for old, new in zip(family, loaded, strict=True))
    assert len({each.untyped_storage().data_ptr() for each in loaded}) == 1
    loaded[0][0] = -1
    assert loaded[3][2] == -1
    assert loaded[2][2, 0] == -1


def test_only_what_is_needed_of_a_large_storage_travels():
    base = torch.zeros(1_000_000)
    assert len(brinery.dumps([base[5:10], base[7:20]])) < 1_000
    assert len(brinery.dumps(base.view(1000, 1000)[:, 3])) < 10_000


def test_out_of_band_the_memory_is_the_very_same():
    tensors = [torch.arange(6.0), torch.ones(2, 3, dtype=torch.bfloat16), torch.nn.Parameter(torch.ones(3))]
    for old, new in zip(tensors, travelled(tensors, out_of_band=True), strict=True):
        assert new.data_ptr() == old.data_ptr()
        assert type(new) is type(old)


def test_read_only_buffers_are_copied_since_tensors_can_be_written_to():
    buffers = []
    data = brinery.dumps(torch.zeros(3), buffers=buffers)
    memory = bytes(buffers[0])
    brinery.loads(data, trust="everything", buffers=[memory]).fill_(1)
    assert memory == bytes(12)


def test_parameters_keep_gradients_and_tied_weights():
    one, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    other.weight = one.weight
    model = torch.nn.Sequential(one, other)
    model(torch.ones(1, 2)).sum().backward()
    loaded = travelled(model)
    assert loaded[0].weight is loaded[1].weight
    assert torch.equal(loaded[0].weight.grad, one.weight.grad)
    state = travelled(model.state_dict())
    assert state["0.weight"].data_ptr() == state["1.weight"].data_ptr()


@pytest.mark.parametrize("out_of_band", [False, True])
def test_every_kind_of_tensor_comes_back_equal(out_of_band):
    tagged = torch.ones(2)
    tagged.tag = "mine"
    for old in (
        torch.tensor(3),
        torch.empty(0, 3),
        torch.tensor([True, False]),
        torch.tensor([1 + 2j]).conj(),
        torch.ones(3).expand(100, 3),
        torch.eye(3).to_sparse(),
        torch.ones(2, requires_grad=True),
        torch.ones(3).as_subclass(Tagged),
        tagged,
    ):
        new = travelled(old, out_of_band)
        assert (new.dtype, new.shape, new.requires_grad, type(new)) == (
            old.dtype,
            old.shape,
            old.requires_grad,
            type(old),
        )
        assert torch.equal(new.to_dense().resolve_conj(), old.to_dense().resolve_conj())
    assert travelled(tagged, out_of_band).tag == "mine"
