"""CW503."""

from collections.abc import Iterator

from torch import nn

from ....graph import Op
from ....units import percent
from ...blocks import conv_of, sides
from ...edits import Edit, Replace
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import AVERAGE_POOLS, is_dense_conv, is_depthwise, is_pointwise, is_strided
from ...rule import Example, Rule

# Of an odd map it makes as many positions as the strided convolution.
_POOL = "nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)"


class StridedPointwiseShortcut(Rule):
    """The shortcut of a residual block that shrinks its map is a 1x1 convolution with a stride.

    Why: it reads one position of four. An average over 2x2 positions before a 1x1 convolution without stride reads them
    all, at next to no cost.

    Source: He et al. 2019, "Bag of tricks for image classification with convolutional neural networks", section 4.1
    (ResNet-D).

    Fix: puts the average pool in front; the weights of the shortcut are trained anew.
    """

    code, severity = "CW503", Severity.ADVICE
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
                self.conv1 = nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False)
                self.norm1 = nn.BatchNorm2d(64)
                self.conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(64)
                self.shortcut = nn.Sequential(nn.Conv2d(32, 64, 1, stride=2, bias=False), nn.BatchNorm2d(64))

            def forward(self, x):
                x = self.stem(x)
                y = F.relu(self.norm1(self.conv1(x)))
                return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))
        """
    )
    good = bad.with_changes(
        {
            "self.shortcut = nn.Sequential(nn.Conv2d(32, 64, 1, stride=2, bias=False)": (
                "pool = nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)\n"
                "self.shortcut = nn.Sequential(pool, nn.Conv2d(32, 64, 1, bias=False)"
            )
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """All shortcuts of the network that skip positions."""
        convs = [conv for add in net.residual_adds if (conv := _skipping(add, net)) is not None]
        if not convs:
            return
        stride = convs[0].args["stride"]
        others = f", and so do {len(convs) - 1} other shortcuts" if len(convs) > 1 else ""
        yield self.finding(
            convs[0],
            f"has a 1x1 window and a stride of {max(stride)}: it skips {percent(1 - 1 / (stride[0] * stride[1]))} of "
            f"the positions of its input{others}",
            fix=_pool_first(convs, net),
        )


def _skipping(add: Op, net: LintedNetwork) -> Op | None:
    """The strided 1x1 convolution of the shortcut; none where the branch is a single layer beside it (RepVGG)."""
    branch, shortcut = sides(add, net)
    conv, last = conv_of(shortcut, net), conv_of(branch, net)
    if conv is None or last is None or last.input is conv.input or not is_dense_conv(conv):
        return None
    before = net.producer(conv.input)
    is_mixed = before is not None and (before.kind in AVERAGE_POOLS or is_depthwise(before))
    return conv if is_pointwise(conv) and is_strided(conv) and not is_mixed else None


def _pool_first(convs: list[Op], net: LintedNetwork) -> Fix:
    summary = "put an average pool over 2x2 before a 1x1 convolution without stride"
    edits: list[Edit] = []
    for op in convs:
        if op.args["stride"] != (2, 2) or type(net.layer(op)) is not nn.Conv2d:
            return suggestion(summary)
        conv = f"nn.Conv2d({{in_channels}}, {{out_channels}}, 1{'' if op.has_bias else ', bias=False'})"
        edits.append(Replace(path=op.path, code=f"nn.Sequential({_POOL}, {conv})"))
    return training_fix(summary, *edits)


RULE = StridedPointwiseShortcut
