"""CW104."""

from collections.abc import Iterator
from math import prod

from ....graph import Op, Tensor
from ...edits import RewriteCall
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...rule import Example, OpRule


class BatchMixingReshape(OpRule):
    """A reshape in front of the head turns a batch into another number of rows.

    Why: `x.view(-1, 400)` takes the features from its second number and lets the batch be whatever is left. When one
    image holds 800 values it becomes two rows, each with half of it; with another image size rows hold parts of
    different images. Nothing stops until the loss compares rows with labels, if then.

    Source: documentation of torch.Tensor.view (-1 is inferred from the other sizes) and torch.flatten (start_dim=0
    flattens the batch too). Window arithmetic tells how many values one image holds.

    Fix: `flatten(1)` keeps the batch, offered where the linear layer behind takes that many features.
    """

    code, severity, kinds = "CW104", Severity.ERROR, ("view", "reshape", "flatten", "squeeze")
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False)
                self.norm = nn.BatchNorm2d(16)
                self.head = nn.Linear(32, 10)

            def forward(self, x):
                x = F.adaptive_avg_pool2d(torch.relu(self.norm(self.conv(x))), 2)
                return self.head(x.view(-1, 32))
        """
    )
    good = bad.with_changes({"nn.Linear(32, 10)": "nn.Linear(64, 10)", "x.view(-1, 32)": "x.flatten(1)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A map that becomes a table with other rows than the batch has, and stays one up to the output."""
        before, after = op.input, op.output
        batch = net.batch_size
        if before.ndim < 3 or after.ndim > 2 or before.shape[0] != batch or after.shape[:-1] == (batch,):
            return
        if _keeps_features(before, after, net) or not _ends_so(op, net):
            return
        rows, features = after.shape[0], prod(before.shape[1:])
        reader = net.reader(op)
        takes = reader.args["weight"].shape[1] if reader is not None and reader.kind == "linear" else None
        if takes == features and op.module_type != "Flatten":
            fix = training_fix("keep the batch: flatten(1)", RewriteCall(op=op, code="{input}.flatten(1)"))
        else:
            fix = suggestion(f"flatten each image, x.flatten(1), and set in_features={features} behind it")
        table = f"{rows} of {after.shape[-1]}" if after.ndim > 1 else f"{after.shape[-1]} without a batch axis"
        yield self.finding(
            op,
            f"reshapes {batch} x {features} values to {table}: rows are not images any more",
            fix=fix,
        )


def _keeps_features(before: Tensor, after: Tensor, net: LintedNetwork) -> bool:
    """Return True if every row is one position with all its features, as in a classifier of pixels or frames."""
    if after.ndim < 2 or after.shape[-1] != before.shape[-1]:
        return False
    fields = net.analysis.fields
    seen = fields.clipped(before) if fields.of(before) is not None else ()
    return all(first.shape[-1] == 1 for first, _ in seen)  # the pixels do not vary along the last axis


def _ends_so(op: Op, net: LintedNetwork) -> bool:
    """Return True if the only output has these rows, not the batch's, and comes from a linear layer after `op`."""
    outputs = list(net.graph.outputs.values())
    if len(outputs) != 1 or outputs[0].ndim > 2 or outputs[0].shape[:-1] != op.output.shape[:-1]:
        return False
    last = net.graph.producer(outputs[0])
    between = [linear for linear in net.ops_of("linear") if net.precedes(op, linear)]
    return any(linear is last or (last is not None and net.precedes(linear, last)) for linear in between)


RULE = BatchMixingReshape
