"""Summary of a comparison of strategies, read back from the plain values of its result: what reports show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..networks import NetworkName
from ..statistics import Estimate
from ..training import LayerGroupRow, Recipe
from .comparison import Recommendation, StrategyDifference, StrategyRow
from .strategy_inputs import Tuning


@dataclass(frozen=True, kw_only=True)
class OutcomeSummary:
    """One run of a comparison, without weights and single predictions.

    Attributes
    ----------
    strategy, seed, share, num_images, choices, layer_groups
        See `Outcome` and `StrategyResult`.
    test_accuracy : float
        Share of the test images that it is right on.
    test_confusion : tuple of tuple of int
        Number of test images by their class, then by the predicted class; empty where it was not kept.
    """

    strategy: str
    seed: int
    share: float
    num_images: int
    choices: Mapping[str, Any]
    layer_groups: tuple[LayerGroupRow, ...]
    test_accuracy: float
    test_confusion: tuple[tuple[int, ...], ...]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "OutcomeSummary":
        """Read what `Outcome.to_dict` gave; earlier versions call layer groups parts."""
        rows = values.get("layer_groups", values.get("parts", ()))
        return cls(
            strategy=values["strategy"],
            seed=values["seed"],
            share=values["share"],
            num_images=values["num_images"],
            choices=values["choices"],
            layer_groups=tuple(LayerGroupRow(**_without_lists(row)) for row in rows),
            test_accuracy=values["test"]["accuracy"],
            test_confusion=_without_lists(values["test"].get("confusion", ())),
        )


@dataclass(frozen=True, kw_only=True)
class TransferSummary:
    """All runs of a comparison of strategies, without weights and pixels.

    Attributes
    ----------
    name : NetworkName
        Network and weights that all but the control began with.
    data : mapping of str to plain values
        What `ImageData.to_dict` gives, and the name or path in "source".
    tuning, titles, environment, notes, seconds
        See `TransferResult`.
    rows : tuple of StrategyRow
        A row for each strategy and share, over all seeds.
    recommendation : Recommendation or None
        Which strategy to ship; None where none is a network.
    outcomes : tuple of OutcomeSummary
        A run each.
    """

    name: NetworkName
    data: Mapping[str, Any]
    tuning: Tuning
    titles: Mapping[str, str]
    rows: tuple[StrategyRow, ...]
    recommendation: Recommendation | None
    outcomes: tuple[OutcomeSummary, ...]
    environment: Mapping[str, Any]
    notes: tuple[str, ...]
    seconds: float

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TransferSummary":
        """Read what `TransferResult.to_dict` gave, from JSON or not."""
        tuning, backbone = values["tuning"], values["backbone"]
        recipe = Recipe.from_dict(tuning["recipe"])
        return cls(
            name=NetworkName(
                text=backbone["model"],
                arguments=backbone["arguments"],
                weights=backbone["weights"],
                run_all=backbone.get("run_all", False),  # unknown to earlier versions
            ),
            data=values["data"],
            tuning=Tuning(**{**tuning, "recipe": recipe, "freeze": tuple(tuning["freeze"])}),
            titles=values["titles"],
            rows=tuple(map(_row, values["rows"])),
            recommendation=_recommendation(values["recommendation"]) if values["recommendation"] else None,
            outcomes=tuple(map(OutcomeSummary.from_dict, values["outcomes"])),
            environment=values["environment"],
            notes=tuple(values["notes"]),
            seconds=values["seconds"],
        )

    @property
    def whole_rows(self) -> tuple[StrategyRow, ...]:
        """The rows of the strategies that learned from all images."""
        return tuple(row for row in self.rows if row.share == 1)

    @property
    def num_seeds(self) -> int:
        """Number of seeds."""
        return len({each.seed for each in self.outcomes})

    @property
    def shipped(self) -> OutcomeSummary | None:
        """Run of the recommended strategy with the first seed, on all images; None where none is recommended."""
        found = self.recommendation
        return next((each for each in self.outcomes if found and each.strategy == found.strategy), None)


def _row(values: Mapping[str, Any]) -> StrategyRow:
    fields = _without_lists(values)
    return StrategyRow(**{**fields, "test_accuracy": Estimate(**fields["test_accuracy"])})


def _recommendation(values: Mapping[str, Any]) -> Recommendation:
    fields = _without_lists(values)
    return Recommendation(
        **{**fields, "differences": tuple(StrategyDifference(**each) for each in fields["differences"])}
    )


def _without_lists(value: Any) -> Any:
    """Return the value with tuples for the lists that JSON makes of them."""
    if isinstance(value, Mapping):
        return {name: _without_lists(each) for name, each in value.items()}
    return tuple(map(_without_lists, value)) if isinstance(value, list | tuple) else value
