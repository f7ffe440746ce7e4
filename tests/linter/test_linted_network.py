"""The questions that rules ask of a network."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.errors import ConvwrightError
from convwright.linter import Settings
from convwright.linter.linted_network import LintedNetwork


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.block = nn.Conv2d(8, 8, 3, padding=1)
        self.drop = nn.Dropout()
        self.norm = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = self.conv(x)
        x = x + self.norm(self.drop(self.block(x)))
        x = F.relu(x)
        return F.log_softmax(self.fc(x.mean((2, 3))), 1)


def subject(model, shape=(2, 3, 8, 8)):
    model.eval()
    return LintedNetwork(model=model, training={}, settings=Settings(), found=analyze(model, shape))


@pytest.fixture(scope="module")
def net():
    return subject(Net())


def test_ops_of_kinds_in_call_order(net):
    assert [op.kind for op in net.ops_of("batch_norm", "relu", "conv2d")] == ["conv2d", "conv2d", "batch_norm", "relu"]
    assert net.ops_of("prelu") == ()


def test_producers_and_readers_look_through_what_passes_values_on(net):
    (norm,), (conv, block) = net.ops_of("batch_norm"), net.ops_of("conv2d")
    assert net.producer(norm.input) is block
    assert net.reader(block) is norm
    assert net.reader(conv) is None
    assert [op.path for op in net.readers(conv)] == ["block", ""]
    assert net.precedes(conv, norm)
    assert not net.precedes(norm, conv)


def test_residual_adds_and_the_head(net):
    assert [op.kind for op in net.residual_adds] == ["add"]
    assert net.logits.path == "fc"
    assert net.classifies
    assert net.image_px == (8, 8)
    assert net.batch_size == 2
    assert net.last_map.kind == "relu"


def test_an_add_of_two_inputs_is_no_residual():
    class Two(nn.Module):
        def forward(self, x):
            return x + x * 2

    assert len(subject(Two()).residual_adds) == 0


def test_layers_are_what_one_op_is_all_of(net):
    (relu,), (norm,) = net.ops_of("relu"), net.ops_of("batch_norm")
    assert net.layer(relu) is None
    assert net.layer(norm) is net.model.norm
    assert net.is_inner_call(relu)
    assert not net.is_inner_call(norm)


def test_modules_behind_wrappers():
    net = subject(nn.Sequential(nn.DataParallel(nn.Sequential(nn.Conv2d(3, 8, 3)))))
    (conv,) = net.ops_of("conv2d")
    assert conv.path == "0.0"
    assert isinstance(net.layer(conv), nn.Conv2d)


def test_another_size_is_traced_once(net):
    assert net.traced_at((1, 3, 5, 5)).inputs[0].shape == (1, 3, 5, 5)
    assert net.traced_at((1, 3, 5, 5)) is net.traced_at((1, 3, 5, 5))
    assert isinstance(net.traced_at((1, 4, 5, 5)), ConvwrightError)


def test_a_network_that_does_not_run_has_no_facts():
    with pytest.raises(AssertionError):
        _ = LintedNetwork(model=nn.ReLU(), training={}, settings=Settings()).graph
    assert torch.is_grad_enabled()


def test_examples_are_nested_like_the_inputs():
    class Joined(nn.Module):
        def forward(self, images, maps):
            return torch.stack(images).mean() + maps["p3"].mean()

    net = subject(Joined(), [[(1, 8, 8), (1, 8, 8)], {"p3": (1, 4)}])
    images, maps = net.example_inputs(least_batch=2)
    assert [tuple(each.shape) for each in (*images, maps["p3"])] == [(2, 8, 8), (2, 8, 8), (2, 4)]


def test_a_list_of_images_is_a_batch():
    class Stacked(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, images):
            return self.conv(torch.stack(images))

    assert subject(Stacked(), [[(3, 8, 8), (3, 8, 8)]]).batch_size == 2
