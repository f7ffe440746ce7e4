"""The table of classifiers says what scikit-learn's estimators are."""

import numpy as np
import pytest

from convwright.transfer_learning.classifier_methods import CLASSIFIERS


@pytest.mark.parametrize("method", CLASSIFIERS.values(), ids=list(CLASSIFIERS))
def test_a_method_is_what_its_estimator_can(method):
    estimator = method.make(3)
    if "n_estimators" in estimator.get_params():
        estimator.set_params(n_estimators=2, n_jobs=None)
    estimator.set_params(**{method.parameter: method.values[1]})
    draw = np.random.default_rng(0)
    fitted = estimator.fit(draw.normal(size=(40, 5)), np.arange(40) % 3)
    assert hasattr(fitted, "coef_") == method.is_linear
    assert hasattr(fitted, "predict_proba") == method.has_shares
    assert len(set(method.values)) == len(method.values) > 2


@pytest.mark.parametrize("name", ["svm", "forest"])
def test_what_draws_has_the_seed(name):
    assert CLASSIFIERS[name].make(3).random_state == 3
