"""What the parts of a network will do in a training: a row for each, to be looked at before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from .optimizers import parameter_groups
from .parts import Part, check_parts
from .recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One part.

    Attributes
    ----------
    name, modules, starts
        See `Part`.
    norm_mode : {"none", "train", "eval", "eval, then train"}
        Whether its norms take the statistics of a batch, and move the kept ones, or go by those; "none" where it has no
        norm that keeps any.
    lrs : tuple of float
        Highest learning rates of its parameters: one, or two with Muon, filters first; none where it never learns.
    num_parameters, num_trained : int
        All, and those that ever learn.
    """

    name: str
    modules: tuple[str, ...]
    starts: float
    norm_mode: str
    lrs: tuple[float, ...]
    num_parameters: int
    num_trained: int

    @property
    def is_frozen(self) -> bool:
        """Whether it never learns."""
        return self.starts == 1


def part_report(model: nn.Module, parts: Sequence[Part], recipe: Recipe) -> tuple[PartRow, ...]:
    """A row for each part, in their order, of a training that is about to begin.

    Raises
    ------
    ConvwrightError
        For parts that do not hold every parameter of `model` exactly once, or of which none learns from the start.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 2, 1))
    >>> parts = Part(name="stem", modules=("0", "1"), starts=1.0), Part(name="head", modules=("2",))
    >>> for row in part_report(net, parts, Recipe(epochs=1)):
    ...     row.name, row.is_frozen, row.norm_mode, row.lrs, row.num_parameters, row.num_trained
    ('stem', True, 'eval', (), 240, 0)
    ('head', False, 'none', (0.1,), 18, 18)
    """
    check_parts(model, parts)
    groups = parameter_groups(model, recipe.optimizer, parts) if parts else []
    rows = []
    for part in parts:
        own = [group for group in groups if group["part"] == part.name]
        rows.append(
            PartRow(
                name=part.name,
                modules=part.modules,
                starts=part.starts,
                norm_mode=_norm_mode(part, model),
                lrs=tuple(dict.fromkeys(group["lr"] for group in own)),
                num_parameters=sum(weight.numel() for weight in part.weights(model)),
                num_trained=sum(weight.numel() for group in own for weight in group["params"]),
            )
        )
    return tuple(rows)


def _norm_mode(part: Part, model: nn.Module) -> str:
    if not part.norms(model):
        return "none"
    if part.is_frozen or part.keeps_statistics:
        return "eval"
    return "eval, then train" if part.starts else "train"
