"""Switch of a network between training and evaluation mode."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def in_mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Put every layer into one mode; afterwards each gets back its own.

    >>> net = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(3).eval())
    >>> with in_mode(net, training=True):
    ...     net[1].training
    True
    >>> net[0].training, net[1].training
    (True, False)
    """
    modes = [(layer, layer.training) for layer in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode
