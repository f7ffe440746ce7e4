"""The kinds of classifiers of features, by scikit-learn, and what is chosen of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Method:
    """A kind of classifier.

    Attributes
    ----------
    title : str
        What it is called in full.
    make : callable
        The estimator for a seed.
    parameter : str
        What is chosen.
    values : tuple
        Of it, the simplest classifier first: that is taken when several are equally good.
    is_linear : bool
        Whether it is a layer once it is fitted.
    has_shares : bool
        Whether its outputs are probabilities; else they are distances from a boundary, which a temperature makes such.
    """

    title: str
    make: Callable[[int], Any]
    parameter: str
    values: tuple[float, ...]
    is_linear: bool
    has_shares: bool


def _logistic(_seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def _svm(seed: int) -> Any:
    from sklearn.svm import LinearSVC

    # To scikit-learn's own tolerance, by the primal where there are more images than features, it takes ten times as
    # long for thousands of images, and is right no more often.
    return LinearSVC(dual=True, tol=1e-2, max_iter=10_000, random_state=seed)


def _ridge(_seed: int) -> Any:
    from sklearn.linear_model import RidgeClassifier

    return RidgeClassifier()


def _knn(_seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier()


def _forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=200, random_state=seed, n_jobs=-1)


CLASSIFIERS: Mapping[str, Method] = {
    "logistic": Method(
        title="logistic regression",
        make=_logistic,
        parameter="C",
        values=(1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        is_linear=True,
        has_shares=True,
    ),
    "svm": Method(
        title="a linear support vector machine",
        make=_svm,
        parameter="C",
        values=(1e-5, 1e-4, 1e-3, 1e-2, 1e-1),
        is_linear=True,
        has_shares=False,
    ),
    "knn": Method(
        title="nearest neighbours",
        make=_knn,
        parameter="n_neighbors",
        values=(20, 10, 5, 3, 1),
        is_linear=False,
        has_shares=True,
    ),
    "ridge": Method(
        title="ridge regression",
        make=_ridge,
        parameter="alpha",
        values=(1e4, 1e3, 1e2, 1e1, 1.0),
        is_linear=True,
        has_shares=False,
    ),
    "forest": Method(
        title="a random forest",
        make=_forest,
        parameter="min_samples_leaf",
        values=(5, 2, 1),
        is_linear=False,
        has_shares=True,
    ),
}
