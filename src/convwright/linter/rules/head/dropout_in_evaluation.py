"""CW607."""

from collections.abc import Iterator

from ....graph import Op
from ....units import count, percent
from ...finding import Finding, Severity, suggestion
from ...linted_network import LintedNetwork
from ...patterns import DROPOUTS
from ...rule import Example, OpRule


class DropoutInEvaluation(OpRule):
    """A dropout function drops in evaluation too.

    Why: `F.dropout(x)` does not know the mode of the module it is called in: `training` is True unless given. The
    network then gives another answer at each call, and a worse one. Where the noise is wanted (Monte Carlo dropout),
    ignore this rule on that line.

    Source: documentation of `torch.nn.functional.dropout` (`training`: default True).
    """

    code, severity, kinds = "CW607", Severity.WARNING, DROPOUTS
    bad = Example(
        source="""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc1, self.fc2 = nn.Linear(64, 32), nn.Linear(32, 10)

            def forward(self, x):
                x = F.dropout(F.relu(self.fc1(x)), 0.5)
                return self.fc2(x)
        """,
        inputs=(2, 64),
    )
    good = bad.with_changes({"0.5)": "0.5, training=self.training)"})

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A dropout that is on although every module is in eval mode."""
        if op.args.get("training") is True and op.args["p"] > 0:
            yield self.finding(
                op,
                f"calls {op.kind} so that it drops {percent(op.args['p'])} of "
                f"{count(op.input.numel // net.batch_size)} values an image in evaluation too",
                fix=suggestion("pass training=self.training"),
            )


RULE = DropoutInEvaluation
