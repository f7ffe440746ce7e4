"""CW607 and the modes of modules."""

from torch import nn

from reference.linting import found


class Subclass(nn.Dropout):
    def forward(self, x):
        return nn.functional.dropout2d(x, self.p, self.training)


def test_layers_know_their_mode_whatever_it_was():
    assert not found("CW607", nn.Sequential(nn.Dropout(0.2), Subclass(0.2)).train())


def test_nothing_dropped():
    class Net(nn.Module):
        def forward(self, x):
            return nn.functional.dropout(x, 0.0)

    assert not found("CW607", Net())
