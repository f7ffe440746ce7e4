"""CW201."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...edits import Edit, Replace, SetArguments
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import CONVS, is_strided, window
from ...resizing import is_resizable
from ...rule import Example, Rule

_POOLS = ("max_pool2d", "avg_pool2d")
SMALL_PX = 64
STEM_JUMP_PX = 4


class AggressiveStem(Rule):
    """A network for small images throws away 15 of 16 positions before its second convolution.

    Why: a 7x7 convolution with stride 2 and a pool suit 224 px, where they leave 56. Of 32 px they leave 8, and the
    strides behind them leave a single position: most of the network works on maps too small to hold an object's parts.

    Source: He et al. 2016, "Deep Residual Learning", section 4.2: for CIFAR-10 the first layer is a 3x3 convolution
    with stride 1, and no pool follows.

    Fix: stride 1, a 3x3 kernel where it was larger, and no pool, where what follows takes a map of any size.
    """

    code, severity = "CW201", Severity.WARNING
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )
        """
    )
    good = bad.with_changes({"7, stride=2, padding=3": "3, padding=1", "nn.MaxPool2d(3, stride=2, padding=1),": ""})

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """The first convolution, and the pool that may follow it, where they reach a jump of 4 and more comes."""
        if not net.classifies or not net.image_px or max(net.image_px) > SMALL_PX:
            return
        stem = _stem(net)
        last = net.analysis.fields.jump_px
        if not stem or not all(jump and jump >= 2 * STEM_JUMP_PX for jump in last):
            return
        left, final = size(stem[-1].output.shape[2:]), net.last_map
        yield self.finding(
            stem[0],
            f"begins a stem that leaves {left} of {size(net.image_px)} px after one convolution"
            + (f", and the network ends on {size(final.output.shape[2:])}" if final is not None else ""),
            fix=_fix(stem, net),
        )


def _stem(net: LintedNetwork) -> list[Op]:
    """The strided ops up to a jump of 4, when no more than one convolution with a window is among the ops so far."""
    strided: list[Op] = []
    convolutions = 0
    for op in net.ops_of(*CONVS, *_POOLS):
        convolutions += op.kind in CONVS and max(window(op)) > 1
        if convolutions > 1:
            return []
        if is_strided(op):
            if max(window(op)) <= max(op.args["stride"]) and op.kind in CONVS:
                return []  # cuts the image into patches
            strided.append(op)
            seen = net.analysis.fields.of(op)
            jumps = seen.jump_px if seen else ()
            if jumps and all(jump and jump >= STEM_JUMP_PX for jump in jumps):
                return strided
    return []


def _fix(stem: list[Op], net: LintedNetwork) -> Fix:
    summary, edits = "begin with a 3x3 convolution of stride 1, without the pool", list[Edit]()
    for op in stem:
        if net.layer(op) is None or not is_resizable(op, net.graph):
            return suggestion(summary)
        if op.kind in _POOLS:
            edits.append(Replace(path=op.path, code="nn.Identity()"))
        elif max(op.args["kernel_size"]) > 3:
            edits.append(SetArguments(path=op.path, values={"kernel_size": 3, "stride": 1, "padding": 1}))
        else:
            edits.append(SetArguments(path=op.path, values={"stride": 1}))
    return training_fix(summary, *edits)


RULE = AggressiveStem
