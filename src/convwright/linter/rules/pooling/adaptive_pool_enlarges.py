"""CW701."""

from collections.abc import Iterator
from math import prod

from torch import nn

from ....graph import Op
from ....units import count, size
from ...edits import SetArguments
from ...finding import Finding, Fix, Gain, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, OpRule


class AdaptivePoolEnlarges(OpRule):
    """An adaptive pool makes a map larger than the one it gets.

    Why: its windows then overlap until they repeat positions, so the output holds no more than the input did. It comes
    from a head that was made for larger images, and a linear layer behind it pays for every copy with its own weights.

    Source: Window arithmetic, from the windows in the documentation of torch.nn.AdaptiveAvgPool2d; reported as a
    surprise in pytorch/pytorch issue 80732.

    Fix: the pool keeps the size that arrives, and the linear layer takes as many features.
    """

    code, severity, kinds = "CW701", Severity.WARNING, ("adaptive_avg_pool2d", "adaptive_max_pool2d")
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(3),
            nn.Flatten(),
            nn.Linear(32 * 3 * 3, 10),
        )
        """,
        inputs=(2, 3, 8, 8),
    )
    good = bad.with_changes({"Pool2d(3)": "Pool2d(2)", "32 * 3 * 3": "32 * 2 * 2"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """An axis that is longer behind the pool than in front."""
        before, after = op.input.shape[2:], op.output.shape[2:]
        if all(new <= old for new, old in zip(after, before, strict=True)):
            return
        kept = tuple(min(new, old) for new, old in zip(after, before, strict=True))
        linear = _linear(op, net)
        message, gain = f"makes {size(after)} positions of {size(before)}, by repeating them", Gain()
        if linear is not None:
            spared = op.output.shape[1] * (prod(after) - prod(kept)) * linear.output.shape[-1]
            gain = Gain(parameters=spared, macs=spared)
            message += f": {count(spared)} weights of `{linear.path}` read copies"
        yield self.finding(op, message, gain=gain, fix=_fix(op, linear, kept, net))


def _linear(op: Op, net: LintedNetwork) -> Op | None:
    """The linear layer that alone reads the pool's output, flattened."""
    flat = net.reader(op)
    reader = net.reader(flat) if flat is not None and flat.kind in ("flatten", "view", "reshape") else None
    return reader if reader is not None and reader.kind == "linear" else None


def _fix(op: Op, linear: Op | None, kept: tuple[int, ...], net: LintedNetwork) -> Fix:
    value = kept[0] if len(set(kept)) == 1 else kept
    if linear is None:
        return suggestion(f"set output_size={value}, or 1, and what follows accordingly")
    features = op.output.shape[1] * prod(kept)
    words = f"set output_size={value} and in_features={features} in `{linear.path}`"
    fits = linear.input.shape[1:] == (op.output.shape[1] * prod(op.output.shape[2:]),)
    return training_fix(
        words,
        SetArguments(path=op.path, values={"output_size": value}),
        SetArguments(path=linear.path, values={"in_features": features}),
        possible=fits and net.layer(op) is not None and isinstance(net.layer(linear), nn.Linear),
    )


RULE = AdaptivePoolEnlarges
