"""CW311 tells a lost input from a rectified one."""

import pytest
import torch.nn.functional as F
from torch import nn

from convwright.linter import Safety
from reference.linting import found


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.relu = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3), nn.ReLU(inplace=True)


class Rectified(Block):
    def forward(self, x):
        x = self.relu(self.norm(x))
        identity = x
        out = self.conv(x)
        return out + identity


class Lost(Block):
    def forward(self, x):
        x = self.norm(x)
        identity = x
        out = self.relu(x)
        out = self.conv(out)
        return out + identity


class LostToAFunction(Block):
    def forward(self, x):
        x = self.norm(x)
        out = F.relu_(x)
        return x + self.conv(out)


class Returned(Block):
    def forward(self, x):
        x = nn.Sequential(self.norm, self.relu)(x)
        return x + self.conv(x)


class Renamed(Block):
    def forward(self, x):
        x = self.norm(x)
        out = self.relu(x)
        x = self.conv(out)
        return x + out


class TwoBranches(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = (nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 3, 1)) for _ in range(2))

    def forward(self, x):
        x = 2 * x
        return self.a(x) + self.b(x)


@pytest.mark.parametrize("net", [Rectified(), Returned(), Renamed(), TwoBranches()], ids=lambda net: type(net).__name__)
def test_left_alone(net):
    assert not found("CW311", net)


def test_a_shortcut_that_was_kept_before_is_not():
    (finding,) = found("CW311", Lost())
    assert (finding.path, finding.fix.safety) == ("relu", Safety.CHANGES_TRAINING)
    assert found("CW311", LostToAFunction())[0].fix.safety is Safety.SUGGESTION


class Nested(Block):
    def forward(self, x):
        x = self.norm(x)
        return self.conv(self.relu(x)) + x


class NestedAbove(Block):
    def forward(self, x):
        x = self.norm(x)
        out = self.conv(self.relu(x))
        out += x
        return out


class NestedAndRenamed(Block):
    def forward(self, x):
        x = self.norm(x)
        x = nn.Sequential()(self.relu(x))
        return self.conv(x) + x


@pytest.mark.parametrize(("net", "count"), [(Nested(), 1), (NestedAbove(), 1), (NestedAndRenamed(), 0)])
def test_a_call_within_a_call(net, count):
    assert len(found("CW311", net)) == count
