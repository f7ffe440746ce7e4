"""`load_data`: a name or a path to images with labels, split and measured.

A path may be a folder with a folder for each class, flat or below `train`, `val` and `test`; Parquet files in the Hub's
layout; CIFAR's binary version; IDX files; Stanford Cars. The first use decodes the images into the cache
(`CONVWRIGHT_CACHE`); later ones map them into memory. Where data come without a test part, a fifth of the images is
drawn for it, always the same.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import ConvwrightError, require_at_least, require_fraction, unknown
from ..units import percent
from .cache import key_of, open_or_build
from .decode import decode_into
from .mini import mini_folder
from .sets import ImageData, ImageSet, channel_statistics
from .sources import layout_of
from .sources.digits import read_digits
from .sources.named import NAMED, from_hub, local_folder
from .sources.raw import RawData
from .splits import stratified

TEST_SHARE = 0.2  # of images that come without a test part


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A set that was found: how to read it, and how the cache knows it."""

    name: str
    key: Callable[[dict[str, Any]], str]
    read: Callable[[], RawData]
    image_size: int | None = None


def load_data(
    text: str | Path,
    *,
    seed: int = 0,
    validation: float = 0.1,
    image_size: int | None = None,
    skip_corrupt: bool = False,
    data_folder: str | Path | None = None,
) -> ImageData:
    """A data set by name or path, decoded, split and ready for training.

    Parameters
    ----------
    text : str or Path
        A name (`data_names()`), the name of a folder in `data_folder`, or a path in one of the layouts above.
    seed : int
        Draws the validation images.
    validation : float
        Share of the training images, of each class alike, that is kept apart; a part that came with the data is used
        instead.
    image_size : int, optional
        Height and width in pixels, to which images are resized (shorter side, antialiased) and cropped (center). By
        default the size of all images, or 224 where they differ.
    skip_corrupt : bool
        Leave out images that cannot be decoded, and count them in `note`, instead of raising.
    data_folder : str or Path, optional
        A folder of data sets, looked in before the Hub; by default what `CONVWRIGHT_DATA` names, if that exists.

    Raises
    ------
    ConvwrightError
        When there is no such set, it cannot be fetched, or is not as it should be.

    Examples
    --------
    >>> data = load_data("digits")
    >>> data.image_shape, data.num_classes, len(data.train), len(data.validation), len(data.test)
    ((1, 8, 8), 10, 1295, 143, 359)
    """
    require_fraction("validation", validation)
    if image_size is not None:
        require_at_least("image_size", image_size, 1)
    source = _found(text, _folder_of_data(data_folder))
    parts, facts = _decoded(source, image_size or source.image_size, skip_corrupt)
    return _assembled(source.name, parts, facts, seed, validation)


def data_names() -> list[str]:
    """The names that `load_data` knows.

    >>> data_names()[:3]
    ['cifar10', 'cifar10-mini', 'cifar100']
    """
    return sorted([*NAMED, "cifar10-mini", "digits"])


def _folder_of_data(data_folder: str | Path | None) -> Path | None:
    if data_folder is not None:
        if not Path(data_folder).is_dir():
            raise ConvwrightError(f"data_folder {data_folder} is not a folder")
        return Path(data_folder)
    folder = Path(os.environ.get("CONVWRIGHT_DATA", ""))
    return folder if str(folder) != "." and folder.is_dir() else None


def _found(text: str | Path, folder: Path | None) -> _Source:
    name = str(text)
    if name == "digits":
        return _Source(name=name, key=lambda settings: key_of([name, settings]), read=read_digits)
    if name == "cifar10-mini":
        return _local(name, mini_folder())
    if folder and Path(name).name == name and (place := local_folder(name, folder)):
        return _local(name, place)
    if name in NAMED:
        return _Source(
            name=name,
            key=lambda settings: key_of([NAMED[name].hub_id, NAMED[name].config, settings]),
            read=lambda: from_hub(name),
            image_size=NAMED[name].image_size,
        )
    path = Path(text).expanduser()
    if path.exists():
        return _local(path.resolve().name, path)
    raise unknown("data set", name, data_names(), hint="or name a folder or a Parquet file that exists")


def _local(name: str, path: Path) -> _Source:
    layout, named = layout_of(path), NAMED.get(name)

    def read() -> RawData:
        raw = layout.read(path)
        if named and not raw.class_names:
            return RawData(parts=raw.parts, class_names=named.class_names)
        return raw

    return _Source(
        name=name,
        key=lambda settings: key_of([name, layout.title, settings], layout.files(path)),
        read=read,
        image_size=named.image_size if named else None,
    )


def _decoded(source: _Source, image_size: int | None, skip_corrupt: bool) -> tuple[dict[str, ImageSet], dict[str, Any]]:
    """The parts of a set and facts about them, from the cache or into it."""
    entry = open_or_build(
        source.key({"image_size": image_size, "skip_corrupt": skip_corrupt}),
        lambda folder: decode_into(folder, source.read(), image_size=image_size, skip_corrupt=skip_corrupt),
    )
    names = {name.partition(".")[0] for name in entry.tensors}
    parts = {
        name: ImageSet(images=entry.tensors[f"{name}.images"], labels=entry.tensors[f"{name}.labels"]) for name in names
    }
    return parts, entry.facts


def _assembled(name: str, parts: dict[str, ImageSet], facts: dict[str, Any], seed: int, share: float) -> ImageData:
    """The data of decoded parts: what is missing is drawn from the training images."""
    train, notes = parts["train"], _notes(facts)
    test, validation = parts.get("test"), parts.get("validation")
    if test is None and validation is not None:
        test, validation = validation, None
        notes.append("tested on what came as validation images")
    if test is None:
        # Always drawn with the same seed: what one run tested on, no other run may have trained on.
        stays, drawn = stratified(train.labels, TEST_SHARE, seed=0, purpose="test")
        test, train = train.subset(drawn), train.subset(stays)
        notes.append(f"{percent(TEST_SHARE)} of the images were drawn for the test")
    if validation is None and share:
        stays, drawn = stratified(train.labels, share, seed=seed, purpose="validation")
        if not len(drawn):
            raise ConvwrightError(
                f"validation={share} of {len(train)} images is none of them", hint="raise it, or set it to 0"
            )
        validation, train = train.subset(drawn), train.subset(stays)
    mean, std = channel_statistics(train.images)
    return ImageData(
        name=name,
        class_names=tuple(facts["class_names"]),
        train=train,
        validation=validation or train.subset(torch.arange(0)),
        test=test,
        mean=mean,
        std=std,
        note="; ".join(notes),
    )


def _notes(facts: dict[str, Any]) -> list[str]:
    """What a reader of a result has to know."""
    notes = []
    if facts["is_small_jpeg"]:
        notes.append("stored as JPEG: accuracies are some points below those published for lossless images")
    if number := facts["num_skipped"]:
        notes.append(f"{number} corrupt image{'s' * (number > 1)} left out")
    return notes
