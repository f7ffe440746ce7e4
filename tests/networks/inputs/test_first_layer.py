"""What the first layer asks of an input."""

import pytest
import torch
from torch import nn

from convwright.networks.inputs.first_layer import fitting_inputs
from convwright.networks.inputs.input_search import choose_inputs
from convwright.networks.inputs.network_input import NetworkInput, written
from convwright.networks.inputs.trace_attempt import stopped_trace


class Function(nn.Module):
    """Calls a function with itself and its inputs."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def first_offer(net):
    specs = (NetworkInput(shape=(1, 3, 224, 224), name="x" if isinstance(net, Function) else "input"),)
    with torch.no_grad():
        stopped = stopped_trace(net.eval(), specs)
    guess = next(fitting_inputs(stopped, net, specs))
    return written(guess.inputs), guess.reason


@pytest.mark.parametrize(
    ("net", "inputs", "reason"),
    [
        (nn.Conv2d(1, 4, 3), "1x1x224x224", "its conv2d takes 1 channel"),
        (nn.Sequential(nn.ReLU(), nn.Conv2d(6, 4, 3)), "1x6x224x224", "`1` takes 6 channels"),
        (nn.Conv1d(2, 4, 3), "1x2x1024", "its conv1d takes 2 channels"),
        (nn.Conv3d(3, 4, 3), "1x3x16x112x112", "its conv3d takes 3 channels"),
        (
            Function(lambda net, x: net.conv(x[:, None]), conv=nn.Conv2d(1, 4, 3)),
            "1x224x224",
            "`conv` takes 1 channel, an axis that is added before it",
        ),
        (nn.BatchNorm2d(5), "1x5x224x224", "its batch_norm takes 5 channels"),
        (nn.Linear(20, 2), "1x20", "its linear takes 20 features"),
        (nn.Sequential(nn.Flatten(), nn.Linear(3072, 2)), "1x3x32x32", "`1` takes 3072 = 3x32x32 features"),
        (nn.Embedding(10, 4), "1x16:int64", "its embedding takes token ids"),
        (nn.LSTM(8, 4, batch_first=True), "1x16x8", "the network takes 8 features"),
        (nn.GRU(8, 4), "16x1x8", "the network takes 8 features"),
        (nn.GRUCell(8, 4), "1x8", "the network takes 8 features"),
        (nn.TransformerEncoderLayer(8, 2, batch_first=True), "1x16x8", "takes 8 features"),
        (Function(lambda _, x: x.view(-1, 1, 28, 28)[:, :, 5:-5]), "1x1x28x28", "its view makes it 1x28x28"),
        (
            Function(lambda net, x: x @ net.weight, weight=nn.Parameter(torch.zeros(12, 3))),
            "1x12",
            "its matmul takes 12 features",
        ),
        (
            Function(lambda net, x: x + net.position, position=nn.Parameter(torch.zeros(1, 3, 8, 8))),
            "1x3x8x8",
            "it meets 1x3x8x8",
        ),
    ],
)
def test_the_likeliest_input(net, inputs, reason):
    found, said = first_offer(net)
    assert found == inputs
    assert reason in said


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        (Function(lambda net, x: net.fc(x.mean((2, 3))), fc=nn.Linear(64, 5)), "`fc` takes 64 features"),
        (Function(lambda net, x: net.norm(x.permute(0, 2, 3, 1)), norm=nn.LayerNorm(64)), "`norm` takes 64 features"),
    ],
)
def test_channels_that_become_features(net, reason):
    assert first_offer(net) == ("1x64x224x224", f"{reason}, one of each channel")


def test_sizes_that_are_broadcast_are_free():
    net = Function(
        lambda net, x: torch.addcmul(net.bias.view(1, -1, 1, 1), net.bias.view(1, -1, 1, 1), x),
        bias=nn.Parameter(torch.ones(64)),
    )
    assert first_offer(net) == ("1x64x224x224", "it meets 1x64x1x1")


def test_channels_that_come_last():
    net = Function(lambda net, x: net.conv(x.permute(0, 3, 1, 2)), conv=nn.Conv2d(3, 4, 3))
    specs = (NetworkInput(shape=(1, 3, 224, 224), name="x"),)
    offers = [written(each.inputs) for each in fitting_inputs(stopped_trace(net, specs), net, specs)]
    assert "1x224x224x3" in offers


@pytest.mark.parametrize(
    ("words", "inputs"),
    [
        ("too many values to unpack (expected 3)", "1x16x64"),
        ("height 224 is not that of the model, 48", "1x3x48x48"),
        ("Input size does not match, expected (160, 64) but got (224, 224)", "1x3x160x64"),
    ],
)
def test_words_of_the_network_itself(words, inputs):
    def fail(*_):
        raise ValueError(words)

    assert first_offer(Function(fail))[0] == inputs


def test_nothing_is_offered_behind_another_layer():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(8, 4, 3))
    specs = (NetworkInput(shape=(1, 3, 224, 224)),)
    assert list(fitting_inputs(stopped_trace(net, specs), net, specs)) == []


def test_regions_that_take_channels_of_their_own():
    ops = pytest.importorskip("torchvision").ops
    net = Function(lambda _, x: ops.ps_roi_pool(x, torch.ones(2, 5, device=x.device), (3, 4)))
    assert first_offer(net) == ("1x12x224x224", "its ps_roi_pool takes 12 channels")


def test_a_number_in_the_words_of_an_error_may_be_the_channels_of_another_input():
    class Offsets(nn.Module):
        def forward(self, x, offset):
            if offset.shape[1] != 18:
                raise ValueError(f"{offset.shape[1]} offsets in place of 18")
            return x * offset.mean()

    assert choose_inputs(Offsets()).assumption.startswith("input x=1x3x224x224, offset=1x18x224x224: ")


def test_nothing_is_offered_to_a_window_of_too_many_axes():
    specs = (NetworkInput(shape=(1, 3, 64)),)
    net = nn.Conv1d(3, 4, (1, 3, 5, 7))
    assert list(fitting_inputs(stopped_trace(net, specs), net, specs)) == []
