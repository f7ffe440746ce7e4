"""First weights, as the source of each design says, from one seed."""

import hashlib
import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from ..errors import require_choice
from ..layers.residual import PostActivationBlock

Filler = Callable[..., object]  # called with a weight, and a generator by name


def _uniform(axis: int) -> Filler:
    """Uniform up to 1 / sqrt(size of an axis)."""

    def fill(weight: Tensor, *, generator: torch.Generator) -> None:
        bound = 1 / math.sqrt(weight.shape[axis])
        nn.init.uniform_(weight, -bound, bound, generator=generator)

    return fill


_kaiming_fan_in = nn.init.kaiming_normal_
_kaiming_fan_out = partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu")
_normal = partial(nn.init.normal_, std=0.01)
_uniform_fan_out, _uniform_fan_in = _uniform(0), _uniform(1)

# Convolution and linear weights; biases start at 0, norms at weight 1 and bias 0.
SCHEMES: dict[str, tuple[Filler, Filler]] = {
    "resnet": (_kaiming_fan_out, _uniform_fan_in),  # He et al. 2015, section 2.2; torch's own rule for the linear layer
    "vgg": (_kaiming_fan_out, _normal),  # Simonyan & Zisserman 2015, section 3.1 for the linear layers
    "densenet": (_kaiming_fan_in, _uniform_fan_in),  # Huang et al. 2017, section 4.2
    "mobilenet": (_kaiming_fan_out, _normal),  # torchvision's mobilenetv2.py and mobilenetv3.py
    "efficientnet": (_kaiming_fan_out, _uniform_fan_out),  # the reference code's normal and uniform initializers
}


def initialize(module: nn.Module, scheme: str, *, seed: int) -> None:
    """Fill every parameter and buffer of `module`, reproducibly and without touching torch's global generator.

    Parameters
    ----------
    scheme : str
        A name of `SCHEMES`.
    seed : int
        The same seed gives the same weights on every device; and, under one scheme, to a layer of the same name and
        shape in every network, so that networks which differ in a few layers can be compared in pairs.

    Raises
    ------
    TypeError
        For a layer that has weights of its own but no `reset_parameters` to fill them.
    """
    require_choice("initialization", scheme, SCHEMES)
    fill_conv, fill_linear = SCHEMES[scheme]
    for name, layer in module.named_modules():
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        seed_of_layer = int.from_bytes(digest[:8], "big") >> 1
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear):
            generator = torch.Generator().manual_seed(seed_of_layer)
            (fill_linear if isinstance(layer, nn.Linear) else fill_conv)(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif any(True for _ in (*layer.parameters(recurse=False), *layer.buffers(recurse=False))):
            if not callable(reset := getattr(layer, "reset_parameters", None)):
                raise TypeError(f"{type(layer).__name__} has weights but no reset_parameters()")
            with torch.random.fork_rng(devices=()):  # resets draw from the global generator
                torch.default_generator.manual_seed(seed_of_layer)
                reset()


def allocated(module: nn.Module) -> nn.Module:
    """Return `module`, which was on the meta device, with memory on the CPU that nothing has been written to.

    `Module.to_empty` does the same, and takes a second to import sympy.
    """
    module._apply(lambda each: torch.empty(each.shape, dtype=each.dtype, device="cpu"))  # type: ignore[no-untyped-call]
    return module


def zero_last_gammas(module: nn.Module) -> None:
    """Start every residual branch at zero, so that each block starts as its shortcut.

    Source: Goyal et al. 2017, "Accurate, large minibatch SGD", section 5.1.
    """
    for block in module.modules():
        if isinstance(block, PostActivationBlock):
            norms = [layer for layer in block.residual.modules() if isinstance(layer, nn.BatchNorm2d)]
            if norms:
                nn.init.zeros_(norms[-1].weight)
