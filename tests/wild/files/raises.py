# networks: Net
# left out: raises ZeroDivisionError: division by zero; raises ValueError: it is broken; needs SIZE
from torch import nn

SIZE = 1 / (3 - 3)


def width():
    raise ValueError("it is broken")


class Broken(nn.Module):
    channels = width()


def sized(size=SIZE):
    return nn.Conv2d(3, size, 3)


try:
    LARGE = {"a": 1}["b"]
except KeyError:
    LARGE = 8


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, LARGE, 3))
