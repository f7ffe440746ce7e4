"""One number that makes probabilities of logits: temperature scaling."""

from math import exp, log

import torch.nn.functional as F
from torch import Tensor

from ..extras import needs_extra

_LEAST, _MOST = 1e-4, 1e4


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Fit the divisor of logits with which their softmax says how often they are right.

    It minimizes the cross-entropy (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2), with as
    much taken from each label as one more image of another class would (Platt 1999): so that no confidence is without
    bounds where all of few images are right.

    Parameters
    ----------
    logits : Tensor, shape (N, K)
        Logits of images that they were not fitted to.
    labels : Tensor of int64, shape (N,)
        Indices of classes.

    Examples
    --------
    >>> import torch
    >>> logits = torch.tensor([[0.1, -0.1]] * 8)
    >>> t = fit_temperature(logits, torch.tensor([0] * 6 + [1] * 2))
    >>> (logits[0] / t).softmax(0)  # a tenth is taken from each of eight labels: (6 * 0.9 + 2 * 0.1) / 8
    tensor([0.7000, 0.3000])
    """
    with needs_extra("transfer"):
        from scipy.optimize import minimize_scalar

    number, num_classes = logits.shape
    smoothing = num_classes / (num_classes - 1) / (number + 2)
    scores = logits.double()

    def entropy(log_temperature: float) -> float:
        return F.cross_entropy(scores / exp(log_temperature), labels, label_smoothing=smoothing).item()

    found = minimize_scalar(entropy, bounds=(log(_LEAST), log(_MOST)), method="bounded", options={"xatol": 1e-4})
    return exp(found.x)
