import pytest
from torch import nn

from convwright.graph import trace
from convwright.linter.resizing import is_resizable
from convwright.models import build

HEAD = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


def first_is_resizable(net):
    graph = trace(net.eval(), (2, 3, 32, 32))
    return is_resizable(graph.ops[0], graph)


def test_up_to_a_global_pool_any_size_goes():
    assert first_is_resizable(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.MaxPool2d(2), *HEAD))
    assert first_is_resizable(build("resnet18"))


@pytest.mark.parametrize(
    "rest",
    [
        (),  # the map is returned
        (nn.Flatten(), nn.Linear(8 * 30 * 30, 10)),
        (nn.AvgPool2d(30), nn.Flatten(), nn.Linear(8, 10)),  # global at this size only
    ],
)
def test_where_the_size_counts(rest):
    assert not first_is_resizable(nn.Sequential(nn.Conv2d(3, 8, 3), *rest))


def test_one_branch_of_two_must_keep_its_size():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.head = nn.Conv2d(3, 8, 1), nn.Conv2d(3, 8, 1), nn.Sequential(*HEAD)

        def forward(self, x):
            return self.head(self.first(x) + self.second(x))

    assert not first_is_resizable(Sum())
