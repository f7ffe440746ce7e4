"""Changes of images in batches: uint8 images of shape (N, C, H, W), each with a strength of its own, of shape (N,).

Each does to every image what torchvision's function of the same name does to one (`torchvision.transforms.functional`),
which the tests compare pixel by pixel.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_GRAY = (0.2989, 0.587, 0.114)  # ITU-R BT.601's weights of red, green and blue, as Pillow and torchvision round them


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Toward black at 0, unchanged at 1, brighter above."""
    return _blended(images, torch.zeros((), device=images.device), factor)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Toward the image's mean gray at 0, unchanged at 1."""
    return _blended(images, _gray(images).float().mean((1, 2, 3), keepdim=True), factor)


def saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Toward gray at 0, unchanged at 1; gray images stay as they are."""
    return _blended(images, _gray(images).float(), factor) if images.shape[1] == 3 else images


def sharpness(images: Tensor, factor: Tensor) -> Tensor:
    """Toward a blurred image at 0, unchanged at 1; the outermost pixels stay, and so do images below 3x3."""
    channels, height, width = images.shape[1:]
    if height < 3 or width < 3:
        return images
    kernel = torch.ones(3, 3, device=images.device)
    kernel[1, 1] = 5
    blurred = images.float()
    kernels = (kernel / kernel.sum()).expand(channels, 1, 3, 3)
    blurred[:, :, 1:-1, 1:-1] = F.conv2d(blurred, kernels, groups=channels).round()
    return _blended(images, blurred, factor)


def posterize(images: Tensor, bits: Tensor) -> Tensor:
    """Keep the highest `bits` bits of each pixel."""
    mask = (256 - 2 ** (8 - bits.long())).to(torch.uint8)
    return images & _each(mask)


def solarize(images: Tensor, threshold: Tensor) -> Tensor:
    """Invert the pixels from `threshold` up."""
    return torch.where(images >= _each(threshold), 255 - images, images)


def autocontrast(images: Tensor) -> Tensor:
    """Stretch each channel to the whole range; one of a single value stays."""
    low, high = images.amin((2, 3), keepdim=True).float(), images.amax((2, 3), keepdim=True).float()
    is_flat = low == high
    low, scale = torch.where(is_flat, 0.0, low), torch.where(is_flat, 1.0, 255 / (high - low))
    return ((images - low) * scale).clamp(0, 255).to(torch.uint8)


def equalize(images: Tensor) -> Tensor:
    """Flatten the histogram of each channel."""
    number, channels, height, width = images.shape
    pixels = images.reshape(number * channels, height * width).long()
    histogram = torch.zeros(len(pixels), 256, dtype=torch.long, device=images.device)
    histogram.scatter_add_(1, pixels, torch.ones_like(pixels))
    # The brightest level is left out of the step, so that it ends at 255.
    brightest = histogram.gather(1, pixels.amax(1, keepdim=True))
    step = (height * width - brightest) // 255
    below = histogram.cumsum(1) - histogram
    table = ((below + step // 2) // step.clamp(min=1)).clamp(0, 255)
    table = torch.where(step == 0, torch.arange(256, device=images.device), table)
    return table.gather(1, pixels).to(torch.uint8).view_as(images)


def affine(images: Tensor, matrices: Tensor) -> Tensor:
    """Move pixels: the one at a place comes from where the matrix sends that place; black where that is outside.

    Parameters
    ----------
    images : Tensor of uint8, shape (N, C, H, W)
        Images.
    matrices : Tensor, shape (N, 2, 3)
        Maps (x, y, 1), in pixels from the image's center, to the (x, y) that is shown there; the nearest pixel is
        taken.
    """
    height, width = images.shape[2:]
    x = torch.arange(width, device=images.device) - (width - 1) / 2
    y = torch.arange(height, device=images.device) - (height - 1) / 2
    a, b, c = (matrices[:, 0, column, None, None] for column in range(3))
    d, e, f = (matrices[:, 1, column, None, None] for column in range(3))
    column = (a * x + b * y[:, None] + c + (width - 1) / 2).round().long()
    row = (d * x + e * y[:, None] + f + (height - 1) / 2).round().long()
    is_inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    taken = picked(images, row.clamp(0, height - 1) * width + column.clamp(0, width - 1))
    return taken * is_inside[:, None]


def picked(images: Tensor, places: Tensor) -> Tensor:
    """Images (N, C, H, W) made of pixels at `places`, shape (N, H, W), counted row by row."""
    index = places.flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).gather(2, index).view_as(images)


def _each(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)


def _blended(images: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    factor = _each(factor.float())
    return (factor * images + (1 - factor) * other).clamp(0, 255).to(torch.uint8)


def _gray(images: Tensor) -> Tensor:
    if images.shape[1] == 1:
        return images
    red, green, blue = (weight * channel for weight, channel in zip(_GRAY, images.unbind(1), strict=True))
    return (red + green + blue).to(torch.uint8)[:, None]
