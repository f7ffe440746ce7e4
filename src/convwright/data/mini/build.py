"""Builds cifar10-mini from CIFAR-10 in the Hub's Parquet layout: `python -m convwright.data.mini.build SOURCE TARGET`.

The first images of each class in file order, as they are: the JPEG bytes are copied, not decoded.
"""

import sys
from pathlib import Path

from ...errors import ConvwrightError
from ...files import replacing

PER_CLASS = {"train": 500, "test": 100}


def build_mini(source: Path, target: Path) -> None:
    """Write `train.parquet` and `test.parquet` of 500 and 100 images a class into `target`; the same bytes every time.

    Parameters
    ----------
    source : Path
        A folder with `train.parquet` and `test.parquet`, columns `img` (bytes, path) and `label`.
    target : Path
        A folder, which is made where it is missing.

    Raises
    ------
    ConvwrightError
        When a class has fewer images than are wanted.
    """
    import pyarrow.parquet as pq

    for split, per_class in PER_CLASS.items():
        table = pq.read_table(source / f"{split}.parquet")
        rows = _first_of_each(table.column("label").to_pylist(), per_class)
        with replacing(target / f"{split}.parquet") as unfinished:
            pq.write_table(table.take(rows), unfinished, compression="zstd", compression_level=19, use_dictionary=False)


def _first_of_each(labels: list[int], per_class: int) -> list[int]:
    seen = dict.fromkeys(sorted(set(labels)), 0)
    rows = []
    for row, label in enumerate(labels):
        seen[label] += 1
        if seen[label] <= per_class:
            rows.append(row)
    for label, number in seen.items():
        if number < per_class:
            raise ConvwrightError(f"class {label}", expected=f"at least {per_class} images", got=str(number))
    return rows


if __name__ == "__main__":
    build_mini(Path(sys.argv[1]), Path(sys.argv[2]))
