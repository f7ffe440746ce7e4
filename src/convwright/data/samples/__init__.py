"""Photographs that ship with the package; README.md beside this file says whose they are."""

from pathlib import Path


def sample_images() -> dict[str, Path]:
    """The files by name.

    >>> sorted(sample_images())
    ['chelsea', 'coffee', 'rocket']
    """
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.jpg"))}
