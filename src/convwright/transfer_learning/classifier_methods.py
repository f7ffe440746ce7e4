"""The kinds of classifiers of features, by scikit-learn, and what is chosen of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ..extras import needs_extra


@dataclass(frozen=True, kw_only=True)
class Method:
    """A kind of classifier.

    Attributes
    ----------
    title : str
        Full name.
    make : callable
        The estimator for a seed.
    parameter : str
        Parameter that is chosen by cross-validation.
    values : tuple
        Values to try, the simplest classifier first: it is taken when several are equally good.
    is_linear : bool
        Whether the fitted classifier can be a linear layer.
    has_shares : bool
        Whether its outputs are probabilities; else they are distances from a boundary, which a temperature makes such.
    """

    title: str
    make: Callable[[int], Any]
    parameter: str
    values: tuple[float, ...]
    is_linear: bool
    has_shares: bool


def _sklearn(path: str, *, is_random: bool = False, **options: Any) -> Callable[[int], Any]:
    """Return a function from a seed to an estimator of scikit-learn, which is imported when it is called."""

    @needs_extra("transfer")
    def make(seed: int) -> Any:
        module, _, name = path.rpartition(".")
        estimator = getattr(import_module(f"sklearn.{module}"), name)
        return estimator(**options, random_state=seed) if is_random else estimator(**options)

    return make


CLASSIFIERS: Mapping[str, Method] = {
    "logistic": Method(
        title="logistic regression",
        make=_sklearn("linear_model.LogisticRegression", max_iter=1000),
        parameter="C",
        values=(1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        is_linear=True,
        has_shares=True,
    ),
    "svm": Method(
        title="a linear support vector machine",
        # With scikit-learn's own tolerance, and by the primal where there are more images than features, it takes ten
        # times as long for thousands of images, and is right no more often.
        make=_sklearn("svm.LinearSVC", is_random=True, dual=True, tol=1e-2, max_iter=10_000),
        parameter="C",
        values=(1e-5, 1e-4, 1e-3, 1e-2, 1e-1),
        is_linear=True,
        has_shares=False,
    ),
    "knn": Method(
        title="nearest neighbours",
        make=_sklearn("neighbors.KNeighborsClassifier"),
        parameter="n_neighbors",
        values=(20, 10, 5, 3, 1),
        is_linear=False,
        has_shares=True,
    ),
    "ridge": Method(
        title="ridge regression",
        make=_sklearn("linear_model.RidgeClassifier"),
        parameter="alpha",
        values=(1e4, 1e3, 1e2, 1e1, 1.0),
        is_linear=True,
        has_shares=False,
    ),
    "forest": Method(
        title="a random forest",
        make=_sklearn("ensemble.RandomForestClassifier", is_random=True, n_estimators=200, n_jobs=-1),
        parameter="min_samples_leaf",
        values=(5, 2, 1),
        is_linear=False,
        has_shares=True,
    ),
}
