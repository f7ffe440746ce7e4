"""Discriminative rates: the nearer a stage is to the images, the less it is moved, and the later."""

from collections.abc import Collection, Mapping

from ..errors import ConvwrightError, require_choice, require_fraction
from ..training.layer_groups import LayerGroup
from .stages import HEAD


def discriminative_layer_groups(
    stages: Mapping[str, tuple[str, ...]], *, decay: float = 1.0, unfrozen_by: float = 0.0, freeze: Collection[str] = ()
) -> tuple[LayerGroup, ...]:
    """The stages of a backbone as layer groups for `train`; norms keep the statistics that belong to the weights.

    Where norms take a hundred steps to follow, short trainings would end with weights for other statistics.

    Parameters
    ----------
    stages : mapping of str to tuple of str
        Module paths by stage, from the images to "head".
    decay : float
        What each stage's learning rate is of that of the stage after it; the head's is the recipe's.
    unfrozen_by : float
        Share of the training over which stages are let go, one after the other from the head on, which learns from the
        start; 0 for all at once.
    freeze : collection of str
        Stages that never learn.

    Source: Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", sections 3.2
    (discriminative fine-tuning) and 3.3 (gradual unfreezing).

    Raises
    ------
    ConvwrightError
        For a decay that is not above 0 and at most 1, an unknown stage, a frozen head.

    Examples
    --------
    >>> stages = {"stem": ("conv1", "bn1"), "stage1": ("layer1",), "head": ("fc",)}
    >>> for group in discriminative_layer_groups(stages, decay=0.5, unfrozen_by=0.6, freeze=["stem"]):
    ...     group.name, group.lr_factor, group.starts
    ('stem', 0.25, 1.0)
    ('stage1', 0.5, 0.3)
    ('head', 1.0, 0.0)
    """
    if not 0 < decay <= 1:
        raise ConvwrightError("decay of the rates", expected="above 0, at most 1", got=str(decay))
    require_fraction("unfrozen_by", unfrozen_by)
    for name in freeze:
        require_choice("stage", name, [name for name in stages if name != HEAD])
    layer_groups = []
    for distance, (name, modules) in enumerate(reversed(list(stages.items()))):
        starts = 1.0 if name in freeze else unfrozen_by * distance / (len(stages) - 1) if distance else 0.0
        layer_groups.append(
            LayerGroup(name=name, modules=modules, lr_factor=decay**distance, starts=starts, keeps_statistics=True)
        )
    return tuple(reversed(layer_groups))
