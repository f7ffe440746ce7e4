"""Evaluation of a classifier: accuracy with its interval, by class, confusions, calibration."""

import math
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.loader import Batches
from ..data.sets import ImageData, Images
from ..errors import ConvwrightError
from ..graph.modes import in_mode

_BINS = 15
_Z95 = 1.959963984540054
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Evaluation of a model on a set of images.

    Attributes
    ----------
    confusion : Tensor of int64, shape (classes, classes)
        Number of images of the class of the row that were taken for the class of the column.
    loss : float
        Mean cross-entropy.
    calibration_error : float
        Expected calibration error: how far confidence is from accuracy, over 15 bins of confidence.
    """

    confusion: Tensor
    loss: float
    calibration_error: float

    @property
    def num_images(self) -> int:
        """Number of images."""
        return int(self.confusion.sum())

    @property
    def num_correct(self) -> int:
        """Number of images whose class was found."""
        return int(self.confusion.diagonal().sum())

    @property
    def accuracy(self) -> float:
        """Share of images whose class was found."""
        return self.num_correct / self.num_images

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy, as far as the choice of these images goes."""
        return wilson_interval(self.num_correct, self.num_images)

    @property
    def class_accuracies(self) -> tuple[float | None, ...]:
        """Accuracy on the images of each class; None for a class without images."""
        rows = zip(self.confusion.diagonal().tolist(), self.confusion.sum(1).tolist(), strict=True)
        return tuple(right / number if number else None for right, number in rows)

    @property
    def macro_f1(self) -> float:
        """Mean over the classes, each counting alike, of the harmonic mean of precision and recall.

        A class that has no images and was never seen is left out.
        """
        right = self.confusion.diagonal().double()
        seen = (self.confusion.sum(0) + self.confusion.sum(1)).double()
        return float((2 * right[seen > 0] / seen[seen > 0]).mean())

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {
            "num_images": self.num_images,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "accuracy_interval_95": list(self.interval),
            "loss": self.loss,
            "calibration_error": self.calibration_error,
            "class_accuracies": list(self.class_accuracies),
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Predictions of a model for images whose classes are known.

    Attributes
    ----------
    logits : Tensor of float32, shape (N, classes)
    labels : Tensor of int64, shape (N,)
    """

    logits: Tensor
    labels: Tensor

    @cached_property
    def classes(self) -> Tensor:
        """Predicted class of each image: int64, (N,)."""
        return self.logits.argmax(1)

    @cached_property
    def confidences(self) -> Tensor:
        """Probability of the predicted class: float32, (N,)."""
        return self.logits.softmax(1).amax(1)

    @cached_property
    def is_right(self) -> Tensor:
        """True where the predicted class is the image's: bool, (N,)."""
        return self.classes == self.labels

    @cached_property
    def evaluation(self) -> Evaluation:
        """Evaluation of the predictions.

        >>> logits = torch.tensor([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
        >>> found = Predictions(logits=logits, labels=torch.tensor([0, 1, 1])).evaluation
        >>> found.confusion.tolist(), found.class_accuracies
        ([[1, 0], [1, 1]], (1.0, 0.5))
        """
        num_classes = self.logits.shape[1]
        pairs = torch.bincount(self.labels * num_classes + self.classes, minlength=num_classes**2)
        return Evaluation(
            confusion=pairs.view(num_classes, num_classes),
            loss=F.cross_entropy(self.logits, self.labels).item(),
            calibration_error=calibration_error(self.confidences, self.is_right),
        )


def predict(
    model: nn.Module,
    images: Images,
    data: ImageData,
    *,
    batch_size: int = 500,
    precision: str = "fp32",
    channels_last: bool = False,
) -> Predictions:
    """Run `model` over `images`, one of the sets of `data`, in eval mode on the device it is on.

    Every layer's mode is put back afterwards.

    Raises
    ------
    ConvwrightError
        If the set is empty, or the outputs of the model are not one for each class.
    """
    if not len(images):
        raise ConvwrightError(f"evaluating on {data.name}", expected="at least one image", got="none")
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    batches = Batches(
        images,
        batch_size=batch_size,
        seed=0,
        mean=data.mean,
        std=data.std,
        device=device,
        channels_last=channels_last,
        dtype=DTYPES[precision],
        drop_last=False,
    )
    half = precision != "fp32"
    casting = torch.autocast(device.type, DTYPES[precision]) if half else nullcontext()
    outputs, labels = [], []
    with in_mode(model, training=False), torch.inference_mode(), casting:
        for x, target in batches.in_order():
            outputs.append(checked(model(x), data.num_classes).float())
            labels.append(target)
    return Predictions(logits=torch.cat(outputs).cpu(), labels=torch.cat(labels).cpu())


def evaluate(
    model: nn.Module,
    images: Images,
    data: ImageData,
    *,
    batch_size: int = 500,
    precision: str = "fp32",
    channels_last: bool = False,
) -> Evaluation:
    """Evaluate `model` on `images`, one of the splits of `data`; see `predict`."""
    return predict(
        model, images, data, batch_size=batch_size, precision=precision, channels_last=channels_last
    ).evaluation


def checked(logits: Tensor, num_classes: int) -> Tensor:
    """`logits` of shape (N, num_classes).

    Raises
    ------
    ConvwrightError
        When they have another.
    """
    if logits.ndim != 2 or logits.shape[1] != num_classes:
        raise ConvwrightError(
            "output of the network",
            expected=f"(N, {num_classes}), a logit for each class",
            got=f"shape {tuple(logits.shape)}",
            hint=f"give its last layer {num_classes} outputs",
        )
    return logits


def calibration_error(confidence: Tensor, correct: Tensor) -> float:
    """Mean distance of confidence from accuracy over 15 bins of equal width, by the images in them.

    Parameters
    ----------
    confidence : Tensor of float, shape (N,)
        Probability of the class that was chosen.
    correct : Tensor of bool, shape (N,)

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2, equation 3.

    >>> calibration_error(torch.tensor([0.75, 0.75]), torch.tensor([True, False]))
    0.25
    """
    edges = torch.linspace(0, 1, _BINS + 1)[1:-1]
    bins = torch.bucketize(confidence, edges)  # (lower, upper], as in the paper
    gaps = torch.zeros(_BINS, dtype=torch.float64).index_add(0, bins, confidence.double() - correct.double())
    return float(gaps.abs().sum() / len(confidence))


def wilson_interval(correct: float, number: int) -> tuple[float, float]:
    """95 % interval of a share of which `correct` of `number` were seen.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".

    >>> [round(edge, 4) for edge in wilson_interval(90, 100)]
    [0.8256, 0.9448]
    """
    share, weight = correct / number, _Z95**2 / number
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    low, high = middle - half, middle + half  # which at the ends is 0 or 1 but for rounding
    return (low if correct else 0.0), (high if correct < number else 1.0)
