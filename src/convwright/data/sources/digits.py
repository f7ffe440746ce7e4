"""The handwritten digits that ship with scikit-learn: 1,797 gray images of 8x8.

Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.
"""

import numpy as np

from ...extras import needs_extra
from .raw import RawData, RawSplit


def read_digits() -> RawData:
    """Read the digits, which have no test split; their levels from 0 to 16 are scaled to 0 to 255."""
    with needs_extra("transfer"):
        from sklearn.datasets import load_digits

    found = load_digits()
    pixels = np.rint(found.images * (255 / 16)).astype(np.uint8)[:, None]
    return RawData(splits={"train": RawSplit(images=pixels, labels=found.target.astype(np.int64))})
