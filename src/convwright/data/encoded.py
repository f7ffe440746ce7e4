"""Images with labels that stay as they were stored: each is decoded when it is wanted."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from .crops import crop_boxes, cropped
from .pictures import BROKEN, Form, decoded, whole
from .sources.raw import Encoded


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedSet:
    """Images that are too large to be kept decoded, or that random crops are to be taken from as they are.

    Attributes
    ----------
    source : Encoded
        Where they are read, one at a time.
    rows : Tensor of int64, shape (N,)
        Which images of the source.
    labels : Tensor of int64, shape (N,)
        Indices of classes.
    digests : Tensor of uint8, shape (N, 16)
        Of the stored bytes of each.
    form : Form
        What each is brought to.
    """

    source: Encoded
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
        """The images at `indices`, in that order."""
        rows, labels, digests = self.rows[indices], self.labels[indices], self.digests[indices]
        return EncodedSet(source=self.source, rows=rows, labels=labels, digests=digests, form=self.form)

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever a stored byte, a label, the order or the form does."""
        digest = hashlib.sha256(str(self.form).encode())
        if self.form.preprocessing:  # else as runs from before there was any have it
            digest.update(str(self.form.preprocessing.geometry).encode())
        for tensor in (self.digests, self.labels):
            digest.update(tensor.contiguous().numpy().data)
        return digest.hexdigest()[:16]

    def image(self, index: int) -> Tensor:
        """One image, uint8 (C, H, W): resized, its center kept.

        Raises
        ------
        ConvwrightError
            When it cannot be decoded, naming it.
        """
        row = int(self.rows[index])
        try:
            return torch.tensor(decoded(self.source.read(row), self.form))
        except BROKEN as error:
            raise self.source.corrupt(row, error) from error

    def crop(self, index: int, numbers: Tensor, least: float) -> Tensor:
        """A random crop of one image, uint8 (C, H, W): `crop_boxes` of its own size, for numbers (10, 4).

        Raises
        ------
        ConvwrightError
            When it cannot be decoded, naming it.
        """
        row = int(self.rows[index])
        try:
            pixels = torch.tensor(whole(self.source.read(row), self.form.channels))
        except BROKEN as error:
            raise self.source.corrupt(row, error) from error
        (box,) = crop_boxes(numbers[None], pixels.shape[1], pixels.shape[2], least)
        return cropped(pixels, box, self.form.height, self.form.width, self.form.interpolation)
