"""CW502."""

from collections.abc import Iterator

from torch import nn

from ....graph import Op
from ....units import count, percent
from ...blocks import conv_of, sides
from ...edits import SetArguments
from ...finding import Finding, Fix, Gain, Severity, training_fix
from ...linted_network import LintedNetwork
from ...patterns import AVERAGE_POOLS, is_dense_conv, is_depthwise, is_pointwise, is_strided
from ...rule import Example, Rule


class StrideInTheFirstPointwise(Rule):
    """A bottleneck block takes its stride in the 1x1 convolution before the 3x3, not in the 3x3.

    Why: a 1x1 window with a stride of two reads one position of four; the rest of the map goes into no weight of the
    branch. With the stride in the 3x3 convolution every position is read.

    Source: documentation of torchvision.models.resnet50: with the stride in the 3x3 convolution the accuracy is higher
    (known as ResNet V1.5); He et al. 2019, "Bag of tricks for image classification", section 4.1 (ResNet-B).

    Fix: moves the stride; weights keep their shapes, what they compute does not.
    """

    code, severity = "CW502", Severity.WARNING
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
                self.reduce = nn.Conv2d(32, 16, 1, stride=2, bias=False)
                self.norm1 = nn.BatchNorm2d(16)
                self.conv = nn.Conv2d(16, 16, 3, stride=1, padding=1, bias=False)
                self.norm2 = nn.BatchNorm2d(16)
                self.expand = nn.Sequential(nn.Conv2d(16, 64, 1, bias=False), nn.BatchNorm2d(64))
                pool = nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)
                self.shortcut = nn.Sequential(pool, nn.Conv2d(32, 64, 1, bias=False), nn.BatchNorm2d(64))

            def forward(self, x):
                x = self.stem(x)
                y = F.relu(self.norm1(self.reduce(x)))
                y = F.relu(self.norm2(self.conv(y)))
                return F.relu(self.expand(y) + self.shortcut(x))
        """
    )
    good = bad.with_changes(
        {
            "nn.Conv2d(32, 16, 1, stride=2": "nn.Conv2d(32, 16, 1, stride=1",
            "nn.Conv2d(16, 16, 3, stride=1": "nn.Conv2d(16, 16, 3, stride=2",
        }
    )

    def check(self, net: LintedNetwork) -> Iterator[Finding]:
        """Residual branches of 1x1/2, 3x3/1 and 1x1/1."""
        costs = net.analysis.macs.per_op
        for add in net.residual_adds:
            expand = conv_of(sides(add, net)[0], net)
            window = conv_of(expand.input, net) if expand is not None else None
            reduce = conv_of(window.input, net) if window is not None else None
            if expand is None or window is None or reduce is None or not _is_bottleneck(reduce, window, expand, net):
                continue
            stride = reduce.args["stride"]
            cost = costs[reduce.index]
            more = (cost.macs if cost else 0) * (stride[0] * stride[1] - 1) // net.batch_size
            yield self.finding(
                reduce,
                f"has a 1x1 window and a stride of {max(stride)}: {percent(1 - 1 / (stride[0] * stride[1]))} of the "
                f"positions of its input reach no weight of the branch; in `{window.path}` the stride would read them "
                f"all, for {count(more, 'MACs')} more",
                gain=Gain(macs=-more),
                fix=_move(reduce, window, net),
            )


def _is_bottleneck(reduce: Op, window: Op, expand: Op, net: LintedNetwork) -> bool:
    before = net.producer(reduce.input)
    if before is None or before.kind in AVERAGE_POOLS or is_depthwise(before):
        return False  # what is skipped was mixed in before
    if not is_pointwise(reduce) or not is_pointwise(expand) or is_pointwise(window) or not is_dense_conv(reduce):
        return False
    return is_strided(reduce) and not is_strided(window) and not is_strided(expand)


def _move(reduce: Op, window: Op, net: LintedNetwork) -> Fix:
    stride = reduce.args["stride"]
    summary = f"set stride=1 here and stride={max(stride)} in {window.path}"
    return training_fix(
        summary,
        SetArguments(path=reduce.path, values={"stride": 1}),
        SetArguments(path=window.path, values={"stride": stride[0]}),
        possible=stride[0] == stride[1] and all(type(net.layer(op)) is nn.Conv2d for op in (reduce, window)),
    )


RULE = StrideInTheFirstPointwise
