"""CW605."""

from collections.abc import Iterator

from ....graph import Op
from ....units import count, percent
from ...edits import SetArguments
from ...finding import Finding, Severity, suggestion, training_fix
from ...linted_network import LintedNetwork
from ...patterns import DROPOUTS
from ...rule import Example, OpRule

_MAX = 0.5


class HighDropout(OpRule):
    """Dropout drops more than half.

    Why: the noise it adds is largest for what is kept rarely, and features that need each other seldom meet. Beyond
    one half a smaller layer is the better way to have less capacity.

    Source: Srivastava et al. 2014, "Dropout", appendix A.4 (hidden units are typically kept with probability 0.5 to
    0.8).
    """

    code, severity, kinds = "CW605", Severity.ADVICE, DROPOUTS
    bad = Example(source="nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.8))", inputs=(2, 64))
    good = Example(source="nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.5))", inputs=(2, 64))

    def check_op(self, op: Op, net: LintedNetwork) -> Iterator[Finding]:
        """A dropout probability above one half."""
        if op.args["p"] <= _MAX:
            return
        yield self.finding(
            op,
            f"drops {percent(op.args['p'])} of {count(op.input.numel // net.batch_size)} values an image",
            fix=training_fix("set p=0.5", SetArguments(path=op.path, values={"p": _MAX}))
            if net.is_alone(op)
            else suggestion("drop one half at most"),
        )


RULE = HighDropout
