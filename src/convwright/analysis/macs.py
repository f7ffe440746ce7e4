"""Multiply-accumulates and floating-point operations, op by op, as integers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from convwright.graph import Graph, Op

from .flop_rules import FLOP_RULES
from .mac_rules import MAC_RULES
from .op_cost import CostRule, OpCost
from .spectral_rules import SPECTRAL_RULES

CONVENTION = (
    "1 multiply-accumulate = 1 MAC = 2 FLOPs; biases, norms, activations, pooling, interpolation and element-wise ops "
    "count FLOPs only"
)
COMPLEX_CONVENTION = "A product of two complex numbers is 4 MACs"
_REAL_PRODUCTS = 4

RULES: Mapping[str, CostRule] = {**FLOP_RULES, **SPECTRAL_RULES, **MAC_RULES}


@dataclass(frozen=True, kw_only=True)
class Uncounted:
    """An op whose cost is not known, with what tells how much it may matter."""

    index: int
    kind: str
    path: str
    output_shape: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The op as plain values."""
        return asdict(self) | {"output_shape": list(self.output_shape)}


@dataclass(frozen=True, kw_only=True)
class Macs:
    """Cost of what a network computes in the traced call, its whole batch included.

    Attributes
    ----------
    per_op : tuple of OpCost or None
        MACs and FLOPs of each op of the graph; None where no rule knows the op.
    macs, flops : int
        Their sums. Divide by the batch size for one input.
    uncounted : tuple of Uncounted
        The ops that the sums leave out.
    """

    per_op: tuple[OpCost | None, ...]
    macs: int
    flops: int
    uncounted: tuple[Uncounted, ...]

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain values."""
        return {
            "convention": CONVENTION,
            "macs": self.macs,
            "flops": self.flops,
            "per_op": [None if cost is None else cost._asdict() for cost in self.per_op],
            "uncounted": [row.to_dict() for row in self.uncounted],
        }


def count_macs(graph: Graph) -> Macs:
    """Count what each op of a traced network computes; `CONVENTION` says how.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> facts = count_macs(trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 10, 10)))
    >>> facts.per_op  # 8 * 8 * 8 outputs of 27 products and a bias, then compared with 0
    (OpCost(macs=13824, flops=28160), OpCost(macs=0, flops=512))
    >>> facts.macs, facts.flops, facts.uncounted
    (13824, 28672, ())
    """
    costs = tuple(_cost(op) for op in graph.ops)
    known = [cost for cost in costs if cost is not None]
    return Macs(
        per_op=costs,
        macs=sum(cost.macs for cost in known),
        flops=sum(cost.flops for cost in known),
        uncounted=tuple(
            Uncounted(index=op.index, kind=op.kind, path=op.path, output_shape=op.output.shape)
            for op, cost in zip(graph.ops, costs, strict=True)
            if cost is None
        ),
    )


def _cost(op: Op) -> OpCost | None:
    rule = RULES.get(op.kind)
    if rule is None:
        return None
    try:
        cost = rule(op)
    except (LookupError, AttributeError, TypeError, ValueError):
        # Somebody's own operator under the name of one of torch's, with other arguments.
        return None
    if cost.macs and op.output.dtype.is_complex:
        return OpCost(_REAL_PRODUCTS * cost.macs, _REAL_PRODUCTS * cost.flops)
    return cost
