"""Parity of two networks: the difference of their logits on the same images."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from torch import Tensor

TOLERANCE = 1e-4  # of the largest logit: a thousand roundings of float32, and a tenth of the third digit


@dataclass(frozen=True, kw_only=True)
class Parity:
    """Difference between the logits of two networks.

    Attributes
    ----------
    num_images : int
        Images compared.
    max_difference : float
        The largest absolute difference of two logits; NaN where one of them is.
    largest_logit : float
        By absolute value, of the network that was there first.
    num_same_top1 : int
        Images in which both see the same class.

    Examples
    --------
    >>> import torch
    >>> Parity.of(torch.tensor([[10.0, 2.0]]), torch.tensor([[10.0, 2.5]])).is_close
    False
    """

    num_images: int
    max_difference: float
    largest_logit: float
    num_same_top1: int

    @classmethod
    def of(cls, expected: Tensor, got: Tensor) -> Self:
        """Compare logits (N, classes)."""
        if expected.shape != got.shape:
            raise ValueError(f"logits of shapes {tuple(expected.shape)} and {tuple(got.shape)}")
        return cls(
            num_images=len(expected),
            max_difference=float((expected.double() - got.double()).abs().max()),
            largest_logit=float(expected.abs().max()),
            num_same_top1=int((expected.argmax(1) == got.argmax(1)).sum()),
        )

    @property
    def is_close(self) -> bool:
        """True if no logit differs by more than `TOLERANCE` of the largest one; False with NaN."""
        return self.max_difference <= TOLERANCE * self.largest_logit

    @property
    def is_equal(self) -> bool:
        """True if the logits are close and every image gets the same class."""
        return self.is_close and self.num_same_top1 == self.num_images

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)
