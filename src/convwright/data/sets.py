"""Images with labels, decoded or still encoded: what `load_data` returns and training reads."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..preprocessing import Preprocessing
from .crops import crop_boxes, cropped
from .parallel import in_pieces
from .pictures import Form, decoded, open_stored, whole
from .sources.raw import EncodedImages

_MOST_MEASURED = 4096  # encoded images whose pixels are counted: enough for a mean that moves in the fourth digit


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageSet:
    """Images of one size with their labels, in memory.

    Attributes
    ----------
    images : Tensor of uint8, shape (N, C, H, W)
        Decoded; may be a memory-mapped file.
    labels : Tensor of int64, shape (N,)
        Indices of classes.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""
        _, channels, height, width = self.images.shape
        return channels, height, width

    def subset(self, indices: Tensor) -> "ImageSet":
        """Return the images at `indices`, in that order."""
        return ImageSet(images=self.images[indices], labels=self.labels[indices])

    @cached_property
    def fingerprint(self) -> str:
        """Hash that changes if a pixel, a label or the order does."""
        digest = hashlib.sha256(str(tuple(self.images.shape)).encode())
        for tensor in (self.images, self.labels):
            digest.update(tensor.contiguous().numpy().data)
        return digest.hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedSet:
    """Images with their labels that stay as they were stored: each is decoded when it is needed.

    Attributes
    ----------
    source : EncodedImages
        The stored images.
    rows : Tensor of int64, shape (N,)
        The images of the source that are in this set.
    labels : Tensor of int64, shape (N,)
        Indices of classes.
    digests : Tensor of uint8, shape (N, 16)
        Digests of the stored bytes of each image.
    form : Form
        Channels and size of every decoded image.
    """

    source: EncodedImages
    rows: Tensor
    labels: Tensor
    digests: Tensor
    form: Form

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every decoded image."""
        return self.form.channels, self.form.height, self.form.width

    def subset(self, indices: Tensor) -> "EncodedSet":
        """Return the images at `indices`, in that order."""
        return replace(self, rows=self.rows[indices], labels=self.labels[indices], digests=self.digests[indices])

    @cached_property
    def fingerprint(self) -> str:
        """Hash that changes if a stored byte, a label, the order or the form does."""
        digest = hashlib.sha256(str(self.form).encode())
        if self.form.preprocessing:  # else as runs from before there was any have it
            digest.update(str(self.form.preprocessing.geometry).encode())
        for tensor in (self.digests, self.labels):
            digest.update(tensor.contiguous().numpy().data)
        return digest.hexdigest()[:16]

    def image(self, index: int) -> Tensor:
        """Decode one image: uint8 (C, H, W), resized, its center kept.

        Raises
        ------
        CorruptImageError
            When it cannot be decoded, naming it.
        """
        row = int(self.rows[index])
        return torch.tensor(open_stored(self.source, row, lambda content: decoded(content, self.form)))

    def crop(self, index: int, numbers: Tensor, least: float) -> Tensor:
        """Decode a random crop of one image, uint8 (C, H, W): `crop_boxes` of its own size, for numbers (10, 4).

        Raises
        ------
        CorruptImageError
            When it cannot be decoded, naming it.
        """
        row, form = int(self.rows[index]), self.form
        pixels = torch.tensor(open_stored(self.source, row, lambda content: whole(content, form.channels)))
        (box,) = crop_boxes(numbers[None], pixels.shape[1], pixels.shape[2], least)
        return cropped(pixels, box, form.height, form.width, form.interpolation)


Images = ImageSet | EncodedSet


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageData:
    """A data set as training uses it.

    Attributes
    ----------
    name : str
        Its name in reports.
    class_names : tuple of str
        By label.
    train, validation, test : ImageSet or EncodedSet
        Validation images are drawn from the training images, unless they came apart; test is used once, at the end.
    mean, std : tuple of float
        Mean and standard deviation of each channel of the training images, with pixels from 0 to 1; or the values that
        a set of weights needs.
    note : str
        Remarks that a reader of a result needs, such as that the images were compressed; may be empty.
    preprocessing : Preprocessing or None
        Resizing, cropping and normalization for a set of weights.
    """

    name: str
    class_names: tuple[str, ...]
    train: Images
    validation: Images
    test: Images
    mean: tuple[float, ...]
    std: tuple[float, ...]
    note: str = ""
    preprocessing: Preprocessing | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""
        return self.train.image_shape

    @property
    def fingerprint(self) -> str:
        """Hash that changes if an image, a label, the split or the preprocessing does."""
        parts = [self.train.fingerprint, self.validation.fingerprint, self.test.fingerprint, *self.class_names]
        if self.preprocessing:
            parts.append(str(self.preprocessing))
        return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return what identifies the data, as plain values."""
        return {
            "name": self.name,
            "class_names": list(self.class_names),
            "num_images": {name: len(getattr(self, name)) for name in ("train", "validation", "test")},
            "image_shape": list(self.image_shape),
            "mean": list(self.mean),
            "std": list(self.std),
            "fingerprint": self.fingerprint,
            "note": self.note,
            "preprocessing": self.preprocessing.to_dict() if self.preprocessing else None,
        }


def channel_statistics(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Measure mean and standard deviation of each channel of uint8 images (N, C, H, W), with pixels from 0 to 1.

    >>> images = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1)
    >>> channel_statistics(images)
    ((0.5,), (0.5,))
    """
    return _statistics(_counts(images))


def sampled_statistics(images: EncodedSet) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Measure `channel_statistics` of encoded images: all of them, or 4,096 evenly spread ones."""
    number = min(len(images), _MOST_MEASURED)

    def counted(piece: range) -> Tensor:
        return _counts(torch.stack([images.image(each * len(images) // number) for each in piece]))

    return _statistics(torch.stack(list(in_pieces(counted, number, "measuring the training images"))).sum(0))


def _counts(images: Tensor) -> Tensor:
    """Count how often each channel has each of the 256 levels."""
    return torch.stack([torch.bincount(channel.flatten(), minlength=256) for channel in images.unbind(1)])


def _statistics(counts: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    levels = torch.arange(256, dtype=torch.float64) / 255
    share = counts.double() / counts.sum(1, keepdim=True)
    mean = share @ levels
    std = (share @ levels.square() - mean.square()).clamp(min=0).sqrt()
    return tuple(mean.tolist()), tuple(std.tolist())
