"""Report of what each layer group will do in a training, to be read before it starts."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from .layer_groups import LayerGroup, check_layer_groups
from .optimizers import parameter_groups
from .recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class LayerGroupRow:
    """One layer group.

    Attributes
    ----------
    name, modules, starts
        See `LayerGroup`.
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
        """True if it never learns."""
        return self.starts == 1


def layer_group_report(
    model: nn.Module, layer_groups: Sequence[LayerGroup], recipe: Recipe
) -> tuple[LayerGroupRow, ...]:
    """Return a row for each layer group, in their order, for a training that is about to begin.

    Raises
    ------
    ConvwrightError
        For layer groups that do not hold every parameter of `model` exactly once, or if none learns from the start.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 2, 1))
    >>> layer_groups = LayerGroup(name="stem", modules=("0", "1"), starts=1.0), LayerGroup(name="head", modules=("2",))
    >>> for row in layer_group_report(net, layer_groups, Recipe(epochs=1)):
    ...     row.name, row.is_frozen, row.norm_mode, row.lrs, row.num_parameters, row.num_trained
    ('stem', True, 'eval', (), 240, 0)
    ('head', False, 'none', (0.1,), 18, 18)
    """
    check_layer_groups(model, layer_groups)
    groups = parameter_groups(model, recipe.optimizer, layer_groups) if layer_groups else []
    rows = []
    for layer_group in layer_groups:
        own = [group for group in groups if group["layer_group"] == layer_group.name]
        rows.append(
            LayerGroupRow(
                name=layer_group.name,
                modules=layer_group.modules,
                starts=layer_group.starts,
                norm_mode=_norm_mode(layer_group, model),
                lrs=tuple(dict.fromkeys(group["lr"] for group in own)),
                num_parameters=sum(weight.numel() for weight in layer_group.weights(model)),
                num_trained=sum(weight.numel() for group in own for weight in group["params"]),
            )
        )
    return tuple(rows)


def _norm_mode(layer_group: LayerGroup, model: nn.Module) -> str:
    if not layer_group.norms(model):
        return "none"
    if layer_group.is_frozen or layer_group.keeps_statistics:
        return "eval"
    return "eval, then train" if layer_group.starts else "train"
