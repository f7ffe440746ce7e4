"""Batches of images that fit in memory: no worker processes, no state to save, the same on one process or several."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from ..errors import ConvwrightError, require_at_least
from .augment import Augmentation, Draws, changed, cut_out, draw, mixed, mixed_targets, normalized
from .seeds import generator
from .sets import ImageSet


class Batches:
    """An image set in normalized batches.

    What an epoch holds follows from the seed and the epoch's number alone, and a step's augmentation from the step's
    number too. So any step can be made again, and training continues in the middle of an epoch.

    Parameters
    ----------
    image_set : ImageSet
        Moved to the device as it is, uint8, once.
    batch_size : int
        Images a step, of all processes together.
    seed : int
        Draws orders and augmentations.
    mean, std : sequence of float
        Of each channel, pixels counted from 0 to 1: what is taken off, and divided by.
    augmentation : Augmentation, optional
        Of the shuffled epochs.
    num_classes : int, optional
        Needed where the augmentation mixes targets.
    device : torch.device or str
        Where the batches are made.
    channels_last : bool
        Give the batches that memory format.
    dtype : torch.dtype
        Of the images in a batch.
    drop_last : bool
        Leave out what is left of an epoch when the images do not divide into batches.
    rank, world_size : int
        Which of how many processes this is. Each makes its part of the same batches; in order of rank, the parts are
        what one process would make.

    Raises
    ------
    ConvwrightError
        When there is no whole batch, the batch does not divide among the processes, or `num_classes` is missing.

    Examples
    --------
    >>> image_set = ImageSet(images=torch.zeros(10, 3, 4, 4, dtype=torch.uint8), labels=torch.arange(10) % 2)
    >>> batches = Batches(image_set, batch_size=4, seed=0, mean=[0.5] * 3, std=[0.25] * 3)
    >>> len(batches), [tuple(images.shape) for images, targets in batches.epoch(0, start=1)]
    (2, [(4, 3, 4, 4)])
    """

    def __init__(
        self,
        image_set: ImageSet,
        *,
        batch_size: int,
        seed: int,
        mean: Sequence[float],
        std: Sequence[float],
        augmentation: Augmentation | None = None,
        num_classes: int | None = None,
        device: torch.device | str = "cpu",
        channels_last: bool = False,
        dtype: torch.dtype = torch.float32,
        drop_last: bool = True,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        require_at_least("batch_size", batch_size, 1)
        if batch_size % world_size:
            raise ConvwrightError(
                "batch_size", expected=f"a multiple of the {world_size} processes", got=str(batch_size)
            )
        self._augmentation = augmentation or Augmentation()
        if self._augmentation.mixes and num_classes is None:
            raise ConvwrightError("num_classes is missing", hint="mixup and cutmix make a share for every class of it")
        self._images, self._labels = image_set.images.to(device), image_set.labels.to(device)
        self._batch_size, self._seed, self._num_classes = batch_size, seed, num_classes or 0
        self._mean, self._std, self._dtype, self._channels_last = tuple(mean), tuple(std), dtype, channels_last
        self._rank, self._world_size = rank, world_size
        whole, rest = divmod(len(image_set), batch_size)
        self._num_steps = whole + (rest > 0 and not drop_last)
        if not self._num_steps:
            raise ConvwrightError(
                "batch_size", expected=f"at most the {len(image_set)} images of the set", got=str(batch_size)
            )

    def __len__(self) -> int:
        """Steps an epoch."""
        return self._num_steps

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch from step `start` on, shuffled and augmented: images (N, C, H, W) and targets.

        Targets are classes, int64 (N,), or their shares, float32 (N, num_classes), where the augmentation mixes.
        """
        order = torch.randperm(len(self._labels), generator=generator(self._seed, "order", number))
        for step in range(start, self._num_steps):
            chosen = order[step * self._batch_size : (step + 1) * self._batch_size]
            yield self._augmented(chosen, generator(self._seed, "augment", number, step))

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All images once, in their order and as they are, the last batch maybe smaller: for evaluation."""
        for start in range(0, len(self._labels), self._batch_size):
            chosen = torch.arange(start, min(start + self._batch_size, len(self._labels)))
            chosen = chosen[self._own(len(chosen))].to(self._images.device)
            yield self._normalized(self._images[chosen]), self._labels[chosen]

    def _own(self, number: int) -> Tensor:
        """The rows of a batch that this process makes."""
        first, last = (number * rank // self._world_size for rank in (self._rank, self._rank + 1))
        return torch.arange(first, last)

    def _augmented(self, chosen: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        draws = draw(self._augmentation, len(chosen), random)
        rows = self._own(len(chosen))
        if not self._augmentation.mixes:
            return self._pictures(chosen, rows, draws), self._labels[chosen[rows].to(self._labels.device)]
        # A partner may be another process's image, so it is made here as well: once, if several rows need it.
        both = torch.cat([rows, draws.partner[rows]])
        needed, places = torch.unique(both, return_inverse=True)
        pictures = self._pictures(chosen, needed, draws)
        own, other = places.to(pictures.device).chunk(2)
        # Alone, all rows are own and in order: no copy.
        mine = pictures if len(needed) == len(rows) else pictures[own]
        images, share = mixed(mine, pictures[other], draws)
        own_labels, other_labels = self._labels[chosen[both].to(self._labels.device)].chunk(2)
        return images, mixed_targets(own_labels, other_labels, share, self._num_classes)

    def _pictures(self, chosen: Tensor, rows: Tensor, draws: Draws) -> Tensor:
        """Some rows of a batch, each augmented by itself."""
        own = draws.take(rows)
        images = changed(self._images[chosen[rows].to(self._images.device)], self._augmentation, own)
        return cut_out(self._normalized(images), self._augmentation, own)

    def _normalized(self, images: Tensor) -> Tensor:
        return normalized(images, self._mean, self._std, dtype=self._dtype, channels_last=self._channels_last)
