"""What every arm costs, by the analyzer; and the proof that what is to be equal is equal, before anything trains."""

from dataclasses import asdict, dataclass
from typing import Any

from torch import nn

from .. import units
from ..analysis.analyze import analyze
from ..errors import ConvwrightError
from ..graph.modes import in_mode
from .study import Arm, Study


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a network costs on one image of the data.

    Attributes
    ----------
    parameters, macs : int
        Multiply-accumulates of the ops that could be counted.
    activation_bytes : int
        What training keeps of one image for the backward pass.
    receptive_field_px : int
        At the last map, the longer side.
    uncounted : tuple of str
        Kinds of ops that no rule counts.
    """

    parameters: int
    macs: int
    activation_bytes: int
    receptive_field_px: int
    uncounted: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "uncounted": list(self.uncounted)}


def costs_of(arm: Arm, model: nn.Module, image_shape: tuple[int, int, int]) -> Costs:
    """The costs of an arm's network, which is left in the mode it was in.

    Raises
    ------
    ConvwrightError
        When it does not run on such images.
    """
    try:
        with in_mode(model, training=False):
            found = analyze(model, (1, *image_shape))
    except Exception as error:
        raise ConvwrightError(f"arm {arm.name!r} does not run on {units.size(image_shape)}: {error}") from error
    return Costs(
        parameters=found.totals.parameters,
        macs=found.totals.macs,
        activation_bytes=found.totals.activation_bytes,
        receptive_field_px=max(found.totals.receptive_field_px, default=0),
        uncounted=tuple(sorted({row.kind for row in found.macs.uncounted})),
    )


def require_equal(study: Study, costs: dict[str, Costs]) -> None:
    """Raise `ConvwrightError` unless all arms with `costs` cost what `hold_equal` says."""
    for cost, tolerance in study.hold_equal.items():
        for name, of_arm in costs.items():
            other = study.compared_with(name) or name
            if cost in study.arm(name).unequal:
                continue
            base = getattr(costs[other], cost)
            low, high = base * (1 - tolerance), base * (1 + tolerance)
            if cost == "macs" and of_arm.uncounted:
                problem = f"equal macs of arm {name!r} cannot be proved: nothing counts {', '.join(of_arm.uncounted)}"
                raise ConvwrightError(problem, hint="use counted ops, or say unequal=('macs',) and why")
            got = getattr(of_arm, cost)
            if not low <= got <= high:
                raise ConvwrightError(
                    f"{cost} of arm {name!r}",
                    expected=f"{low:,.0f} to {high:,.0f}, within {tolerance:.0%} of {other!r} ({base:,})",
                    got=f"{got:,}",
                    hint=f"change its width, or say unequal=({cost!r},) if that is the point of the arm",
                )
