"""Sources of data sets: the layouts in which they are stored, each in a file, and data sets that have a name."""

from pathlib import Path

from ...errors import ConvwrightError
from . import cars, cifar_binary, class_folders, idx, parquet, pets
from .raw import DataLayout

# The first that fits: class folders last, since they fit every folder that holds folders.
LAYOUTS = (cifar_binary.LAYOUT, idx.LAYOUT, cars.LAYOUT, pets.LAYOUT, parquet.LAYOUT, class_folders.LAYOUT)


def layout_of(path: Path) -> DataLayout:
    """Return the layout of the data set at `path`.

    Raises
    ------
    ConvwrightError
        When no layout fits.
    """
    for layout in LAYOUTS:
        if layout.fits(path):
            return layout
    raise ConvwrightError(
        f"{path} is no data set that can be read",
        expected=", ".join(layout.title for layout in LAYOUTS),
        hint="put the images of each class into a folder of its own",
    )
