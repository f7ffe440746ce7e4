"""Fixes that several rules offer."""

from ..graph import Op
from .edits import Edit, Replace, RewriteCall, SetArguments
from .finding import Fix, Safety, suggestion
from .linted_network import LintedNetwork


def without(op: Op, net: LintedNetwork, safety: Safety) -> Fix:
    """Take an op out of the network, so that what it reads goes to what reads it."""
    if net.is_alone(op):
        return Fix(
            summary="replace it by nn.Identity()", safety=safety, edits=(Replace(path=op.path, code="nn.Identity()"),)
        )
    if net.is_functional(op):
        return Fix(summary=f"drop the call of {op.kind}", safety=safety, edits=(RewriteCall(op=op, code="{input}"),))
    return suggestion(f"drop this call of {op.kind}")


def norm_after(op: Op) -> tuple[Edit, ...]:
    """A batch norm behind a convolution, and no bias that it would cancel."""
    bias = (SetArguments(path=op.path, values={"bias": False}),) if op.has_bias else ()
    return (*bias, Replace(path=op.path, code="nn.Sequential({old}, nn.BatchNorm2d({out_channels}))"))
