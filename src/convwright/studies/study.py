"""A study: its question, the arms that answer it, the recipe that they share, and budgets."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from torch import nn

from ..data import ImageData
from ..errors import ConvwrightError, require_at_least, require_choice
from ..networks import NetworkName, open_network, seeded
from ..training import Recipe

COSTS = ("parameters", "macs", "activation_bytes", "receptive_field_px")
TEST_ACCURACY = "test_accuracy"

Expectation = Literal["better", "worse", "same"]
EXPECTATIONS: tuple[str, ...] = get_args(Expectation)

_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")  # they become names of folders


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One condition of a study.

    Attributes
    ----------
    name : str
        In lower case, words joined by dashes.
    claim : str
        Description of the arm, or a claim about it, in one line.
    model : str or callable
        A model of the zoo; or a function of a module that takes what `build` takes: num_classes, in_channels and seed,
        and `options`. With weights from `convwright.models.initialize` it is paired with the other arms.
    options : mapping
        For the model: fields of the family's config, or arguments of the function.
    changes : tuple of str
        What this arm's recipe has of its own, as `optimizer.lr=0.2`.
    against : str or None
        The arm that it is compared with and held equal to; the study's baseline when None.
    unequal : tuple of str
        Costs in which this arm is meant to differ from that one, whatever `hold_equal` says.
    expected : {"better", "worse", "same"} or None
        What the study's source says of this arm against that one; None where it says nothing.
    """

    name: str
    claim: str
    model: str | Callable[..., nn.Module]
    options: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    against: str | None = None
    unequal: tuple[str, ...] = ()
    expected: Expectation | None = None

    def __post_init__(self) -> None:
        _check_name("arm", self.name)
        for cost in self.unequal:
            require_choice("cost", cost, COSTS)
        if self.expected is not None:
            require_choice(f"expectation of arm {self.name}", self.expected, EXPECTATIONS)

    def build(self, *, num_classes: int, in_channels: int, seed: int) -> nn.Module:
        """Return the network with its first weights, which follow from the seed; torch's generator is left as it was.

        Where two arms have a layer of the same name and shape, it starts with the same weights.

        Raises
        ------
        ConvwrightError
            When it does not build, with the reason.
        """
        try:
            if isinstance(self.model, str):
                name = NetworkName(text=self.model, arguments=self.options)
                return open_network(name, seed=seed, num_classes=num_classes, in_channels=in_channels).module
            with seeded(seed):
                return self.model(num_classes=num_classes, in_channels=in_channels, seed=seed, **self.options)
        except Exception as error:
            raise ConvwrightError(f"arm {self.name!r} does not build: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Measure:
    """Something to know of a trained network besides its test accuracy.

    Attributes
    ----------
    name : str
        In snake_case, as `train_accuracy`.
    what : str
        In words, for the reader of a report.
    function : callable
        Takes the model, in eval mode, and the data; called without gradients.
    before : bool
        Measured on the first weights too, as `name_before`.
    less_is_better : bool
        True if a lower value is better, as of an error.
    is_share : bool
        True if its values are shares of 1, or differences of shares: printed in percent.
    """

    name: str
    what: str
    function: Callable[[nn.Module, ImageData], float]
    before: bool = False
    less_is_better: bool = False
    is_share: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its values."""
        return (f"{self.name}_before", self.name) if self.before else (self.name,)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Amount to spend on a study.

    Attributes
    ----------
    time : str
        Expected time, as "20 minutes on 2 cores".
    data : str or callable
        Argument of `load_data`; or a function that makes an `ImageData`, always the same.
    seeds : int
        Runs of every arm.
    changes : tuple of str
        Changes of the study's recipe, as `epochs=10`.
    most_images : int or None
        Images of each split, drawn from all classes alike; None for all.
    """

    time: str
    data: str | Callable[[], ImageData] = "cifar10-mini"
    seeds: int = 3
    changes: tuple[str, ...] = ()
    most_images: int | None = None

    def __post_init__(self) -> None:
        require_at_least("seeds", self.seeds, 1)
        if self.most_images is not None:
            require_at_least("most_images", self.most_images, 1)

    @property
    def data_name(self) -> str:
        """Name or path of the data, or the name of the function that makes them."""
        return self.data if isinstance(self.data, str) else str(getattr(self.data, "__name__", self.data))


SMOKE = Budget(time="seconds", seeds=1, changes=("steps=2", "batch_size=10"), most_images=20)
"""Enough to see that every part of a study runs; what it measures means nothing."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """A question to be answered by training.

    Attributes
    ----------
    name : str
        In lower case, words joined by dashes; in the library, the file's name.
    question, expectation, source : str
        The question, the expected answer, and who expects it.
    arms : tuple of Arm
        Arms to compare.
    baseline : str
        The arm that the others are compared with, unless they name another.
    recipe : Recipe
        How all arms are trained. It names a precision: what is fastest could differ from arm to arm.
    budgets : mapping of str to Budget
        By name; those of the library are smoke, quick and full.
    measures : tuple of Measure
        Measures besides the test accuracy.
    metric : str
        The value that answers the question.
    hold_equal : mapping of str to float
        Costs in which no arm may differ by more than this share from the one that it is compared with: proved before
        anything trains.

    Raises
    ------
    ConvwrightError
        For a part that cannot be as it is, by name.

    Examples
    --------
    >>> pools = ("max", "average")
    >>> study = Study(
    ...     name="two-pools", question="Does the pool matter?", expectation="Hardly.", source="nobody",
    ...     arms=tuple(
    ...         Arm(name=pool, claim=f"{pool} pooling", model="downsample_stack_max", options={"downsample": pool})
    ...         for pool in pools
    ...     ),
    ...     baseline="max", recipe=Recipe(epochs=1, precision="fp32"), budgets={"smoke": SMOKE},
    ...     hold_equal={"macs": 0.05},
    ... )
    >>> study.recipe_of(study.arm("average"), SMOKE, overrides=["optimizer.lr=0.2"], seed=7).optimizer.lr
    0.2
    """

    name: str
    question: str
    expectation: str
    source: str
    arms: tuple[Arm, ...]
    baseline: str
    recipe: Recipe
    budgets: Mapping[str, Budget]
    measures: tuple[Measure, ...] = ()
    metric: str = TEST_ACCURACY
    hold_equal: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_name("study", self.name)
        _check_unique("arm", [arm.name for arm in self.arms])
        _check_unique("measure", [TEST_ACCURACY, *(name for each in self.measures for name in each.names)])
        require_choice("arm", self.baseline, self.arm_names)
        require_choice("metric", self.metric, self.value_names)
        baseline = self.arm(self.baseline)
        if baseline.expected or baseline.against:
            raise ConvwrightError(f"baseline {self.baseline!r}", expected="no expectation: the others are held to it")
        for arm in self.arms:
            if arm.against:
                require_choice(f"arm against which {arm.name} is set", arm.against, set(self.arm_names) - {arm.name})
        for cost, tolerance in self.hold_equal.items():
            require_choice("cost", cost, COSTS)
            require_at_least(f"hold_equal of {cost}", tolerance, 0)
        if not self.budgets:
            raise ConvwrightError(f"study {self.name!r}", expected="at least one budget", got="none")
        for budget in self.budgets.values():
            for arm in self.arms:
                self.recipe_of(arm, budget)

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of all arms, in their order."""
        return tuple(arm.name for arm in self.arms)

    @property
    def value_names(self) -> tuple[str, ...]:
        """Names of all values that a finished run has."""
        return (TEST_ACCURACY, *(name for each in self.measures for name in each.names))

    def arm(self, name: str) -> Arm:
        """Return the arm called `name`."""
        require_choice(f"arm of {self.name}", name, self.arm_names)
        return next(arm for arm in self.arms if arm.name == name)

    def compared_with(self, arm: Arm) -> Arm | None:
        """Return the arm that `arm` is compared with; None for the baseline."""
        return None if arm.name == self.baseline else self.arm(arm.against or self.baseline)

    def budget(self, name: str) -> Budget:
        """Return the budget called `name`."""
        require_choice(f"budget of {self.name}", name, self.budgets)
        return self.budgets[name]

    def recipe_of(self, arm: Arm, budget: Budget, *, overrides: Iterable[str] = (), seed: int = 0) -> Recipe:
        """Return how one run is trained: the recipe, changed by the budget, by `overrides`, and last by the arm."""
        changes = (*budget.changes, *overrides, *arm.changes)
        recipe = replace(self.recipe.with_overrides(changes), seed=seed)
        if recipe.precision == "auto":
            hint = "--set precision=bf16, say: what is fastest could differ from arm to arm"
            raise ConvwrightError(f"precision of study {self.name!r}", expected="fp32, bf16 or fp16", hint=hint)
        return recipe


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConvwrightError(f"{kind} {name!r}", expected="lower case, words joined by dashes")


def _check_unique(kind: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConvwrightError(f"{kind} {twice[0]!r}", expected="each name once", got="it twice")
