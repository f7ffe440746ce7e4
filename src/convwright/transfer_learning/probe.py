"""Linear probe: a classifier that learns on features computed before, so that an epoch takes milliseconds."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.seeds import generator
from ..errors import ConvwrightError, require_at_least
from .features import Features
from .stages import HEAD

WEIGHT_DECAYS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_LR = 0.1  # of Adam, over the root of the number of channels, as their weights are; down to 0 by a cosine
_STEPS, _LEAST, _MOST = 8, 32, 1024  # steps that an epoch should have, and between which sizes of a batch
_TINY = 1e-12  # keeps channels that are all constant from dividing by zero
_NARROWEST = 1e-3  # of the mean deviation: a channel that hardly varies in training must not weigh more for it


@dataclass(frozen=True)
class ProbeEpoch:
    """One epoch of a probe.

    Attributes
    ----------
    epoch : int
        Number of the epoch, from 1.
    loss, train_accuracy : float
        Means over the images of its batches, as the weights were then; cross-entropy without the decay.
    validation_loss, validation_accuracy : float
        Metrics of the weights at its end.
    """

    epoch: int
    loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Probe:
    """A classifier of features.

    Attributes
    ----------
    linear : nn.Linear
        Layer that takes unscaled features.
    weight_decay : float
        The one that was chosen.
    validation_losses : dict of float to float
        At the end, of every decay that was tried.
    epochs : tuple of ProbeEpoch
        Epochs of the chosen one.
    seconds : float
        Time of all decays together.
    """

    linear: nn.Linear
    weight_decay: float
    validation_losses: dict[float, float]
    epochs: tuple[ProbeEpoch, ...]
    seconds: float

    @property
    def epoch_seconds(self) -> float:
        """Mean of an epoch, all decays together."""
        return self.seconds / len(self.epochs)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the weights, as plain values."""
        return {
            "weight_decay": self.weight_decay,
            "validation_losses": {str(decay): loss for decay, loss in self.validation_losses.items()},
            "epochs": [asdict(each) for each in self.epochs],
            "seconds": self.seconds,
        }


def train_probe(
    train: Features,
    validation: Features,
    *,
    num_classes: int,
    stage: str = HEAD,
    epochs: int = 100,
    seed: int = 0,
    weight_decays: Sequence[float] = WEIGHT_DECAYS,
) -> Probe:
    """Fit a softmax regression to the features of a stage, by Adam in shuffled batches, from zero.

    The loss is cross-entropy and half the decay times the squared weights, of features standardized on the training
    images. Chosen is the strongest decay whose validation loss is within a standard error of the lowest: few and easy
    images would else choose the weakest.

    Parameters
    ----------
    num_classes, seed : int
        Logits, where a class may have no images; and what the order of the images is drawn from.

    Source: Breiman et al. 1984, "Classification and Regression Trees", section 3.4.3, for the standard error.

    Raises
    ------
    ConvwrightError
        Without images to learn from, or to choose by.

    Examples
    --------
    >>> features = Features(values={"head": torch.tensor([[0.0], [9.0]])}, labels=torch.tensor([0, 1]), seconds=0.0)
    >>> probe = train_probe(features, features, num_classes=2)
    >>> probe.linear(torch.tensor([[2.0], [7.0]])).argmax(1)
    tensor([0, 1])
    """
    require_at_least("epochs", epochs, 1)
    for images, purpose in ((train, "to learn from"), (validation, "to choose the weight decay by")):
        if not len(images):
            raise ConvwrightError(f"images {purpose}", expected="at least one", got="none")
    start, scaling = time.perf_counter(), _Scaling.of(train[stage])
    heads = _Heads(scaling(train[stage]), train.labels, num_classes, weight_decays)
    losses, history = heads.train(scaling(validation[stage]), validation.labels, epochs, seed)
    chosen = _strongest(losses, weight_decays)
    return Probe(
        linear=scaling.folded_into(heads.weight[chosen], heads.bias[chosen]),
        weight_decay=weight_decays[chosen],
        validation_losses=dict(zip(weight_decays, losses.mean(0).tolist(), strict=True)),
        epochs=tuple(ProbeEpoch(number, *row[:, chosen].tolist()) for number, row in enumerate(history, start=1)),
        seconds=time.perf_counter() - start,
    )


def _strongest(losses: Tensor, weight_decays: Sequence[float]) -> int:
    """Choose a decay by losses (images, decays)."""
    means = losses.mean(0)
    best = losses[:, means.argmin()]
    enough = best.mean() + best.std(correction=0) / math.sqrt(len(best))
    return max(range(len(weight_decays)), key=lambda at: (bool(means[at] <= enough), weight_decays[at]))


@dataclass(frozen=True, kw_only=True)
class _Scaling:
    """Takes off the mean of each channel, and divides by its deviation."""

    mean: Tensor
    std: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "_Scaling":
        std = features.std(0, correction=0)
        return cls(mean=features.mean(0), std=std.clamp(min=max(_NARROWEST * std.mean().item(), _TINY)))

    def __call__(self, features: Tensor) -> Tensor:
        return (features - self.mean) / self.std

    @torch.no_grad()
    def folded_into(self, weight: Tensor, bias: Tensor) -> nn.Linear:
        """The layer that makes of features as they are what these weights make of standardized ones."""
        raw = weight.double() / self.std
        linear = nn.Linear(weight.shape[1], len(weight), device="meta").to_empty(device=weight.device)
        linear.weight.copy_(raw)
        linear.bias.copy_(bias.double() - raw @ self.mean.double())
        return linear


class _Heads:
    """Classifiers that learn side by side from the same batches, one for each weight decay.

    Parameters
    ----------
    x : Tensor, shape (N, C)
        Standardized features.
    labels : Tensor of int64, shape (N,)
        Labels of the images.
    """

    def __init__(self, x: Tensor, labels: Tensor, num_classes: int, weight_decays: Sequence[float]) -> None:
        self._x, self._labels = x, labels
        self._decays = torch.tensor(list(weight_decays), device=x.device)
        self.weight = torch.zeros(len(self._decays), num_classes, x.shape[1], device=x.device, requires_grad=True)
        self.bias = torch.zeros(len(self._decays), num_classes, device=x.device, requires_grad=True)
        self._lr = _LR / math.sqrt(x.shape[1])
        self._optimizer = torch.optim.Adam([self.weight, self.bias])

    def train(self, x: Tensor, labels: Tensor, epochs: int, seed: int) -> tuple[Tensor, list[Tensor]]:
        """All epochs.

        Returns
        -------
        losses : Tensor, shape (images, classifiers)
            Of other images `x` at the end.
        history : list of Tensor, shape (4, classifiers)
            Of every epoch the loss and accuracy in training, and those of the other images.
        """
        history = []
        for epoch in range(epochs):
            order = torch.randperm(len(self._x), generator=generator(seed, "probe", epoch))
            learned = self._learn(order.to(self._x.device), epoch, epochs)
            with torch.no_grad():
                losses, right = self._scores(x, labels)
            history.append(torch.stack([*learned, losses.mean(0), right.mean(0)]))
        return losses, history

    def _learn(self, order: Tensor, epoch: int, epochs: int) -> Tensor:
        size = min(max(math.ceil(len(order) / _STEPS), _LEAST), _MOST)
        starts = range(0, len(order), size)
        sums = torch.zeros(2, len(self._decays), device=self._x.device)
        for step, first in enumerate(starts):
            rows = order[first : first + size]
            losses, right = self._scores(self._x[rows], self._labels[rows])
            penalty = self._decays @ self.weight.square().sum((1, 2)) / 2
            self._optimizer.zero_grad()
            (losses.mean(0).sum() + penalty).backward()  # type: ignore[no-untyped-call]
            done = (epoch + step / len(starts)) / epochs
            self._optimizer.param_groups[0]["lr"] = self._lr * (1 + math.cos(math.pi * done)) / 2
            self._optimizer.step()
            sums += torch.stack([losses.detach().sum(0), right.sum(0)])
        return sums / len(order)

    def _scores(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Losses of images, and whether they are classified rightly: (images, classifiers)."""
        logits = (x @ self.weight.flatten(0, 1).T).view(len(x), *self.bias.shape) + self.bias
        targets = labels[:, None].expand(-1, len(self._decays))
        losses = F.cross_entropy(logits.mT, targets, reduction="none")
        return losses, (logits.argmax(2) == targets).float()
