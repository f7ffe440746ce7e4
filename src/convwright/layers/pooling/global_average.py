"""Global average pooling: one number a channel."""

from torch import Tensor, nn

from ..brick import Pooling


class GlobalAveragePool2d(nn.Module):
    """The mean of every channel: no parameters, any input size.

    Shape: (N, C, H, W) -> (N, C).
    Source: Lin et al. 2014, "Network in network", section 3.2.

    Examples
    --------
    >>> import torch
    >>> GlobalAveragePool2d()(torch.ones(2, 512, 7, 7)).shape
    torch.Size([2, 512])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Average `x` of shape (N, C, H, W) over its positions."""
        return x.mean((-2, -1))


BRICK = Pooling(
    layer=GlobalAveragePool2d,
    examples={"any size": GlobalAveragePool2d},
    formula="1/(H W) sum(x)",
    best_for="the head: replaces fully connected layers, and their parameters, at any input size",
    downside="where a feature is no longer matters",
)
