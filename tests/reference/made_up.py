"""Networks made up from a number: maps of one to three axes, through whatever a designer puts between convolutions."""

import random
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from reference.field_steps import PLAIN, Step

CHANNELS = 4
LARGEST = {1: 40, 2: 20, 3: 9}  # sizes of maps, by their axes
MOST_TOKENS = 200
Draw = random.Random
Maker = Callable[[Draw, int], nn.Module]

_CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
_MAX_POOL = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
_AVG_POOL = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
_ADAPTIVE = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}
_BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
_INSTANCE_NORM = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}
_ACTIVATIONS = (
    *("ReLU", "ReLU6", "GELU", "SiLU", "Sigmoid", "Tanh", "Hardswish", "LeakyReLU", "ELU", "Softplus", "PReLU"),
    *("Mish", "Softsign"),
)


def pointwise(axes: int, channels: int = CHANNELS) -> nn.Module:
    return _CONV[axes](channels, CHANNELS, 1)


def convolution(draw: Draw, axes: int) -> nn.Module:
    """Strided, dilated, grouped, padded in each mode."""
    kernel = tuple(draw.randint(1, 4) for _ in range(axes))
    dilation = tuple(draw.randint(1, 2) for _ in range(axes))
    padding = tuple(draw.randint(0, min(k - 1, 2)) * d for k, d in zip(kernel, dilation, strict=True))
    return _CONV[axes](
        CHANNELS,
        CHANNELS,
        kernel,
        tuple(draw.choice((1, 1, 2)) for _ in range(axes)),
        padding,
        dilation,
        groups=draw.choice((1, 1, 2, CHANNELS)),
        bias=draw.random() < 0.5,
        padding_mode=draw.choice(("zeros", "zeros", "zeros", "replicate", "circular")),
    )


def transposed_convolution(draw: Draw, axes: int) -> nn.Module:
    kernel, stride = draw.randint(1, 4), draw.randint(1, 3)
    padding = draw.randint(0, kernel - 1)
    return _TRANSPOSED[axes](
        CHANNELS, CHANNELS, kernel, stride, padding, draw.randint(0, stride - 1), groups=draw.choice((1, 2))
    )


def pool(draw: Draw, axes: int) -> nn.Module:
    kernel = draw.randint(2, 3)
    kind = draw.choice((_MAX_POOL, _AVG_POOL))[axes]
    return kind(kernel, draw.randint(1, 2), draw.randint(0, kernel // 2), ceil_mode=draw.random() < 0.5)


def adaptive_pool(draw: Draw, axes: int) -> nn.Module:
    return _ADAPTIVE[axes](draw.randint(2, 5))


def resize(draw: Draw, axes: int) -> nn.Module:
    smooth = {1: "linear", 2: "bilinear", 3: "trilinear"}[axes]
    return nn.Upsample(scale_factor=draw.choice((0.5, 2)), mode=draw.choice(("nearest", smooth)))


def norm(draw: Draw, axes: int) -> nn.Module:
    return draw.choice(
        (
            _BATCH_NORM[axes](CHANNELS),
            nn.GroupNorm(2, CHANNELS),
            _INSTANCE_NORM[axes](CHANNELS, affine=draw.random() < 0.5),
        )
    )


def activation(draw: Draw, axes: int) -> nn.Module:
    """In place only behind a convolution, whose result nobody else reads."""
    if draw.random() < 0.3:
        return nn.Sequential(pointwise(axes), nn.ReLU(inplace=True))
    return getattr(nn, draw.choice(_ACTIVATIONS))()


def channels_last(draw: Draw, axes: int) -> nn.Module:
    """ConvNeXt's way: the channels moved back for a norm and linear layers."""
    order, back = (0, *range(2, axes + 2), 1), (0, axes + 1, *range(1, axes + 1))
    width = draw.choice((CHANNELS, 8))
    parts = nn.LayerNorm(CHANNELS), nn.Linear(CHANNELS, width), nn.Linear(width, CHANNELS)
    return Step(lambda x, n, a, b: b(F.gelu(a(n(x.permute(order))))).permute(back), *parts, name="channels_last")


def memory_format(_: Draw, axes: int) -> nn.Module:
    formats = {2: torch.channels_last, 3: torch.channels_last_3d}
    if axes not in formats:
        return pointwise(axes)
    return Step(lambda x, conv: conv(x.contiguous(memory_format=formats[axes])), pointwise(axes), name="memory_format")


def tokens_of(x: Tensor) -> Tensor:
    """All positions in rows; a map with too many is no input of the layers that take time for each."""
    if x[0, 0].numel() > MOST_TOKENS:
        raise ValueError("too many tokens")
    return x.flatten(2).transpose(1, 2)


class Recurrent(nn.Module):
    """A recurrent layer over all positions, in rows."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        both = draw.random() < 0.5
        kind = draw.choice((nn.LSTM, nn.GRU, nn.RNN))
        width = CHANNELS // 2 if both else CHANNELS
        layers = draw.randint(1, 2)
        self.layer = kind(CHANNELS, width, layers, batch_first=draw.random() < 0.7, bidirectional=both)

    def forward(self, x: Tensor) -> Tensor:
        tokens = tokens_of(x)
        if not self.layer.batch_first:
            tokens = tokens.transpose(0, 1)
        made, _ = self.layer(tokens)
        if not self.layer.batch_first:
            made = made.transpose(0, 1)
        return made.transpose(1, 2).reshape(x.shape)


class Attention(nn.Module):
    """Attention between all positions."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self.heads = draw.choice((1, 2))
        self.mix, self.out = nn.Linear(CHANNELS, 3 * CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        self.is_fused = draw.random() < 0.5

    def forward(self, x: Tensor) -> Tensor:
        tokens = tokens_of(x)
        n, length, c = tokens.shape
        q, k, v = self.mix(tokens).reshape(n, length, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        made = F.scaled_dot_product_attention(q, k, v) if self.is_fused else (q @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.out(made.transpose(1, 2).reshape(n, length, c)).transpose(1, 2).reshape(x.shape)


class Gate(nn.Module):
    """Squeeze and excite."""

    def __init__(self, axes: int) -> None:
        super().__init__()
        self.fc, self.dims = pointwise(axes), tuple(range(2, axes + 2))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(x.mean(self.dims, keepdim=True)).sigmoid()


class Branches(nn.Module):
    """Several paths from one map, cut to one size, and added, multiplied or concatenated."""

    def __init__(self, draw: Draw, axes: int, depth: int) -> None:
        super().__init__()
        paths = [
            nn.Identity() if draw.random() < 0.3 else chain(draw, axes, 2, depth) for _ in range(draw.randint(2, 3))
        ]
        self.paths = nn.ModuleList(paths)
        self.join = draw.choice(("add", "cat", "multiply"))
        self.mix = pointwise(axes, CHANNELS * len(paths)) if self.join == "cat" else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        maps = [path(x) for path in self.paths]
        sizes = [min(sizes) for sizes in zip(*(each.shape[2:] for each in maps), strict=True)]
        maps = [each[(..., *(slice(size) for size in sizes))] for each in maps]
        if self.join == "cat":
            return self.mix(torch.cat(maps, 1))
        made = maps[0]
        for each in maps[1:]:
            made = made + each if self.join == "add" else made * each
        return made


class Checkpointed(nn.Module):
    """A chain that is computed again for backward."""

    def __init__(self, draw: Draw, axes: int, depth: int) -> None:
        super().__init__()
        self.inner = chain(draw, axes, 2, depth)

    def forward(self, x: Tensor) -> Tensor:
        return checkpoint(self.inner, x, use_reentrant=False)


class Untracked(nn.Module):
    """A chain without gradients, beside what it gates."""

    def __init__(self, draw: Draw, axes: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(pointwise(axes), activation(draw, axes))

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            gate = self.inner(x)
        return x * gate


def gathered(draw: Draw, axes: int) -> nn.Module:
    """Channels in another order, or positions picked by indices."""
    order = torch.tensor(draw.sample(range(CHANNELS), CHANNELS))
    places, dim = torch.tensor([2, 0, 1, 1]), draw.randint(2, axes + 1)
    wide = [1] * (axes + 2)
    wide[dim] = len(places)

    def gather(x: Tensor) -> Tensor:
        shape = [*x.shape]
        shape[dim] = len(places)
        return x.gather(dim, places.view(wide).expand(shape))

    ways: dict[str, Callable[[Tensor], Tensor]] = {
        "channels": lambda x: x.index_select(1, order),
        "shuffle": lambda x: x.unflatten(1, (2, CHANNELS // 2)).transpose(1, 2).flatten(1, 2),
        "index_select": lambda x: x.index_select(dim, places),
        "take_along_dim": lambda x: x.take_along_dim(places.view(wide), dim),
        "gather": gather,
    }
    name = draw.choice(sorted(ways))
    return Step(ways[name], name=name)


def plain(draw: Draw, axes: int) -> nn.Module:
    """A step without weights of those that are written for images."""
    if axes != 2:
        return Step(lambda x: x.flip(2) + x.roll(1, -1), name="flip_and_roll")
    name = draw.choice(sorted(PLAIN.keys() - {"relu_on_views"}))  # which autograd forbids
    return Step(PLAIN[name], name=name)


_LEAVES: tuple[Maker, ...] = (
    *(convolution, convolution, convolution, transposed_convolution, pool, adaptive_pool, resize, norm, norm),
    *(activation, activation, channels_last, memory_format, gathered, plain, plain),
    lambda draw, _: Recurrent(draw),
    lambda draw, _: Attention(draw),
    lambda _, axes: Gate(axes),
    Untracked,
)


def chain(draw: Draw, axes: int, longest: int, depth: int) -> nn.Module:
    steps: list[nn.Module] = []
    for _ in range(draw.randint(1, longest)):
        chance = draw.random()
        if depth and chance < 0.25:
            steps.append(Branches(draw, axes, depth - 1))
        elif depth and chance < 0.35:
            steps.append(Checkpointed(draw, axes, depth - 1))
        else:
            steps.append(draw.choice(_LEAVES)(draw, axes))
    return nn.Sequential(*steps)


def made_up(number: int) -> tuple[nn.Module, tuple[int, ...]]:
    """Return a network and the shape of its input, of two images; always the same ones."""
    draw = random.Random(number)
    torch.manual_seed(number)
    axes = draw.choice((1, 2, 2, 2, 3))
    shape = (2, CHANNELS, *(draw.randint(7, 12 if axes < 3 else 7) for _ in range(axes)))
    net = nn.Sequential(_CONV[axes](CHANNELS, CHANNELS, 3, padding=1), *chain(draw, axes, 6, 2))
    net = pruned(net, shape, LARGEST[axes])
    if draw.random() < 0.3:
        net.append(nn.Sequential(_ADAPTIVE[axes](1), nn.Flatten(), nn.Linear(CHANNELS, 3)))
    return net, shape


def pruned(net: nn.Module, shape: tuple[int, ...], largest: int) -> nn.Sequential:
    """The net without the steps at which it does not run, or its map grows too large."""
    kept: list[nn.Module] = []
    for step in net:
        try:
            with torch.no_grad():
                after = step.train()(torch.zeros(shape)).shape
        except (RuntimeError, ValueError, IndexError):
            continue
        if len(after) == len(shape) and after[1] == CHANNELS and min(after) > 1 and max(after) <= largest:
            kept.append(step)
            shape = after
    return nn.Sequential(*kept)
