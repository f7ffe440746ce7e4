"""Split a data set in two, the same way every time, with each class in the same proportion."""

import torch
from torch import Tensor

from .seeds import generator


def stratified(labels: Tensor, fraction: float, *, seed: int, purpose: str) -> tuple[Tensor, Tensor]:
    """Return the indices of what stays and of what is drawn, both ascending.

    The rounded fraction of each class is drawn, but never all of a class.

    Parameters
    ----------
    labels : Tensor of int64, shape (N,)
        Classes.
    fraction : float
        Share to draw, from 0 up to, not including, 1.
    seed : int
        Seed of the draw.
    purpose : str
        Name of what is drawn: splits for two purposes are independent.

    >>> stays, drawn = stratified(torch.arange(40) % 4, 0.2, seed=0, purpose="validation")
    >>> torch.bincount(torch.arange(40)[drawn] % 4)
    tensor([2, 2, 2, 2])
    """
    shuffled = torch.randperm(len(labels), generator=generator(seed, purpose))
    by_class = shuffled[labels[shuffled].argsort(stable=True)]
    sizes = torch.bincount(labels)
    wanted = torch.minimum((sizes * fraction).round().long(), (sizes - 1).clamp(min=0))
    position = torch.arange(len(labels)) - (sizes.cumsum(0) - sizes).repeat_interleave(sizes)
    is_drawn = position < wanted.repeat_interleave(sizes)
    return by_class[~is_drawn].sort().values, by_class[is_drawn].sort().values
