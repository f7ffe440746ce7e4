"""The search: the first input that fits, with what speaks for it."""

import pytest
import torch
from torch import nn

from convwright.graph.failure import CallError
from convwright.networks.inputs import input_search
from convwright.networks.inputs.input_guess import InputGuess
from convwright.networks.inputs.input_search import choose_inputs, with_dtypes
from convwright.networks.inputs.network_input import parse_inputs, written


def flat(channels, features, *more):
    return nn.Sequential(
        nn.Conv2d(channels, 8, 3, padding=1), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(features, 2), *more
    )


def test_the_usual_input_where_nothing_speaks_against_it():
    choice = choose_inputs(nn.Conv2d(3, 4, 3))
    assert (choice.assumption, choice.error) == ("input 1x3x224x224: nothing says otherwise", None)


def test_evidence_comes_before_what_is_worked_out():
    evidence = [InputGuess.of_shape((1, 3, 9, 9), "net.py:2"), InputGuess.of_shape((1, 3, 17, 16), "net.py:3")]
    assert choose_inputs(flat(3, 512), evidence).assumption == "input 1x3x17x16: net.py:3"
    assert choose_inputs(flat(1, 512), evidence).assumption == "input 1x1x17x16: net.py:3, `0` takes 1 channel"


def test_an_input_that_is_declared_is_no_assumption():
    net = nn.Conv2d(3, 4, 3)
    net.example_input_array = torch.zeros(1, 3, 5, 5)
    choice = choose_inputs(net)
    assert (written(choice.inputs), choice.assumption) == ("1x3x5x5", "")


def test_evidence_that_is_certain_is_not_overruled():
    evidence = [InputGuess(inputs=parse_inputs("3x32x32"), reason="net.py:9", is_certain=True)]
    choice = choose_inputs(flat(3, 512), evidence)
    assert written(choice.inputs) == "1x3x32x32"
    assert "no input fits of those tried" in str(choice.error)


def test_a_network_that_no_input_fits():
    choice = choose_inputs(flat(3, 2048, nn.Linear(9, 2)))
    assert written(choice.inputs) == "1x3x224x224"
    assert "--input CxHxW" in choice.error.hint
    assert "1x3x224x224" in choice.error.problem
    assert not isinstance(choice.error, CallError)


def test_a_branch_on_numbers_ends_the_search():
    class Net(nn.Module):
        def forward(self, x):
            return x if x.mean() > 0 else -x

    choice = choose_inputs(Net())
    assert (written(choice.inputs), choice.error) == ("1x3x224x224", None)


def test_one_trace_is_enough_where_the_first_guess_fits(monkeypatch):
    traced = []
    stopped_trace = input_search.stopped_trace
    monkeypatch.setattr(input_search, "stopped_trace", lambda *args: traced.append(args) or stopped_trace(*args))
    choose_inputs(nn.Conv2d(3, 4, 3))
    assert len(traced) == 1


def test_the_network_is_left_as_it_was():
    net = flat(1, 1568, nn.BatchNorm1d(2)).train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    choose_inputs(net)
    assert all(part.training for part in net.modules())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize(("text", "kept"), [("1x7", "1x7:int64"), ("1x7:int32", "1x7:int32")])
def test_tokens_that_somebody_gave(text, kept):
    assert written(with_dtypes(nn.Embedding(10, 4), parse_inputs(text))) == kept
    assert with_dtypes(nn.Linear(7, 4), parse_inputs("1x7")) == parse_inputs("1x7")


class Joined(nn.Module):
    """An image and a mask, joined by channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3)

    def forward(self, image, mask):
        print("joining")
        return self.conv(torch.cat([image, mask], 1))


def test_inputs_that_are_joined(capsys):
    choice = choose_inputs(Joined())
    assert written(choice.inputs) == "image=1x3x224x224, mask=1x1x224x224"
    assert "joining" not in "".join(capsys.readouterr())


class Clips(nn.Module):
    """Tokens of a video of 16 frames of 32x32; it takes an image for a frame."""

    def __init__(self):
        super().__init__()
        self.patches, self.position = nn.Conv3d(3, 4, 8, 8), nn.Parameter(torch.zeros(1, 4, 2 * 4 * 4))

    def forward(self, x):
        x = x if x.ndim == 5 else x[:, :, None].repeat(1, 1, 8, 1, 1)
        return self.patches(x).flatten(2) + self.position


def test_a_video_for_a_network_that_takes_an_image_for_a_frame():
    choice = choose_inputs(Clips())
    assert choice.assumption == "input 1x3x16x32x32: `patches` is a conv3d, its add takes 32"


def test_no_picture_where_no_convolution_meets_it():
    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.gates = nn.Linear(24, 8)

        def forward(self, x):
            first, *_ = x[:, :4].unbind(1)
            return self.gates(first) + torch.zeros(1, 8)

    assert written(choose_inputs(Steps()).inputs) == "1x16x24"


def test_inputs_that_are_alike_change_together():
    net = nn.Transformer(16, 2, 1, 1, 32, batch_first=True)
    assert written(choose_inputs(net).inputs) == "src=1x16x16, tgt=1x16x16"


class Captions(nn.Module):
    """Features of an image before the words; the batch goes with the axes of the pooled map."""

    def __init__(self):
        super().__init__()
        self.conv, self.words = nn.Conv2d(3, 8, 3), nn.Embedding(50, 8)

    def forward(self, images, captions):
        features = self.conv(images).mean((2, 3), keepdim=True).squeeze()
        return torch.cat([features.unsqueeze(1), self.words(captions)], dim=1)


def test_a_batch_of_two_where_one_image_loses_its_axis():
    choice = choose_inputs(Captions())
    assert written(choice.inputs) == "images=2x3x224x224, captions=2x16:int64"
    assert "a batch of one loses its axis in squeeze at" in choice.assumption
