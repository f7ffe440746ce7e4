"""What the speed run is compared with: Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", with Muon.

Whitened 2x2 patches, three stages of 64, 256 and 256 channels, 8 epochs in batches of 2,000, bfloat16; here with random
flips where the published code alternates them, and without its test-time augmentation.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convwright.data import Augmentation, Batches, ImageData
from convwright.training.muon import orthogonalized

EPOCHS, BATCH_SIZE, WHITENING_EPOCHS = 8, 2000, 3
FILTER_LR, FILTER_MOMENTUM, BIAS_LR, HEAD_LR, MOMENTUM = 0.24, 0.6, 0.053, 0.67, 0.85
DECAY = 2e-6 * BATCH_SIZE  # of weights, whatever the rate


def norm(channels: int) -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(channels, eps=1e-12, momentum=0.4)
    layer.weight.requires_grad = False
    return layer


def conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    layer = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    nn.init.dirac_(layer.weight.data[:in_channels])
    return layer


def stage(in_channels: int, out_channels: int) -> nn.Sequential:
    first = (conv(in_channels, out_channels), nn.MaxPool2d(2), norm(out_channels), nn.GELU())
    return nn.Sequential(*first, conv(out_channels, out_channels), norm(out_channels), nn.GELU())


class Reference(nn.Module):
    """The published network, its first layer made of the images it is to see."""

    def __init__(self, images: Tensor) -> None:
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.whiten.weight.requires_grad = False
        patches = images.unfold(2, 2, 1).unfold(3, 2, 1).transpose(1, 3).reshape(-1, 12)
        values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = vectors.T.reshape(12, 3, 2, 2) / (values + 5e-4).sqrt().view(-1, 1, 1, 1)
        self.whiten.weight.data.copy_(torch.cat([filters, -filters]))
        nn.init.zeros_(self.whiten.bias)  # type: ignore[arg-type]
        self.stages = nn.Sequential(nn.GELU(), stage(24, 64), stage(64, 256), stage(256, 256), nn.MaxPool2d(3))
        self.head = nn.Linear(256, 10, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, 10) of images (N, 3, 32, 32)."""
        features = self.stages(self.whiten(x)).flatten(1)
        return self.head(features) / features.shape[1]  # type: ignore[no-any-return]


class FilterMuon:
    """Muon as published with the method: every filter is brought back to one norm before it is moved."""

    def __init__(self, filters: list[nn.Parameter]) -> None:
        self.filters, self.past = filters, [torch.zeros_like(each) for each in filters]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Move every filter."""
        for filters, past in zip(self.filters, self.past, strict=True):
            gradient: Tensor = filters.grad  # type: ignore[assignment]
            past.mul_(FILTER_MOMENTUM).add_(gradient)
            update = orthogonalized((gradient + FILTER_MOMENTUM * past).flatten(1), is_half=True).view_as(filters)
            filters.mul_(len(filters) ** 0.5 / filters.norm()).sub_(update, alpha=lr)


def trained(data: ImageData, seed: int) -> tuple[Reference, Iterator[tuple[int, int]]]:
    """The network, and its training: (step, number of steps) after every step."""
    torch.manual_seed(seed)
    batches = Batches(
        data.train, batch_size=BATCH_SIZE, seed=seed, mean=data.mean, std=data.std, dtype=torch.bfloat16,
        augmentation=Augmentation(flip=True, crop_padding=2), channels_last=True,
    )  # fmt: skip
    whole = Batches(data.train, batch_size=5000, seed=0, mean=data.mean, std=data.std)
    net = Reference(next(whole.in_order())[0]).to(memory_format=torch.channels_last)
    return net, _steps(net, batches)


def _steps(net: Reference, batches: Batches) -> Iterator[tuple[int, int]]:
    biases: list[Tensor] = [layer.bias for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
    rates = (([net.whiten.bias], BIAS_LR), (biases, BIAS_LR), ([net.head.weight], HEAD_LR))
    groups = [{"params": params, "lr": lr, "weight_decay": DECAY / lr} for params, lr in rates]
    others = torch.optim.SGD(groups, momentum=MOMENTUM, nesterov=True)
    muon = FilterMuon([weight for weight in net.stages.parameters() if weight.ndim == 4])
    num_steps, step = EPOCHS * len(batches), 0
    for epoch in range(EPOCHS):
        for images, labels in batches.epoch(epoch):
            left = 1 - step / num_steps
            shares = (max(0.0, 1 - step / (WHITENING_EPOCHS * len(batches))), left, left)
            net.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                logits = net(images)
            F.cross_entropy(logits.float(), labels, label_smoothing=0.2, reduction="sum").backward()  # type: ignore[no-untyped-call]
            for group, share, (_, lr) in zip(others.param_groups, shares, rates, strict=True):
                group["lr"] = lr * share
            others.step()
            muon.step(FILTER_LR * left)
            step += 1
            yield step, num_steps
