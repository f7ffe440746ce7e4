"""CW702."""

from collections.abc import Iterator

from ....graph import Op
from ....units import size
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...rule import Example, OpRule


class UnevenAdaptivePool(OpRule):
    """An adaptive pool cuts a map into windows of unlike size, because its output does not divide its input.

    Why: windows overlap and count some positions twice, and the pool is no fixed window any more: exporters that need
    one refuse it, ONNX among them.

    Source: documentation of torch.nn.AdaptiveAvgPool2d; torch.onnx's exporter to opset 9 refuses "output size that are
    not factor of input size" (read in the source of torch 2.15).

    Fix: an output size that divides, or an image size at which the map is a multiple of it.
    """

    code, severity, kinds = "CW702", Severity.ADVICE, ("adaptive_avg_pool2d", "adaptive_max_pool2d")
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(3),
        )
        """
    )
    good = bad.with_changes({"nn.AdaptiveAvgPool2d(3)": "nn.AdaptiveAvgPool2d(4)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """An axis that is shortened, and not by a whole factor."""
        del net
        rows = list(zip(op.input.shape[2:], op.output.shape[2:], strict=True))
        if not all(new <= old for old, new in rows) or all(old % new == 0 for old, new in rows):
            return
        fitting = tuple(max(n for n in range(1, new + 1) if old % n == 0) for old, new in rows)
        larger = tuple(-(-old // new) * new for old, new in rows)
        yield self.finding(
            op,
            f"pools {size(op.input.shape[2:])} to {size(op.output.shape[2:])}, which does not divide it: its windows "
            "overlap and differ in size",
            fix=suggestion(f"pool to {size(fitting)}, or give images that make the map {size(larger)}"),
        )


RULE = UnevenAdaptivePool
