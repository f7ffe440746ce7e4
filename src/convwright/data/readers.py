"""Read the pixels of wanted images, batch by batch: from memory, or decoded by worker processes ahead of time."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from ..errors import ConvwrightError
from .crops import crop_boxes, cropped
from .sets import EncodedSet, Images, ImageSet

_PIECE = 32  # images that a worker decodes at a time: at 224 pixels 5 MB of shared memory, of which containers have few
_MOST_WORKERS = 16


class BatchRequest(NamedTuple):
    """Images of one batch, int64 (N,), and if they are cropped the random numbers of their crops, (N, 10, 4)."""

    indices: Tensor
    crops: Tensor | None = None


# What a worker is asked for: the same as plain values, since each tensor on the way would hold a file open.
Piece = tuple[list[int], NDArray[np.float64] | None]


class MemoryReader:
    """Decoded images, moved to the device once.

    Parameters
    ----------
    image_set : ImageSet
        The images.
    device : torch.device or str
        Device of the batches.
    least : float
        Smallest share of an image's area that is cropped.
    """

    def __init__(self, image_set: ImageSet, device: torch.device | str, *, least: float) -> None:
        self._images, self._least = image_set.images.to(device), least

    def read(self, wanted: Iterable[BatchRequest]) -> Iterator[Tensor]:
        """Yield the uint8 images (N, C, H, W) of each batch, on the device."""
        for indices, crops in wanted:
            images = self._images[indices.to(self._images.device)]
            if crops is not None:
                height, width = images.shape[2:]
                boxes = crop_boxes(crops, height, width, self._least)
                pairs = zip(images, boxes, strict=True)
                images = torch.stack([cropped(image, box, height, width) for image, box in pairs])
            yield images


class WorkerReader:
    """Encoded images, decoded and cropped by processes, which live as long as this does.

    All randomness is in the requests: the number of processes changes no pixel.

    Parameters
    ----------
    image_set : EncodedSet
        The images.
    device : torch.device or str
        Device of the batches.
    least : float
        Smallest share of an image's area that is cropped.
    num_workers : int
        Processes; 0 to decode in this one.
    """

    def __init__(self, image_set: EncodedSet, device: torch.device | str, *, least: float, num_workers: int) -> None:
        self._device = torch.device(device)
        self._order = _Order()
        self._loader = DataLoader(
            _Decoder(image_set, least),
            sampler=self._order,
            batch_size=None,  # the order asks for several images at a time
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=self._device.type == "cuda",
            generator=torch.Generator(),  # else it would draw from the global one
        )

    def read(self, wanted: Iterable[BatchRequest]) -> Iterator[Tensor]:
        """Yield the uint8 images (N, C, H, W) of each batch, on the device; later ones are decoded meanwhile."""
        numbers: deque[int] = deque()  # of pieces in the batches under way

        def pieces() -> Iterator[Piece]:
            for indices, crops in wanted:
                starts = range(0, max(len(indices), 1), _PIECE)
                numbers.append(len(starts))
                for start in starts:
                    piece = slice(start, start + _PIECE)
                    yield indices[piece].tolist(), None if crops is None else crops[piece].numpy()

        self._order.pieces = pieces()
        parts: list[Tensor] = []
        for made in self._loader:
            if isinstance(made, ConvwrightError):
                try:
                    raise made
                finally:
                    del made  # in a ring with this frame, workers would be waited for in vain
            parts.append(made.to(self._device, non_blocking=True))
            if len(parts) == numbers[0]:
                yield torch.cat(parts)
                numbers.popleft()
                parts = []


class _Order(Sampler[Piece]):
    """Order in which pieces are handed to workers: set anew for each epoch."""

    def __init__(self) -> None:
        self.pieces: Iterator[Piece] = iter(())

    def __iter__(self) -> Iterator[Piece]:
        return self.pieces


class _Decoder(Dataset[Tensor | ConvwrightError]):
    """Data set in a worker process: decodes one piece at a time."""

    def __init__(self, image_set: EncodedSet, least: float) -> None:
        self._set, self._least = image_set, least

    def __getitem__(self, piece: Piece) -> Tensor | ConvwrightError:
        """Decode a piece; an error is returned, not raised, since it would come with the worker's traceback."""
        indices, crops = piece
        made = torch.empty(len(indices), *self._set.image_shape, dtype=torch.uint8)
        try:
            for place, index in enumerate(indices):
                if crops is None:
                    made[place] = self._set.image(index)
                else:
                    made[place] = self._set.crop(index, torch.from_numpy(crops[place]), self._least)
        except ConvwrightError as error:
            return error
        return made


Reader = MemoryReader | WorkerReader


def reader_of(
    images: Images, device: torch.device | str, *, least: float, world_size: int, num_workers: int | None = None
) -> Reader:
    """Return the reader of a set: by default one worker for each processor that this process may use."""
    if isinstance(images, ImageSet):
        return MemoryReader(images, device, least=least)
    if num_workers is None:
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        num_local = int(os.environ.get("LOCAL_WORLD_SIZE", world_size))  # processes on this machine
        num_workers = max(min(usable // num_local, _MOST_WORKERS), 1)
    return WorkerReader(images, device, least=least, num_workers=num_workers)
