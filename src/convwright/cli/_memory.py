"""The batch that would fit where memory ran out, by the analyzer's model of a training step."""

import os
from typing import TYPE_CHECKING

from ..errors import ConvwrightError
from ..units import bytes_

if TYPE_CHECKING:
    import torch
    from torch import nn

    from ..data.sets import ImageData
    from ..training import Recipe
    from ..training.step import OutOfMemory


def with_fitting_batch(
    error: "OutOfMemory", model: "nn.Module", data: "ImageData", recipe: "Recipe", num_devices: int
) -> ConvwrightError:
    """Add to an error the batch that would fit; leave it as it is where the analyzer cannot tell.

    Counted are weights, gradients, state of the optimizer, the average, activations in fp32, and images that lie on the
    device: in half precision somewhat more images fit.
    """
    import torch

    from ..analysis.analyze import analyze
    from ..data.sets import ImageSet

    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    total, share = _bytes_of(device), recipe.batch_size // num_devices
    try:
        # At the size that failed, where what does not grow with the batch weighs as little as it does there.
        memory = analyze(model.train(), (share // recipe.accumulation, *data.image_shape)).memory
    except ConvwrightError:
        return error
    taken = memory.weight_bytes if recipe.ema else 0
    if isinstance(data.train, ImageSet):
        taken += data.train.images.nbytes
    most = memory.largest_batch(total - taken, optimizer=recipe.optimizer.state)
    if most == 0:
        said = f"by the analyzer not one image fits into the {bytes_(total)} here"
        return ConvwrightError(error.problem, hint=f"{said}: use a smaller model or smaller images")
    said = f"by the analyzer about {most:,} would fit into the {bytes_(total)} here"
    pieces, size = next((n, share // n) for n in range(1, share + 1) if share % n == 0 and share // n <= most)
    if pieces <= recipe.accumulation:
        return ConvwrightError(error.problem, hint=f"{said}, so something else needs memory; {error.hint}")
    return ConvwrightError(error.problem, hint=f"{said}: set accumulation={pieces}, the same batch {size} at a time")


def _bytes_of(device: "torch.device") -> int:
    """Memory of a device; of a CUDA one what other processes leave."""
    import torch

    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] + torch.cuda.memory_reserved(device)
    if device.type == "mps":
        return torch.mps.recommended_max_memory()
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
