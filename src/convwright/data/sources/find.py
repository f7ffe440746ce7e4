"""Find a data set by its name or path; it is read only if the cache does not hold it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import ConvwrightError, unknown
from ..mini import mini_folder
from . import cars, cifar_binary, class_folders, idx, parquet, pets
from .digits import read_digits
from .named import NAMED, NamedDataSet, from_hub, local_folder
from .raw import DataLayout, RawData

# The first that fits: class folders last, since they fit every folder that holds folders.
LAYOUTS = (cifar_binary.LAYOUT, idx.LAYOUT, cars.LAYOUT, pets.LAYOUT, parquet.LAYOUT, class_folders.LAYOUT)
_SHIPPED = ("cifar10-mini", "digits")


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A data set that was found and can be read.

    Attributes
    ----------
    name : str
        Its name in reports.
    identity : tuple
        Plain values that distinguish it in the cache from other data sets.
    files : tuple of Path
        The files that it is made of; if one changes, the data have changed.
    reader : callable
        Reads the data set.
    published : NamedDataSet or None
        Its row in the table of named data sets.
    """

    name: str
    identity: tuple[Any, ...]
    files: tuple[Path, ...] = ()
    reader: Callable[[], RawData]
    published: NamedDataSet | None = None

    @cached_property
    def raw(self) -> RawData:
        """The stored images with their labels, read once."""
        raw = self.reader()
        if self.published and not raw.class_names:
            return replace(raw, class_names=self.published.class_names)
        return raw


def find_source(text: str | Path, folder: Path | None) -> DataSource:
    """Find the data set called `text`: one that ships, one in the `folder` of data sets, one on the Hub, or a path.

    Raises
    ------
    ConvwrightError
        If there is none.
    """
    name = str(text)
    if name == "digits":
        return DataSource(name=name, identity=(name,), reader=read_digits)
    if name == "cifar10-mini":
        return _on_disk(name, mini_folder())
    if folder and Path(name).name == name and (place := local_folder(name, folder)):
        return _on_disk(name, place)
    if published := NAMED.get(name):
        identity = (published.hub_id, published.config)
        return DataSource(name=name, identity=identity, reader=lambda: from_hub(name), published=published)
    path = Path(text).expanduser()
    if path.exists():
        return _on_disk(path.resolve().name, path)
    raise unknown("data set", name, data_names(), hint="or name a folder or a Parquet file that exists")


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


def _on_disk(name: str, path: Path) -> DataSource:
    layout = layout_of(path)
    return DataSource(
        name=name,
        identity=(name, layout.title),
        files=tuple(layout.files(path)),
        reader=lambda: layout.read(path),
        published=NAMED.get(name),
    )


def data_names() -> list[str]:
    """Return the names that `load_data` knows.

    >>> data_names()[:3]
    ['cifar10', 'cifar10-mini', 'cifar100']
    """
    return sorted([*NAMED, *_SHIPPED])


def local_data_names() -> list[str]:
    """Return the names that need no network: what ships, and what is in the folder that `CONVWRIGHT_DATA` names.

    >>> {"cifar10-mini", "digits"} <= set(local_data_names())
    True
    """
    folder = folder_of_data_sets()
    here = [name for name in NAMED if folder and local_folder(name, folder)]
    return sorted([*here, *_SHIPPED])


def folder_of_data_sets(folder: str | Path | None = None) -> Path | None:
    """Return the folder to search for data sets: `folder`, else what `CONVWRIGHT_DATA` names, if that exists.

    Raises
    ------
    ConvwrightError
        If `folder` is not a folder.
    """
    if folder is not None:
        if not Path(folder).is_dir():
            raise ConvwrightError(f"data_folder {folder} is not a folder")
        return Path(folder)
    named = Path(os.environ.get("CONVWRIGHT_DATA", ""))
    return named if str(named) != "." and named.is_dir() else None
