"""How an image must be prepared for a set of weights: the transform belongs to the weights."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..errors import require_at_least, require_choice

if TYPE_CHECKING:
    from PIL.Image import Image

INTERPOLATIONS = ("bilinear", "bicubic", "nearest")


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """Resize the shorter side, crop the center, scale to 0..1, normalize.

    Attributes
    ----------
    resize_px, crop_px : int
        The shorter side after resizing; the side of the square cut from the center.
    mean, std : tuple of float
        For each channel, of values between 0 and 1.
    interpolation : {"bilinear", "bicubic", "nearest"}
        Of the resizing, antialiased.

    Examples
    --------
    >>> from PIL import Image
    >>> Preprocessing(resize_px=256, crop_px=224)(Image.new("L", (640, 480))).shape
    torch.Size([3, 224, 224])
    """

    resize_px: int
    crop_px: int
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        require_at_least("crop_px", self.crop_px, 1)
        require_at_least("resize_px", self.resize_px, self.crop_px)
        require_choice("interpolation", self.interpolation, INTERPOLATIONS)

    def __call__(self, image: "Image") -> Tensor:
        """A tensor of shape (3, crop_px, crop_px) from an image of any size and mode."""
        from torchvision.transforms import v2  # here, so that building a model does not wait for torchvision

        mode = v2.InterpolationMode(self.interpolation)
        steps = v2.Compose(
            [
                v2.Resize(self.resize_px, interpolation=mode, antialias=True),
                v2.CenterCrop(self.crop_px),
                v2.PILToTensor(),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(self.mean, self.std),
            ]
        )
        return steps(image.convert("RGB"))  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)
