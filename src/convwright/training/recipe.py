"""Recipe of a training: every choice in one frozen value, read from and written to TOML."""

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..data.augment import Augmentation
from ..errors import ConvwrightError, unknown
from ..extras import needs_extra
from ..files import read_text, write
from .fields import check_fields, check_names, choice, flag, number, numbers, text, whole

OPTIMIZERS = ("sgd", "adamw", "muon")
SCHEDULES = ("cosine", "one-cycle", "step", "linear", "constant")
PRECISIONS = ("auto", "fp32", "bf16", "fp16")


@dataclass(frozen=True, kw_only=True)
class OptimizerRecipe:
    """Optimizer of a recipe; norms and biases are never decayed.

    Attributes
    ----------
    name : {"sgd", "adamw", "muon"}
        Muon moves the filters of convolutions, SGD with the same momentum everything else.
    lr : float
        Highest learning rate; the schedule scales it.
    momentum, nesterov : float, bool
        Momentum of sgd and muon, and whether it is Nesterov's.
    betas : (float, float)
        Decay rates of adamw's two averages.
    weight_decay : float
        Added to the gradient in sgd, decoupled in adamw and muon, as their papers have it.
    other_lr : float
        Learning rate of what muon leaves to SGD: all that is not a filter.
    """

    name: str = choice("sgd", OPTIMIZERS)
    lr: float = number(0.1, above=0)
    momentum: float = number(0.9, at_least=0, below=1)
    nesterov: bool = flag(True)
    betas: tuple[float, float] = numbers((0.9, 0.999), length=2)
    weight_decay: float = number(5e-4, at_least=0)
    other_lr: float = number(0.1, above=0)

    def __post_init__(self) -> None:
        check_fields(self, "optimizer.")
        if self.name == "sgd" and self.nesterov and not self.momentum:
            raise ConvwrightError("optimizer.nesterov", expected="a momentum above 0 with it", got="momentum 0")

    @property
    def state(self) -> str:
        """Name of the optimizer of `torch.optim` that keeps as much state for every weight.

        >>> OptimizerRecipe(name="muon").state
        'sgd_momentum'
        """
        if self.name == "adamw":
            return "adamw"
        return "sgd_momentum" if self.name == "muon" or self.momentum else "sgd"


@dataclass(frozen=True, kw_only=True)
class ScheduleRecipe:
    """Learning-rate schedule; all places are fractions of the run, so that they hold at any length.

    Attributes
    ----------
    name : {"cosine", "one-cycle", "step", "linear", "constant"}
        The curve after the warm-up.
    warmup : float
        Share of the steps in which the rate rises: linearly, in one-cycle along a cosine.
    milestones, gamma : tuple of float, float
        Steps at which the rate of the schedule step is multiplied by `gamma`.
    final : float
        Factor of the rate at the end of cosine, linear and one-cycle.
    """

    name: str = choice("cosine", SCHEDULES)
    warmup: float = number(0.0, at_least=0, below=1)
    milestones: tuple[float, ...] = numbers(())
    gamma: float = number(0.1, above=0)
    final: float = number(0.0, at_least=0, most=1)

    def __post_init__(self) -> None:
        check_fields(self, "schedule.")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ConvwrightError("schedule.milestones", expected="rising fractions", got=str(list(self.milestones)))
        if self.name == "step" and not self.milestones:
            raise ConvwrightError("schedule.milestones", expected="at least one for the schedule step", got="none")
        if self.name == "one-cycle" and not self.warmup:
            raise ConvwrightError("schedule.warmup", expected="above 0 for one-cycle, such as 0.3", got="0")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings of a training, apart from the model and the data.

    Attributes
    ----------
    name : str
        Name of the preset that it is based on.
    epochs, steps : int or None
        Length of the run; exactly one of them is set.
    batch_size : int
        Images of one optimizer step, over all devices and micro-batches.
    accumulation : int
        Number of micro-batches that a batch is run as, one after the other, to need less memory.
    label_smoothing : float
        Share of the target spread over all classes (Szegedy et al. 2016, section 7).
    small_start : float
        Share of the steps, at the beginning, whose images are brought to three quarters of their size.
    ema : float
        Decay per step of the running average of weights that is evaluated; 0 for none. Early on it is
        (1 + step) / (10 + step) where that is less, so that short runs forget their first weights.
    clip_norm : float
        Largest norm of the gradient; 0 for no limit.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Auto measures which is fastest here, and decides `channels_last` too.
    channels_last, compile, sync_batchnorm : bool
        Memory format; `torch.compile`; batch statistics over all devices.
    seed : int
        Seed of everything random.
    optimizer, schedule, augmentation
        The parts.

    Raises
    ------
    ConvwrightError
        For a field that cannot be as it is, by name.

    Examples
    --------
    >>> recipe = Recipe(epochs=30).with_overrides(["optimizer.lr=0.2", "schedule.name=linear"])
    >>> recipe.optimizer.lr, recipe.schedule.name
    (0.2, 'linear')
    >>> recipe.with_overrides(["optimizer.rl=0.1"])
    Traceback (most recent call last):
    convwright.errors.ConvwrightError: unknown field of a recipe 'optimizer.rl': ... did you mean optimizer.lr or ...
    """

    name: str = text("")
    epochs: int | None = whole(None, at_least=1, optional=True)
    steps: int | None = whole(None, at_least=1, optional=True)
    batch_size: int = whole(128, at_least=1)
    accumulation: int = whole(1, at_least=1)
    label_smoothing: float = number(0.0, at_least=0, below=1)
    small_start: float = number(0.0, at_least=0, most=1)
    ema: float = number(0.0, at_least=0, below=1)
    clip_norm: float = number(0.0, at_least=0)
    precision: str = choice("auto", PRECISIONS)
    channels_last: bool = flag(True)
    compile: bool = flag(False)
    sync_batchnorm: bool = flag(False)
    seed: int = whole(0, at_least=0)
    optimizer: OptimizerRecipe = OptimizerRecipe()
    schedule: ScheduleRecipe = ScheduleRecipe()
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        check_fields(self, "")
        if (self.epochs is None) == (self.steps is None):
            got = "neither" if self.epochs is None else "both"
            raise ConvwrightError("length of the run", expected="either epochs or steps", got=got)
        if self.batch_size % self.accumulation:
            hint = "make it a divisor of batch_size"
            raise ConvwrightError(f"accumulation={self.accumulation} with batch_size={self.batch_size}", hint=hint)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; a table for each part."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Recipe":
        """The recipe of plain values, such as `to_dict` gives; what is missing has its default."""
        check_names(cls, dict(values), "")
        given = dict(values)
        for part, kind in _PARTS.items():
            table = given.get(part, {})
            if not isinstance(table, Mapping):
                raise ConvwrightError(part, expected="a table of fields", got=repr(table))
            check_names(kind, dict(table), f"{part}.")
            given[part] = kind(**table)
        return cls(**given)

    @classmethod
    def read(cls, path: Path) -> "Recipe":
        """The recipe in a TOML file."""
        try:
            return cls.from_dict(tomllib.loads(read_text(path)))
        except FileNotFoundError as error:
            raise ConvwrightError(f"recipe {path}", expected="a TOML file", got="nothing there") from error
        except tomllib.TOMLDecodeError as error:
            raise ConvwrightError(f"recipe {path} is not TOML: {error}") from error

    def write(self, path: Path) -> None:
        """Write a TOML file that `read` reads."""
        write(path, self.to_toml())

    def to_toml(self) -> str:
        """Return the recipe as TOML; fields that are None, which TOML does not have, are left out."""
        with needs_extra("train"):
            import tomli_w

        def stated(values: Mapping[str, Any]) -> dict[str, Any]:
            stated_here = {key: value for key, value in values.items() if value is not None}
            return {key: stated(value) if isinstance(value, Mapping) else value for key, value in stated_here.items()}

        return tomli_w.dumps(stated(self.to_dict()))

    def with_overrides(self, overrides: Iterable[str]) -> "Recipe":
        """The recipe with fields set by `name=value` or `part.name=value`; values as in TOML, quotes may be left out.

        `epochs` takes the place of `steps`, and the other way round.
        """
        values = self.to_dict()
        for override in overrides:
            place, equals, said = override.partition("=")
            if not equals:
                raise ConvwrightError(f"setting {override!r}", expected="name=value, such as optimizer.lr=0.1")
            part, dot, name = place.strip().rpartition(".")
            if dot and part not in _PARTS:
                raise unknown("part of a recipe", part, _PARTS)
            if place.strip() in ("epochs", "steps"):
                values["epochs"] = values["steps"] = None
            (values[part] if dot else values)[name] = _read_value(said.strip())
        return type(self).from_dict(values)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a field does that changes the result: not with the name."""
        plain = {**self.to_dict(), "name": ""}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


_PARTS: dict[str, type] = {"optimizer": OptimizerRecipe, "schedule": ScheduleRecipe, "augmentation": Augmentation}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], place: str = "") -> list[str]:
    """List the differences of two recipes' plain values, as `field: before, now after`."""
    found = []
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{place}{name}.")
        elif old != new:
            found.append(f"{place}{name} was {old}, now {new}")
    return found


def _read_value(said: str) -> Any:
    try:
        return tomllib.loads(f"x = {said}")["x"]
    except tomllib.TOMLDecodeError:
        return said
