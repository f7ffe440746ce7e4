"""Names of packages that are missing."""

import pytest
from torch import nn

from convwright.errors import ConvwrightError
from convwright.networks.guards.guard import NetworkGuard
from convwright.networks.guards.isolation import isolated
from convwright.networks.reading.stand_in import StandIn, StandInModule

LIB = StandIn("lib", "lib", "net.py:1")


def test_it_can_be_named_annotate_and_decorate():
    assert repr(LIB.a.b) == "<lib.a.b of a missing package>"
    assert LIB[int] is LIB | None is LIB
    assert not isinstance(3, LIB)
    assert LIB.register(nn.Identity) is nn.Identity
    assert not hasattr(LIB, "__wrapped__")


@pytest.mark.parametrize("use", [lambda: LIB.a(3), lambda: LIB + 1, lambda: 2 * LIB, lambda: [*LIB], lambda: bool(LIB)])
def test_it_cannot_be_used(use):
    with pytest.raises(ConvwrightError, match=r"is needed at .*test_stand_in.py:\d+: expected lib, which net.py:1 imp"):
        use()


def test_a_base_class_keeps_the_arguments():
    class Net(StandInModule):
        def __init__(self, width, depth=2):  # noqa: ARG002 - read from the frame
            super().__init__()
            self.save_hyperparameters()

    net = Net(3)
    assert (net.hparams.width, net.hparams["depth"]) == (3, 2)
    with pytest.raises(AttributeError, match="height"):
        _ = net.hparams.height


class Metered(nn.Module):
    def __init__(self):
        super().__init__()
        self.metric, self.body = LIB.Accuracy(classes=10), nn.Sequential(LIB.Rearrange("b c -> c b"))

    def forward(self, x):
        return self.body(x)


@pytest.mark.parametrize("use", [lambda net: net(1), lambda net: net.metric.classes, lambda net: int(net.metric)])
def test_a_part_of_a_module_can_be_kept_and_not_used(use):
    net = Metered()
    assert len(list(net.to("cpu").eval().modules())) == 4
    for _ in range(2):
        with pytest.raises(ConvwrightError, match=r"^lib.\w+ is needed at .*test_stand_in.py:\d+: expected lib, which"):
            use(net)


def test_a_call_whose_value_nobody_takes_is_noted():
    guard = NetworkGuard()
    with isolated(guard):
        LIB.logger.info("building")
        with pytest.raises(ConvwrightError, match="is needed at"):
            _ = LIB.logger.info("building")
    (note,) = guard.notes
    assert note.startswith("lib.logger.info (")
    assert note.endswith(") was not called: lib is missing")
    with pytest.raises(ConvwrightError, match="is needed at"):
        LIB.logger.info("with --import")
