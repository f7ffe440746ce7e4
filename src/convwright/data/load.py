"""`load_data`: a name or a path to images with labels, split and measured.

A path may be a folder with a folder for each class, flat or below `train`, `val` and `test`; Parquet files in the Hub's
layout; CIFAR's binary version; IDX files; Stanford Cars. The first use decodes the images into the cache
(`CONVWRIGHT_CACHE`); later ones map them into memory. Where data come without a test part, a fifth of the images is
drawn for it, always the same.

Sets that would take more than 4 GiB stay as they lie: they are looked through once, and decoded while a network trains.
The batches are the same, but for the mean and deviation of more than 4,096 training images, which are measured on that
many. A damaged image is named when training comes to it; with `skip_corrupt` each is decoded once beforehand.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import ConvwrightError, require_at_least, require_fraction, unknown
from ..preprocessing import Preprocessing
from ..units import percent
from .cache import key_of, open_or_build
from .encoded import EncodedSet
from .mini import mini_folder
from .pictures import Form
from .prepare import prepare_into
from .sets import ImageData, Images, ImageSet, channel_statistics, sampled_statistics
from .sources import layout_of
from .sources.digits import read_digits
from .sources.named import NAMED, from_hub, local_folder
from .sources.raw import RawData
from .splits import stratified

MEMORY_BYTES = 4 * 2**30  # decoded images above this stay encoded
_SHIPPED = ("cifar10-mini", "digits")
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
    memory_bytes: int = MEMORY_BYTES,
    whole_images: bool = False,
    preprocessing: Preprocessing | None = None,
) -> ImageData:
    """A data set by name or path, decoded, split and ready for training.

    Parameters
    ----------
    text : str or Path
        A name (`data_names()`), the name of a folder in `data_folder`, or a path in one of the layouts above.
    seed : int
        Draws the validation images.
    validation : float
        Share of the training images of each class that is kept apart; a part that came with the data is used instead.
    image_size : int, optional
        Height and width in pixels to resize (shorter side) and crop (center) to; by default that of all, else 224.
    skip_corrupt : bool
        Leave out images that cannot be decoded, and count them in `note`, instead of raising.
    data_folder : str or Path, optional
        A folder of data sets, looked in before the Hub; by default what `CONVWRIGHT_DATA` names, if that exists.
    memory_bytes : int
        Decoded images that would take more stay encoded.
    whole_images : bool
        Keep images encoded wherever decoding would resize any: random crops are then taken from whole images.
    preprocessing : Preprocessing, optional
        Resize, crop and normalize as a set of weights wants it, instead of `image_size` and the images' own statistics.

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
    _check(validation, image_size, preprocessing)
    source = _found(text, _folder_of_data(data_folder))
    parts, facts = _prepared(source, image_size, skip_corrupt, memory_bytes, whole_images, preprocessing)
    return _assembled(source.name, parts, facts, seed, validation, preprocessing)


def data_names() -> list[str]:
    """The names that `load_data` knows.

    >>> data_names()[:3]
    ['cifar10', 'cifar10-mini', 'cifar100']
    """
    return sorted([*NAMED, *_SHIPPED])


def local_data_names() -> list[str]:
    """Those of them that need no network: what ships, and what lies in the folder that `CONVWRIGHT_DATA` names.

    >>> {"cifar10-mini", "digits"} <= set(local_data_names())
    True
    """
    folder = _folder_of_data(None)
    here = [name for name in NAMED if folder and local_folder(name, folder)]
    return sorted([*here, *_SHIPPED])


def _check(validation: float, image_size: int | None, preprocessing: Preprocessing | None) -> None:
    require_fraction("validation", validation)
    if image_size is not None:
        require_at_least("image_size", image_size, 1)
        if preprocessing:
            raise ConvwrightError("image_size", expected="none beside a preprocessing, which has its own")


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


def _prepared(
    source: _Source, image_size: int | None, skip_corrupt: bool, memory_bytes: int, whole_images: bool,
    preprocessing: Preprocessing | None,
) -> tuple[dict[str, Images], dict[str, Any]]:  # fmt: skip
    """The parts of a set and facts about them, from the cache or into it."""
    settings: dict[str, Any] = {
        "image_size": image_size or source.image_size,
        "skip_corrupt": skip_corrupt,
        "memory_bytes": memory_bytes,
        "whole_images": whole_images,
    }
    geometry = {"geometry": preprocessing.geometry} if preprocessing else {}
    tensors, facts = open_or_build(
        source.key(settings | geometry),
        lambda folder: prepare_into(folder, source.read(), preprocessing=preprocessing, **settings),
    )
    parts: dict[str, Images] = {}
    raw = source.read() if "form" in facts else None
    for name in {name.partition(".")[0] for name in tensors}:
        labels = tensors[f"{name}.labels"]
        if raw is None:
            parts[name] = ImageSet(images=tensors[f"{name}.images"], labels=labels)
        else:
            parts[name] = EncodedSet(
                source=raw.parts[name].images,  # type: ignore[arg-type]  # or there would be no form
                rows=tensors[f"{name}.rows"],
                labels=labels,
                digests=tensors[f"{name}.digests"],
                form=Form(**facts["form"] | {"preprocessing": preprocessing}),
            )
    return parts, facts


def _statistics(images: Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel; those of encoded images are kept."""
    if isinstance(images, ImageSet):
        return channel_statistics(images.images)

    def measure(_folder: Path) -> dict[str, Any]:
        mean, std = sampled_statistics(images)
        return {"arrays": {}, "mean": mean, "std": std}

    facts = open_or_build(key_of(["statistics", images.fingerprint]), measure).facts
    return tuple(facts["mean"]), tuple(facts["std"])


def _assembled(
    name: str, parts: dict[str, Images], facts: dict[str, Any], seed: int, share: float,
    preprocessing: Preprocessing | None,
) -> ImageData:  # fmt: skip
    """The data of decoded parts: what is missing is drawn from the training images."""
    train, notes = parts["train"], _notes(name, sum(map(len, parts.values())), facts)
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
    mean, std = (preprocessing.mean, preprocessing.std) if preprocessing else _statistics(train)
    return ImageData(
        name=name,
        class_names=tuple(facts["class_names"]),
        train=train,
        validation=validation or train.subset(torch.arange(0)),
        test=test,
        mean=mean,
        std=std,
        note="; ".join(notes),
        preprocessing=preprocessing,
    )


def _notes(name: str, num_images: int, facts: dict[str, Any]) -> list[str]:
    """What a reader of a result has to know."""
    notes, named, found = [], NAMED.get(name), (num_images, len(facts["class_names"]))
    if named and found != (named.num_images, named.num_classes):
        published = f"{named.num_images:,} images of {named.num_classes} classes"
        notes.append(f"not all of {name}: {found[0]:,} images of {found[1]} classes, where {published} were published")
    if facts["is_small_jpeg"]:
        notes.append("stored as JPEG: accuracies are some points below those published for lossless images")
    if number := facts["num_skipped"]:
        notes.append(f"{number} corrupt image{'s' * (number > 1)} left out")
    return notes
