"""Model and optimizer as named tensors, and back."""

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.training.optimizers import make_optimizer
from convwright.training.recipe import OptimizerRecipe
from convwright.training.state import bytes_of, load_tensors, plain_state_of, tensors_of
from reference.tiny_training import tiny_net


def moved(name):
    net = tiny_net().to(memory_format=torch.channels_last)
    optimizer = make_optimizer(net, OptimizerRecipe(name=name))
    net(torch.randn(4, 3, 8, 8)).square().sum().backward()
    optimizer.step()
    return net, optimizer


@pytest.mark.parametrize("name", ["sgd", "adamw", "muon"])
def test_everything_comes_back_in_the_layout_it_had(name):
    net, optimizer = moved(name)
    tensors = {
        key: value.clone(memory_format=torch.contiguous_format)
        for key, value in tensors_of(net, optimizer, net).items()
    }
    fresh = tiny_net().to(memory_format=torch.channels_last)
    with torch.no_grad():
        for weight in fresh.parameters():
            weight.zero_()
    other = make_optimizer(fresh, OptimizerRecipe(name=name))
    load_tensors(tensors, plain_state_of(optimizer), fresh, other, None)
    again = tensors_of(fresh, other, fresh)
    assert again.keys() == tensors.keys()
    assert all(torch.equal(again[key], tensors[key]) for key in tensors)
    buffers = [state for state in other.state.values() if "momentum_buffer" in state or "exp_avg" in state]
    assert len(buffers) == len(list(net.parameters()))
    for weight, state in other.state.items():
        for value in state.values():
            assert not isinstance(value, torch.Tensor) or value.ndim != 4 or value.stride() == weight.stride()


def test_another_model_is_refused_before_anything_is_changed():
    net, optimizer = moved("sgd")
    tensors = tensors_of(net, optimizer, None)
    other = torch.nn.Sequential(*tiny_net(), torch.nn.Linear(3, 3))
    before = {key: value.clone() for key, value in other.state_dict().items()}
    with pytest.raises(ConvwrightError, match=r"differences in 8\.weight, 8\.bias"):
        load_tensors(tensors, {}, other, make_optimizer(other, OptimizerRecipe()), None)
    assert all(torch.equal(value, before[key]) for key, value in other.state_dict().items())


def test_bytes_are_in_the_order_of_the_axes():
    value = torch.randn(2, 3, 4, 4)
    assert bytes(bytes_of(value.to(memory_format=torch.channels_last))) == value.numpy().tobytes()
    assert bytes(bytes_of(torch.tensor(1, dtype=torch.bfloat16))) == bytes([0x80, 0x3F])
