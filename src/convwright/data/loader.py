"""Batches of images: no state to save, the same on one process or several, from memory or from files."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..errors import ConvwrightError, require_at_least
from .augment import FLIP, Augmentation, Draws, changed, cut_out, draw, mixed, mixed_targets, normalized
from .crops import crop_numbers
from .readers import BatchRequest, reader_of
from .seeds import generator
from .sets import Images


@dataclass(frozen=True, kw_only=True, eq=False)
class _Step:
    """Plan of one step.

    Attributes
    ----------
    wanted : BatchRequest
        Images that this process needs.
    draws : Draws
        Random numbers of the whole batch.
    needed : Tensor of int64
        Their rows in the batch.
    places : Tensor of int64 or None
        If images are mixed: the places among the needed of each row of this process, then of its partner.
    """

    wanted: BatchRequest
    draws: Draws
    needed: Tensor
    places: Tensor | None = None


class Batches:
    """An image set in normalized batches.

    The images of an epoch follow from the seed and the number of the epoch alone, the augmentation of a step from the
    number of the step too. So any step can be repeated, and training can continue in the middle of an epoch.

    Parameters
    ----------
    image_set : ImageSet or EncodedSet
        Moved to the device as it is, uint8, once; or decoded by worker processes, piece by piece.
    batch_size : int
        Images a step, of all processes together.
    seed : int
        Seed of orders and augmentations.
    mean, std : sequence of float
        Subtracted from each channel, and its divisor, with pixels from 0 to 1.
    augmentation : Augmentation, optional
        Changes of the images in shuffled epochs.
    num_classes : int, optional
        Needed if the augmentation mixes targets.
    device : torch.device or str
        Device of the batches.
    channels_last : bool
        Give the batches that memory format.
    dtype : torch.dtype
        Type of the images in a batch.
    drop_last : bool
        Leave out the last batch of an epoch if it is smaller.
    rank, world_size : int
        Number of this process, and of all. Each makes its part of the same batches; in order of rank, the parts are
        what one process would make.
    num_workers : int, optional
        Processes that decode, for an `EncodedSet`: one for each processor by default. Their number changes nothing.

    Raises
    ------
    ConvwrightError
        When there is no whole batch, the batch does not divide among the processes, or `num_classes` is missing.

    Examples
    --------
    >>> from convwright.data import ImageSet
    >>> image_set = ImageSet(images=torch.zeros(10, 3, 4, 4, dtype=torch.uint8), labels=torch.arange(10) % 2)
    >>> batches = Batches(image_set, batch_size=4, seed=0, mean=[0.5] * 3, std=[0.25] * 3)
    >>> len(batches), [tuple(images.shape) for images, targets in batches.epoch(0, start=1)]
    (2, [(4, 3, 4, 4)])
    """

    def __init__(
        self,
        image_set: Images,
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
        num_workers: int | None = None,
    ) -> None:
        require_at_least("batch_size", batch_size, 1)
        if batch_size % world_size:
            raise ConvwrightError(
                "batch_size", expected=f"a multiple of the {world_size} processes", got=str(batch_size)
            )
        self._augmentation = augmentation or Augmentation()
        if self._augmentation.mixes and num_classes is None:
            raise ConvwrightError("num_classes is missing", hint="mixup and cutmix make a share for every class of it")
        least = self._augmentation.random_resized_crop
        self._reader = reader_of(image_set, device, least=least, world_size=world_size, num_workers=num_workers)
        self._labels = image_set.labels.to(device)
        self._batch_size, self._seed, self._num_classes = batch_size, seed, num_classes or 0
        self._normalize = partial(
            normalized, mean=tuple(mean), std=tuple(std), dtype=dtype, channels_last=channels_last
        )
        self._rank, self._world_size = rank, world_size
        whole, rest = divmod(len(image_set), batch_size)
        self._num_steps = whole + (rest > 0 and not drop_last)
        if not self._num_steps:
            raise ConvwrightError(
                "batch_size", expected=f"at most the {len(image_set)} images of the set", got=str(batch_size)
            )

    def __len__(self) -> int:
        """Number of steps of an epoch."""
        return self._num_steps

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of an epoch from step `start` on, shuffled and augmented: images (N, C, H, W) and targets.

        Targets are classes, int64 (N,), or their shares, float32 (N, num_classes), where the augmentation mixes.
        """
        order = torch.randperm(len(self._labels), generator=generator(self._seed, "order", number))
        planned: deque[_Step] = deque()  # those whose images were asked for

        def wanted() -> Iterator[BatchRequest]:
            for step in range(start, self._num_steps):
                chosen = order[step * self._batch_size : (step + 1) * self._batch_size]
                planned.append(self._planned(chosen, number, step))
                yield planned[-1].wanted

        for images in self._reader.read(wanted()):
            yield self._augmented(images, planned.popleft())

    def in_order(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all images once, in their order and unchanged, for evaluation; the last batch may be smaller."""
        total = len(self._labels)
        sizes = [(start, min(self._batch_size, total - start)) for start in range(0, total, self._batch_size)]
        chosen = [start + self._own(size) for start, size in sizes]
        for indices, images in zip(chosen, self._reader.read(map(BatchRequest, chosen)), strict=True):
            yield self._normalize(images), self._labels[indices.to(self._labels.device)]

    def _own(self, number: int) -> Tensor:
        """Return the rows of a batch that this process makes."""
        first, last = (number * rank // self._world_size for rank in (self._rank, self._rank + 1))
        return torch.arange(first, last)

    def _planned(self, chosen: Tensor, epoch: int, step: int) -> _Step:
        draws = draw(self._augmentation, len(chosen), generator(self._seed, "augment", epoch, step))
        if self._augmentation.alternate:
            first = torch.rand(len(self._labels), dtype=torch.float64, generator=generator(self._seed, "flip"))
            draws.uniform[:, FLIP] = (first[chosen] + epoch / 2) % 1
        rows, places = self._own(len(chosen)), None
        if self._augmentation.mixes:
            # A partner may be another process's image, so it is made here as well: once, if several rows need it.
            rows, places = torch.unique(torch.cat([rows, draws.partner[rows]]), return_inverse=True)
        crops = None
        if self._augmentation.random_resized_crop:
            crops = crop_numbers(len(chosen), generator(self._seed, "crop", epoch, step))[rows]
        return _Step(wanted=BatchRequest(chosen[rows], crops), draws=draws, needed=rows, places=places)

    def _augmented(self, images: Tensor, step: _Step) -> tuple[Tensor, Tensor]:
        own_draws = step.draws.take(step.needed)
        pictures = self._normalize(changed(images, self._augmentation, own_draws))
        pictures = cut_out(pictures, self._augmentation, own_draws)
        labels = self._labels[step.wanted.indices.to(self._labels.device)]
        if step.places is None:
            return pictures, labels
        own, other = step.places.to(pictures.device).chunk(2)
        # Alone, all rows are own and in order: no copy.
        mine = pictures if len(pictures) == len(own) else pictures[own]
        mixture, share = mixed(mine, pictures[other], step.draws)
        return mixture, mixed_targets(labels[own], labels[other], share, self._num_classes)
