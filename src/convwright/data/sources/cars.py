"""Stanford Cars as its authors published it: photographs in two folders, labels in MATLAB files.

Source: Krause et al. 2013, 3D Object Representations for Fine-Grained Categorization; the layout is what torchvision
reads. The whole photographs are used; the boxes around the cars are not.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ConvwrightError
from ...extras import needs_extra
from .raw import DataLayout, FileImages, RawData, RawSplit, files_below

_SPLITS = {"train": ("cars_train_annos.mat", "cars_train"), "test": ("cars_test_annos_withlabels.mat", "cars_test")}


def _found(path: Path, name: str) -> Path:
    """Return a file or folder of the set, which is at its top or in `devkit`."""
    for place in (path / name, path / "devkit" / name):
        if place.exists():
            return place
    raise ConvwrightError(
        f"{path} lacks {name}",
        hint="the test labels come as a file of their own" if "withlabels" in name else "unpack the whole archive",
    )


def _read(path: Path) -> RawData:
    names = _matlab(_found(path, "cars_meta.mat"))["class_names"]
    splits = {}
    for split, (annotations, folder) in _SPLITS.items():
        rows = np.atleast_1d(_matlab(_found(path, annotations))["annotations"])
        photographs = _found(path, folder)
        splits[split] = RawSplit(
            images=FileImages.at([photographs / str(name) for name in rows["fname"]]),
            labels=rows["class"].astype(np.int64) - 1,  # MATLAB counts from one
        )
    return RawData(splits=splits, class_names=tuple(str(name) for name in np.atleast_1d(names)))


def _matlab(path: Path) -> dict[str, Any]:
    with needs_extra("study"):
        from scipy.io import loadmat

    try:
        content: dict[str, Any] = loadmat(path, squeeze_me=True)
    except (ValueError, NotImplementedError, OSError) as error:
        raise ConvwrightError(f"{path} is not a MATLAB file ({error})", hint="fetch it again") from error
    return content


LAYOUT = DataLayout(
    title="Stanford Cars",
    fits=lambda path: any((folder / "cars_meta.mat").exists() for folder in (path, path / "devkit")),
    files=files_below,
    read=_read,
)
