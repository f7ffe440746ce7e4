import torch
from torch import nn
from torch.nn import functional as F

from convwright.linter import Safety, lint


def unused(net):
    return [finding for finding in lint(net, (2, 3, 8, 8)).findings if finding.code == "CW110"]


class Net(nn.Module):
    """A convolution, and parts that `forward` may use."""

    def __init__(self, **parts):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.conv(x)


def test_an_auxiliary_head_runs_in_training():
    class Aux(Net):
        def forward(self, x):
            x = self.conv(x)
            return (x, self.aux(x)) if self.training else x

    assert not unused(Aux(aux=nn.Conv2d(4, 2, 1)))


def test_weights_may_be_read_without_a_call():
    class Functional(Net):
        def forward(self, x):
            return F.conv2d(self.conv(x), self.point.weight) + self.list[0]

    parts = {"point": nn.Conv2d(4, 4, 1, bias=False), "list": nn.ParameterList([torch.zeros(1)])}
    assert not unused(Functional(**parts))


def test_a_list_is_not_called_but_its_modules_are():
    class Loop(Net):
        def forward(self, x):
            for block in self.blocks:
                x = block(x)
            return x

    assert not unused(Loop(blocks=nn.ModuleList([nn.Conv2d(3, 3, 1), nn.ReLU()]), conv=None))


def test_what_has_no_parameters_costs_nothing():
    assert not unused(Net(pool=nn.MaxPool2d(2)))


def test_a_whole_branch_is_one_finding_and_one_of_a_list_no_edit():
    branch = nn.Sequential(nn.Conv2d(4, 4, 3), nn.Sequential(nn.Conv2d(4, 4, 1)))
    (finding,) = unused(Net(branch=branch))
    assert (finding.path, finding.gain.parameters, finding.fix.safety) == ("branch", 168, Safety.SAME_OUTPUT)

    class First(Net):
        def forward(self, x):
            return self.blocks[0](x)

    (finding,) = unused(First(blocks=nn.ModuleList([nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)]), conv=None))
    assert (finding.path, finding.fix.safety) == ("blocks.1", Safety.SUGGESTION)


def test_a_network_of_token_ids():
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.kinds = nn.Embedding(9, 4), nn.Embedding(2, 4)

        def forward(self, ids):
            return self.words(ids)

    ids = torch.zeros(1, 5, dtype=torch.int64)
    assert [each.path for each in lint(Tokens(), ids).findings if each.code == "CW110"] == ["kinds"]
