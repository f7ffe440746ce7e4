"""CW304."""

from collections.abc import Iterator

from torch import nn

from ....graph import Op
from ...edits import Edit, SetArguments, Swap
from ...finding import Finding, Fix, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import LINEAR, SILENT
from ...rule import Example, OpRule

# Through these what was dropped stays zero and what was kept stays scaled.
_PASSED = frozenset(("relu", "leaky_relu", "prelu", "cat")) | SILENT


class DropoutBeforeNorm(OpRule):
    """Dropout comes before a batch norm, with no convolution or linear layer between.

    Why: dropping values raises the variance of what is left while training. Batch norm stores that variance and divides
    by it in evaluation, when nothing is dropped: every channel then has the wrong scale.

    Source: Li et al. 2019, "Understanding the disharmony between dropout and batch normalization by variance shift",
    section 3.
    """

    code, severity, kinds = "CW304", Severity.WARNING, ("dropout", "dropout1d", "dropout2d", "dropout3d")
    bad = Example(
        source="""
        nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False),
            nn.Dropout2d(0.2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
        )
        """
    )
    good = bad.with_changes({"nn.Dropout2d(0.2),\nnn.BatchNorm2d(8),": "nn.BatchNorm2d(8),\nnn.Dropout2d(0.2),"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A dropout that a batch norm with running statistics reads, through ReLU and concatenation."""
        if not op.args["p"]:
            return
        norm = _norm_after(op, net)
        if norm is None or norm.args["running_mean"] is None or norm.args["momentum"] == 0:
            return
        if net.was_training("") and not net.was_training(norm.path):
            return  # its statistics are frozen
        yield self.finding(
            op,
            f"comes before the batch norm `{norm.path}`, {_measured(op.args['p'])}",
            fix=_swap(op, norm, net),
        )


def _measured(p: float) -> str:
    if p >= 1:
        return "which sees only zeros in training"
    return f"which measures {1 / (1 - p):.3g} times the mean square in training that it meets in evaluation"


def _norm_after(op: Op, net: LintedNetwork) -> Op | None:
    at: Op | None = op
    while at is not None:
        readers = net.readers(at)
        norm = next((reader for reader in readers if reader.kind == "batch_norm"), None)
        if norm is not None:
            return norm
        at = next((reader for reader in readers if reader.kind in _PASSED), None)
    return None


def _swap(op: Op, norm: Op, net: LintedNetwork) -> Fix:
    summary = "put the dropout behind the batch norm"
    holders = {each.path.rpartition(".")[0] for each in (op, norm)}
    # In a Sequential the place is what counts; elsewhere the modules have names, which would then be wrong.
    in_order = len(holders) == 1 and isinstance(net.module(*holders), nn.Sequential)
    if not in_order or net.graph.sole_consumer(op) is not norm or not (net.is_alone(op) and net.is_alone(norm)):
        return suggestion(summary)
    edits: list[Edit] = [Swap(path=op.path, other=norm.path)]
    before = net.graph.producer(op.input)
    if before is not None and before.kind in LINEAR and before.has_bias and net.is_alone(before):
        edits.append(SetArguments(path=before.path, values={"bias": False}))  # the norm would cancel it
    return training_fix(summary, *edits)


RULE = DropoutBeforeNorm
