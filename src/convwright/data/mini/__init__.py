"""cifar10-mini: 6,000 photographs that ship with the package; README.md beside this file says what they are."""

from pathlib import Path


def mini_folder() -> Path:
    """The folder that holds `train.parquet` and `test.parquet`.

    >>> sorted(path.name for path in mini_folder().glob("*.parquet"))
    ['test.parquet', 'train.parquet']
    """
    return Path(__file__).parent
