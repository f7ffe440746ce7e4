"""The place where a network stops, and the inputs that come to it."""

import torch
import torch.nn.functional as F
from torch import nn

from convwright.graph.failure import ForwardError
from convwright.networks.inputs.network_input import NetworkInput
from convwright.networks.inputs.trace_attempt import stopped_trace

IMAGE = (NetworkInput(shape=(1, 3, 8, 8)),)


def test_a_network_that_runs_does_not_stop():
    assert stopped_trace(nn.Conv2d(3, 4, 3), IMAGE) is None


def test_the_call_and_the_inputs_that_come_to_it():
    net = nn.Sequential(nn.ReLU(), nn.Conv2d(1, 4, 3))
    stopped = stopped_trace(net, IMAGE)
    assert (stopped.path, stopped.kind, len(stopped.ops)) == ("1", "conv2d", 1)
    assert stopped.origins(stopped.args["input"]) == {"input": True}
    behind = stopped_trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(8, 4, 3)), IMAGE)
    assert behind.origins(behind.args["input"]) == {"input": False}


def test_an_exception_of_the_network_itself():
    class Net(nn.Module):
        def forward(self, x):
            _batch, _length = x.relu().shape
            return x

    stopped = stopped_trace(Net(), IMAGE)
    assert (stopped.kind, stopped.path, len(stopped.ops), stopped.is_about_inputs) == ("", "", 1, True)


def test_what_depends_on_numbers_is_no_matter_of_inputs():
    class Net(nn.Module):
        def forward(self, x):
            return x if x.mean() > 0 else -x

    assert not stopped_trace(Net(), IMAGE).is_about_inputs


def test_parts_of_an_image_in_the_batch():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(64, 2)

        def forward(self, x):
            return self.fc(x.view(-1, 64))

    stopped = stopped_trace(Net(), IMAGE)
    assert stopped.is_doubtful
    assert "moves parts of an image into the batch: expected 64 values for each image" in str(stopped.error)
    assert stopped_trace(Net(), (NetworkInput(shape=(1, 1, 8, 8)),)) is None


def test_frames_that_leave_the_batch_again_are_no_mixture():
    class Net(nn.Module):
        def forward(self, clip):
            frames = clip.view(-1, *clip.shape[2:])
            return torch.relu(frames).view(clip.shape[0], clip.shape[1], -1)

    assert stopped_trace(Net(), (NetworkInput(shape=(1, 4, 3, 8, 8)),)) is None


def test_a_batch_that_is_taken_for_channels():
    net = nn.Sequential(nn.Conv3d(1, 4, 3), nn.BatchNorm3d(4))
    for part in (net[:1], net):  # one runs, the other fails behind it
        stopped = stopped_trace(part, IMAGE)
        assert (stopped.is_doubtful, stopped.path, stopped.kind) == (True, "0", "conv3d")
    assert stopped_trace(nn.Conv3d(3, 4, 3), (NetworkInput(shape=(1, 3, 8, 8, 8)),)) is None


def test_what_depends_on_numbers_keeps_what_ran_before():
    class Net(nn.Module):
        def forward(self, x):
            return F.pad(x, x.relu().sum((0, 1, 2)).int().tolist())

    class Empty(nn.Module):
        def forward(self, x):
            return torch.cat([row for row in x.relu() if len(row) > 3])

    assert [op.kind for op in stopped_trace(Net(), IMAGE).ops][:2] == ["relu", "sum"]
    stopped = stopped_trace(Empty(), IMAGE)
    assert isinstance(stopped.error, ForwardError)
    assert "non-empty list" in stopped.error.problem


def test_what_the_code_lacks_is_no_matter_of_inputs():
    class Lacking(nn.Module):
        def forward(self, x):
            return self.body(x)

    class Unnamed(nn.Module):
        def forward(self, x):
            return undefined(x)  # noqa: F821

    class OfOtherInputs(nn.Module):
        def forward(self, x):
            return x.tensors

    about = [stopped_trace(net, IMAGE).is_about_inputs for net in (Lacking(), Unnamed(), OfOtherInputs())]
    assert about == [False, False, True]
