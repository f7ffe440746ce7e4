"""CW510."""

from collections.abc import Iterator
from itertools import pairwise
from math import prod

from ....graph import Op
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import is_depthwise, is_map, is_pointwise, out_channels, spatial
from ...rule import Example, Rule

_WIDE = 256  # wide enough to stay so: VGG stops at 512, many small networks at 256


class WidthDoesNotGrow(Rule):
    """A stage has no more channels than the stage before it, on a smaller map.

    Why: halving the map takes three quarters of the values away. With twice the channels a stage of the same depth
    costs the same, and what was told apart by place can be told apart by channel.

    Source: Simonyan & Zisserman 2015, "Very deep convolutional networks", section 2.1; He et al. 2016, "Deep residual
    learning for image recognition", section 3.3 (a halved map has twice the filters).
    """

    code, severity = "CW510", Severity.ADVICE
    bad = Example(
        source="""
        def conv(c_in, c_out, stride=1):
            return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = nn.Sequential(conv(3, 64), conv(64, 64), conv(64, 64, 2), conv(64, 64), conv(64, 64))
                self.classifier = nn.Linear(64, 10)

            def forward(self, x):
                return self.classifier(self.features(x).mean((2, 3)))
        """,
        inputs=(2, 3, 16, 16),
    )
    good = bad.with_changes(
        {
            "nn.Sequential(conv(3, 64), conv(64, 64), conv(64, 64, 2), conv(64, 64), conv(64, 64))": (
                "nn.Sequential(\n    conv(3, 64), conv(64, 64), conv(64, 128, 2), conv(128, 128), conv(128, 128)\n)"
            ),
            "nn.Linear(64, 10)": "nn.Linear(128, 10)",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Pairs of stages that follow each other."""
        ends = _stage_ends(net) if net.classifies else []
        for before, after in pairwise(ends):
            if out_channels(after) <= out_channels(before) < _WIDE:
                yield self.finding(
                    after,
                    f"ends a stage of {out_channels(after)} channels at {size(spatial(after.output))}, after "
                    f"{out_channels(before)} at {size(spatial(before.output))}",
                    fix=suggestion(f"widen the stage to {2 * out_channels(before)} channels"),
                )


def _stage_ends(net: LintedNetwork) -> list[Op]:
    """The last op of each stage with two windows or more, where the network is one tensor wide.

    In a residual network that is the last sum. A stage with depthwise convolutions but no sums is left out: its width
    is that inside a block.
    """
    windows: dict[tuple[int, ...], list[Op]] = {}
    for op in net.ops_of("conv2d"):
        if not is_pointwise(op):
            windows.setdefault(spatial(op.output), []).append(op)
    sums = {op for op in net.residual_adds if is_map(op.output)}
    ends: dict[tuple[int, ...], Op] = {}
    for op in net.trunk:
        if is_map(op.output) and len(windows.get(spatial(op.output), ())) > 1 and (op in sums or not sums):
            place = spatial(op.output)
            if ends and prod(place) > min(map(prod, ends)):
                return []  # maps grow again: no classifier of the usual kind
            ends[place] = op
    return [end for place, end in ends.items() if sums or not any(map(is_depthwise, windows[place]))]


RULE = WidthDoesNotGrow
