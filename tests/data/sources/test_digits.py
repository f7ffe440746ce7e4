"""scikit-learn's digits."""

import numpy as np

from convwright.data.sources.digits import read_digits


def test_levels_fill_the_range_and_labels_belong_to_them():
    from sklearn.datasets import load_digits

    part = read_digits().splits["train"]
    assert part.images.shape == (1797, 1, 8, 8)
    assert (part.images.min(), part.images.max()) == (0, 255)
    assert np.array_equal(np.rint(part.images[:, 0] / 255 * 16), load_digits().images)
    assert np.array_equal(part.labels, load_digits().target)
