"""Classifiers of features, by scikit-learn: chosen by cross-validation on the training images, and made layers."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..errors import ConvwrightError, require_choice
from ..extras import needs_extra
from .classifier_methods import CLASSIFIERS, Method
from .temperature import fit_temperature

_MOST_FOLDS = 5
_NEVER = -1e4  # logit of a class that had no images: its share is 0, and the number is finite in any precision
_LEAST_SHARE = 1e-6  # of a class that no neighbour or no tree names: its logarithm has to be finite
Folds = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedClassifier:
    """A classifier of features that was fitted.

    Attributes
    ----------
    name : str
        Name in `CLASSIFIERS`.
    estimator : Any
        Scikit-learn's pipeline: features are standardized, then classified.
    num_classes : int
        Logits; classes without training images are never named.
    parameters : dict of str to float
        Chosen parameter.
    temperature : float
        Divisor of the logits; 1 for a method that has probabilities.
    cv_accuracy : float or None
        Mean over the folds, for these parameters; None where no class has two images.
    num_folds : int
        Number of folds of the cross-validation; 0 for none, which takes the middle value of the parameter.
    seconds : float
        Time of choosing and fitting.
    """

    name: str
    estimator: Any
    num_classes: int
    parameters: dict[str, float]
    temperature: float
    cv_accuracy: float | None
    num_folds: int
    seconds: float

    def logits(self, features: Tensor) -> Tensor:
        """Return the logits (N, num_classes) of features (N, C).

        Their softmax is what the classifier gives as probabilities, where its method has such; else its temperature
        makes it such (see `fit_temperature`).
        """
        if CLASSIFIERS[self.name].is_linear:
            with torch.no_grad():
                return as_linear(self)(features)  # type: ignore[no-any-return]
        shares = torch.zeros(len(features), self.num_classes)
        shares[:, self.estimator.classes_] = torch.from_numpy(self.estimator.predict_proba(features.numpy())).float()
        return shares.clamp(min=_LEAST_SHARE).log()

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as plain values."""
        return {
            "name": self.name,
            "parameters": self.parameters,
            "temperature": self.temperature,
            "cv_accuracy": self.cv_accuracy,
            "num_folds": self.num_folds,
            "seconds": self.seconds,
        }


def fit_classifier(name: str, features: Tensor, labels: Tensor, *, num_classes: int, seed: int = 0) -> FittedClassifier:
    """Fit a classifier to the features of training images, its parameter chosen by stratified cross-validation on them.

    Folds are five, or as many as the smallest class has images; classes of one image are always learned from.

    Parameters
    ----------
    name : str
        Name in `CLASSIFIERS`.
    features : Tensor of float32, shape (N, C)
        Standardized on the images that are learned from, in each fold anew.
    labels : Tensor of int64, shape (N,)
        Indices of classes.
    num_classes : int
        Number of classes of the data, with or without images here.
    seed : int
        Seed of folds, trees and the support vector machine.

    Raises
    ------
    ConvwrightError
        For an unknown name, or images of one class alone.

    Examples
    --------
    >>> features, labels = torch.arange(10.0)[:, None], torch.arange(10) // 5
    >>> fitted = fit_classifier("logistic", features, labels, num_classes=2)
    >>> fitted.num_folds, fitted.logits(torch.tensor([[1.0], [8.0]])).argmax(1)
    (5, tensor([0, 1]))
    """
    require_choice("classifier", name, CLASSIFIERS)
    start, y = time.perf_counter(), labels.numpy()
    if (number := len(np.unique(y))) < 2:
        raise ConvwrightError("training images of a classifier", expected="at least 2 classes", got=str(number))
    folds = _folds(y, seed)
    estimator, value, accuracy = _chosen(name, features.numpy(), y, folds, seed)
    return FittedClassifier(
        name=name,
        estimator=estimator,
        num_classes=num_classes,
        parameters={CLASSIFIERS[name].parameter: value},
        temperature=_temperature(CLASSIFIERS[name], estimator, features.numpy(), y, folds),
        cv_accuracy=accuracy,
        num_folds=len(folds),
        seconds=time.perf_counter() - start,
    )


def as_linear(fitted: FittedClassifier) -> nn.Linear:
    """Return a linear layer that gives the same logits for unscaled features.

    Raises
    ------
    ConvwrightError
        For a classifier that is no linear one.
    """
    if not CLASSIFIERS[fitted.name].is_linear:
        names = ", ".join(name for name, method in CLASSIFIERS.items() if method.is_linear)
        raise ConvwrightError(f"{fitted.name} as a layer", expected=f"one of {names}")
    scaler, classifier = fitted.estimator[0], fitted.estimator[-1]
    weight, bias = np.atleast_2d(classifier.coef_), np.atleast_1d(classifier.intercept_)
    if len(weight) == 1:  # of two classes scikit-learn keeps the difference
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    weight, bias = weight.astype(np.float64) / fitted.temperature, bias / fitted.temperature
    raw = weight / scaler.scale_
    linear = nn.Linear(raw.shape[1], fitted.num_classes, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        linear.weight.zero_()
        linear.bias.fill_(_NEVER)
        linear.weight[classifier.classes_] = torch.from_numpy(raw).float()
        linear.bias[classifier.classes_] = torch.from_numpy(bias - raw @ scaler.mean_).float()
    return linear


def _chosen(
    name: str, x: NDArray[np.float32], y: NDArray[np.int64], folds: Folds, seed: int
) -> tuple[Any, float, float | None]:
    """The fitted pipeline, the value of its parameter, and the accuracy over the folds."""
    with needs_extra("transfer"):
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

    method = CLASSIFIERS[name]
    estimator = make_pipeline(StandardScaler(), method.make(seed))
    parameter = f"{estimator.steps[-1][0]}__{method.parameter}"
    fewest = min((len(learned) for learned, _ in folds), default=len(y))
    values = [value for value in method.values if name != "knn" or value <= fewest]  # as neighbours there are
    if not folds:
        middle = values[len(values) // 2]
        return estimator.set_params(**{parameter: middle}).fit(x, y), middle, None
    search = GridSearchCV(estimator, {parameter: values}, cv=folds).fit(x, y)
    return search.best_estimator_, search.best_params_[parameter], float(search.best_score_)


def _temperature(method: Method, estimator: Any, x: NDArray[np.float32], y: NDArray[np.int64], folds: Folds) -> float:
    """Fit the temperature of distances, on the images that each fold was not fitted to."""
    with needs_extra("transfer"):
        from sklearn.base import clone

    if method.has_shares or not folds:
        return 1.0
    distances = []
    for learned, tested in folds:
        found = clone(estimator).fit(x[learned], y[learned]).decision_function(x[tested])
        distances.append(found if found.ndim == 2 else np.stack([-found, found], 1) / 2)
    labels = np.searchsorted(estimator.classes_, np.concatenate([y[tested] for _, tested in folds]))
    return fit_temperature(torch.from_numpy(np.concatenate(distances)), torch.from_numpy(labels))


def _folds(labels: NDArray[np.int64], seed: int) -> Folds:
    """Rows to learn from and rows to test on, several times; none where no class has two images."""
    with needs_extra("transfer"):
        from sklearn.model_selection import StratifiedKFold

    sizes = np.bincount(labels)[labels]  # of each row's class
    alone, shared = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
    if not len(shared):
        return []
    split = StratifiedKFold(min(_MOST_FOLDS, sizes[shared].min()), shuffle=True, random_state=seed)
    pairs = split.split(shared, labels[shared])
    return [(np.concatenate([shared[learned], alone]), shared[tested]) for learned, tested in pairs]
