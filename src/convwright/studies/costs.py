"""Costs of every arm, by the analyzer; and the proof, before anything trains, that equal costs are equal."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from torch import nn

from .. import units
from ..analysis.analyze import analyze
from ..data import ImageData
from ..errors import ConvwrightError
from ..graph.fingerprint import model_fingerprint
from ..graph.modes import in_mode
from .study import Arm, Study


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Costs of a network on one image of the data.

    Attributes
    ----------
    parameters, macs : int
        Multiply-accumulates of the ops that could be counted.
    activation_bytes : int
        Activations of one image that training keeps for the backward pass.
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
        """Return plain values."""
        return {**asdict(self), "uncounted": list(self.uncounted)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """Return the costs that `to_dict` made plain."""
        return cls(**{**plain, "uncounted": tuple(plain["uncounted"])})


@dataclass(frozen=True, kw_only=True)
class PlannedArm(Arm):
    """An arm that builds, with its costs; `against` is None for the baseline alone.

    Attributes
    ----------
    costs : Costs
        On one image of the plan's data.
    model_fingerprint : str
        Changes with what its network computes, not with its first weights.
    """

    costs: Costs
    model_fingerprint: str


def planned_arm(study: Study, arm: Arm, data: ImageData) -> PlannedArm:
    """Build an arm's network for `data` and analyze it.

    Raises
    ------
    ConvwrightError
        When it does not build, or does not run on such images.
    """
    model = arm.build(num_classes=data.num_classes, in_channels=data.image_shape[0], seed=0)
    other = study.compared_with(arm)
    return PlannedArm(
        **{**vars(arm), "against": other.name if other else None},
        costs=arm_costs(arm, model, data.image_shape),
        model_fingerprint=model_fingerprint(model, data.image_shape),
    )


def arm_costs(arm: Arm, model: nn.Module, image_shape: tuple[int, int, int]) -> Costs:
    """Analyze an arm's network, which is left in the mode it was in.

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


def require_equal_costs(study: Study, arms: tuple[PlannedArm, ...]) -> None:
    """Raise `ConvwrightError` unless all of `arms` cost what the study's `hold_equal` says."""
    costs = {arm.name: arm.costs for arm in arms}
    for cost, tolerance in study.hold_equal.items():
        for arm in arms:
            if cost in arm.unequal:
                continue
            if cost == "macs" and arm.costs.uncounted:
                uncounted = ", ".join(arm.costs.uncounted)
                problem = f"equal macs of arm {arm.name!r} cannot be proved: nothing counts {uncounted}"
                raise ConvwrightError(problem, hint="use counted ops, or say unequal=('macs',) and why")
            other = arm.against or arm.name
            got, base = getattr(arm.costs, cost), getattr(costs[other], cost)
            low, high = base * (1 - tolerance), base * (1 + tolerance)
            if not low <= got <= high:
                raise ConvwrightError(
                    f"{cost} of arm {arm.name!r}",
                    expected=f"{low:,.0f} to {high:,.0f}, within {tolerance:.0%} of {other!r} ({base:,})",
                    got=f"{got:,}",
                    hint=f"change its width, or say unequal=({cost!r},) if that is the point of the arm",
                )
