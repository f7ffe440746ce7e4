"""Result of a transfer: every outcome, the comparison, and the network to ship."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from torch import nn

from ..data.sets import ImageData
from ..errors import ConvwrightError
from ..networks import NetworkName
from .artifact import ModelCard
from .backbone import Backbone
from .comparison import Recommendation, StrategyRow, recommend, rows_of
from .outcome import Outcome
from .strategy_inputs import Tuning


@dataclass(frozen=True, kw_only=True, eq=False)
class TransferResult:
    """All runs of a comparison of strategies.

    Attributes
    ----------
    backbone : Backbone
        Network that all strategies but the control began with.
    data : ImageData
        Images of all seeds; those of `validation` are empty where each seed drew its own.
    source : str
        Name or path of them; "" for images that came prepared.
    outcomes : tuple of Outcome
        A run each.
    titles : mapping of str to str
        Descriptions of the strategies by name.
    tuning : Tuning
        Settings of the strategies that train the network.
    environment : mapping
        Versions and machine.
    notes : tuple of str
        Notes for readers.
    seconds : float
        Wall clock of everything.
    """

    backbone: Backbone
    data: ImageData
    source: str
    outcomes: tuple[Outcome, ...]
    titles: Mapping[str, str]
    tuning: Tuning
    environment: Mapping[str, Any]
    notes: tuple[str, ...]
    seconds: float

    @cached_property
    def rows(self) -> tuple[StrategyRow, ...]:
        """A row for each strategy and share, over all seeds."""
        return rows_of(self.outcomes)

    @cached_property
    def recommendation(self) -> Recommendation | None:
        """Strategy to ship; None where none is a network."""
        return recommend(self.outcomes)

    @cached_property
    def shipped(self) -> Outcome | None:
        """First seed of the recommended strategy: what is written, and what pictures show."""
        if self.recommendation is None:
            return None
        name = self.recommendation.strategy
        return next(each for each in self.outcomes if each.strategy == name and each.share == 1)

    @property
    def model(self) -> nn.Module:
        """The network to ship, in eval mode.

        Raises
        ------
        ConvwrightError
            When no strategy made one.
        """
        if self.shipped is None or self.shipped.result.model is None:
            names = ", ".join(self.titles)
            raise ConvwrightError("the network to ship", expected="a strategy that makes one", got=names)
        return self.shipped.result.model

    @property
    def card(self) -> ModelCard | None:
        """Card of that network; None if the backbone has no name, or it is unknown how images were prepared."""
        name, preprocessing = self.backbone.name, self.data.preprocessing
        if name is None or preprocessing is None:
            return None
        from_scratch = self.recommendation is not None and self.recommendation.strategy == "scratch"
        return ModelCard(
            model=name.text,
            arguments=name.arguments,
            run_all=name.run_all,
            class_names=self.data.class_names,
            preprocessing=preprocessing,
            weights="" if from_scratch else name.weights,
            data=self.source,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything but weights and pixels, as plain values."""
        name = self.backbone.name or NetworkName(text=type(self.backbone.model).__name__)
        recommendation = self.recommendation
        return {
            "backbone": {
                **name.to_dict(),
                "num_parameters": sum(weight.numel() for weight in self.backbone.model.parameters()),
                "num_features": self.backbone.num_features,
                "stages": {name: list(paths) for name, paths in self.backbone.stages.items()},
            },
            "data": {**self.data.to_dict(), "source": self.source},
            "tuning": {**asdict(self.tuning), "recipe": self.tuning.recipe.to_dict()},
            "titles": dict(self.titles),
            "rows": [asdict(row) for row in self.rows],
            "recommendation": recommendation.to_dict() if recommendation else None,
            "outcomes": [each.to_dict() for each in self.outcomes],
            "environment": dict(self.environment),
            "notes": list(self.notes),
            "seconds": self.seconds,
        }
