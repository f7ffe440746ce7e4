"""What is wrong with a network, and a copy where it is not: `python examples/04_lint.py`."""

import torch
from torch import nn

import convwright
from convwright.linter import Settings

net = nn.Sequential(
    nn.Conv2d(3, 32, 5, padding=2),
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1),
    nn.BatchNorm2d(64),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(64 * 16 * 16, 10),
    nn.Softmax(dim=1),
)

report = convwright.lint(net, (1, 3, 32, 32))
print(report)

# Fixes that keep every output: weights are carried over.
same = convwright.fix(net, (1, 3, 32, 32))
x = torch.randn(2, 3, 32, 32)
difference = (net.eval()(x) - same.state.eval()(x)).abs().max()
print(f"{len(same.fixed)} fixes, the largest difference in the output is {difference:.1e}")

# And those that change what is learned.
better = convwright.fix(net, (1, 3, 32, 32), unsafe=True)
print("fixed:", ", ".join(sorted({folded.first.code for folded in better.fixed})))
print(convwright.lint(better.state, (1, 3, 32, 32), settings=Settings(ignore=("CW209",))))
