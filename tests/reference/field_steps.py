"""Steps without weights for random networks, each with something of its own to say about receptive fields."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = 4


class Step(nn.Module):
    """A layer from a function and, where it has weights, modules."""

    def __init__(self, function: Callable[..., Tensor], *modules: nn.Module, name: str = "") -> None:
        super().__init__()
        self.function, self.parts, self.name = function, nn.ModuleList(modules), name

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, *self.parts)

    def extra_repr(self) -> str:
        held = [cell.cell_contents for cell in getattr(self.function, "__closure__", None) or ()]
        return self.name or str(held)


def tokens_and_back(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2).transpose(1, 2).view(x.shape)


def window_attention(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    t = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 2, 4, 3, 5, 1).reshape(-1, 4, c)
    t = F.scaled_dot_product_attention(t, t, t)
    return t.view(n, h // 2, w // 2, 2, 2, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)


def interleave(x: Tensor) -> Tensor:
    return torch.stack((x, x.flip(3)), -1).flatten(3)


def unfold_fold(x: Tensor) -> Tensor:
    windows = F.unfold(x, 3, padding=1, stride=2)
    return F.fold(windows + windows.mean(1, keepdim=True), x.shape[2:], 3, padding=1, stride=2)


def shift_rows(x: Tensor) -> Tensor:
    """A temporal shift: part of the channels moves on by one row, and the rest stays."""
    y = x.clone()
    y[:, :2, 1:] = x[:, :2, :-1]
    return y.flip(1) + y


def overwrite(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    y[:, :, 2:, 1:-1] = x[:, :, :-2, 2:]
    y[:, :, 0] = x[:, :, 3]
    return y


def relu_on_views(x: Tensor) -> Tensor:
    y = x * 2
    one, _ = y.chunk(2, 1)
    one.relu_()
    return y


def copy_into(x: Tensor) -> Tensor:
    y = x * 2
    y.copy_(x.flip(2))
    return y


def dynamic_convolution(x: Tensor) -> Tensor:
    """Yang et al. 2019: the weights depend on the image, which becomes a group."""
    n, c, h, w = x.shape
    weight = x.mean((2, 3)).reshape(n * c, 1, 1, 1).expand(n * c, 1, 3, 3)
    return F.conv2d(x.reshape(1, n * c, h, w), weight, padding=1, groups=n * c).reshape(n, c, h, w)


def space_to_depth(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    deep = x.view(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
    return F.conv2d(deep, torch.ones(CHANNELS, 4 * c, 1, 1, dtype=x.dtype))


def row_attention(x: Tensor) -> Tensor:
    rows = x.permute(0, 2, 3, 1)
    return ((rows @ rows.transpose(2, 3)).softmax(-1) @ rows).permute(0, 3, 1, 2)


def linear_attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2)
    context = tokens.softmax(2) @ tokens.transpose(1, 2)
    return (context @ tokens).unflatten(2, x.shape[2:])


def coordinate_gates(x: Tensor) -> Tensor:
    """Hou et al. 2021: one gate per row and one per column, found together."""
    rows, columns = x.mean(3, keepdim=True), x.mean(2, keepdim=True).transpose(2, 3)
    both = F.avg_pool2d(torch.cat([rows, columns], 2), (3, 1), 1, (1, 0))
    rows, columns = both.split(list(x.shape[2:]), 2)
    return x * rows * columns.transpose(2, 3)


def halves(x: Tensor) -> Tensor:
    one, other = x.chunk(2, 2)
    return one + other


# Steps without weights; each must say something of its own.
PLAIN: dict[str, Callable[[Tensor], Tensor]] = {
    "slice": lambda x: x[:, :, 1::2, :-1],
    "slice_step": lambda x: x[..., ::3],
    "flip": lambda x: x.flip(2),
    "flip_both": lambda x: torch.flip(x, (2, 3)),
    "roll": lambda x: x.roll((2, -1), (2, 3)),
    "turn": lambda x: x.transpose(2, 3),
    "join_rows": lambda x: torch.cat([x, x.flip(3)[:, :, :3]], 2),
    "join_columns": lambda x: torch.cat([x[..., 2:], x], 3),
    "row_mean": lambda x: x + x.mean(3, keepdim=True),
    "softmax_rows": lambda x: x * x.softmax(2),
    "instance_norm": F.instance_norm,
    "group_norm": lambda x: F.group_norm(x, 2),
    "row_norm": lambda x: F.layer_norm(x, x.shape[3:]),
    "channel_norm": lambda x: F.layer_norm(x.permute(0, 2, 3, 1), (CHANNELS,)).permute(0, 3, 1, 2),
    "tokens": tokens_and_back,
    "window_attention": window_attention,
    "interleave": interleave,
    "halves": halves,
    "shift_rows": shift_rows,
    "overwrite": overwrite,
    "relu_on_views": relu_on_views,
    "copy_into": copy_into,
    "advanced_index": lambda x: x[:, :, [0, 3, 1, 1]],
    "index": lambda x: x + x[:, :, 2, None],
    "dynamic_convolution": dynamic_convolution,
    "linear_attention": linear_attention,
    "row_attention": row_attention,
    "space_to_depth": space_to_depth,
    "gated_linear": lambda x: F.glu(torch.cat([x, x.flip(2)], 1), 1),
    "position_bias": lambda x: x.amax((2, 3), keepdim=True) * torch.ones(1, 1, *x.shape[2:]) + x.roll(1, 3),
    "cumulated": lambda x: torch.tile(x, (1, 1, 1, 2)).movedim(1, 3).movedim(3, 1),
    "coordinate_gates": coordinate_gates,
    "unfold_fold": unfold_fold,
    "windows": lambda x: x.unfold(2, 3, 2).mean(-1),
    "repeat": lambda x: x.repeat(1, 1, 2, 1),
    "repeat_each": lambda x: x.repeat_interleave(2, 3),
    "negative_pad": lambda x: F.pad(x, (-1, 0, 0, -2)),
    "unshuffle": lambda x: F.pixel_unshuffle(x, 2).unflatten(1, (CHANNELS, 4)).mean(2),
    "global_max": lambda x: x - x.amax((2, 3), keepdim=True),
    "gram": lambda x: torch.einsum("nchw,nkhw->nck", x, x).mean(2)[:, :, None, None] + x,
    "narrow": lambda x: x.narrow(3, 1, x.shape[3] - 2),
    "running_sum": lambda x: x.cumsum(2) + x.logcumsumexp(3),
    "differences": lambda x: x.diff(n=2, dim=3),
    "picked_channels": lambda x: x.index_select(1, torch.tensor([2, 0, 1, 1])) + x[:, torch.tensor([3, 0, 2, 1])],
    "max_over_channels": lambda x: x * x.amax(1, keepdim=True),
}

# Steps of which only numbers tell what they read: what is derived is a bound.
BOUNDED: dict[str, Callable[[Tensor], Tensor]] = {
    "picked_rows": lambda x: x[:, :, torch.tensor([3, 1, 2])],
    "picked_rows_and_columns": lambda x: x[:, :, torch.tensor([[3], [1]]), torch.tensor([[0, 2, 5, 5, 4]])],
    "picked_apart": lambda x: x[:, torch.tensor([0, 1]), :, torch.tensor([5, 4])].sum(0)[:, None, :, None],
    "picked_places": lambda x: x[:, :, torch.tensor([3, 1, 2]), torch.tensor([0, 5, 2])].unsqueeze(3),
    "index_select": lambda x: x.index_select(3, torch.tensor([0, 0, 7])),
    "gather": lambda x: x.gather(2, torch.tensor([4, 1]).view(1, 1, 2, 1).expand(len(x), CHANNELS, 2, 5)),
    "take_along_dim": lambda x: x.take_along_dim(torch.tensor([4, 1]).view(1, 1, 2, 1), 2),
    "grid_sample": lambda x: F.grid_sample(x, torch.zeros(len(x), 5, 6, 2, dtype=x.dtype), align_corners=False),
    "spectrum": lambda x: torch.fft.irfft2(torch.fft.rfft2(x)),
    "unfold_and_back": lambda x: F.fold(F.unfold(x, 3, padding=1).relu(), x.shape[2:], 3, padding=1),
    "shuffle_and_back": lambda x: F.pixel_shuffle(F.pixel_unshuffle(x, 2).relu(), 2),
}
