"""`load_data`: a name or a path to images with labels, split and measured.

A path may be a folder with a folder for each class, flat or below `train`, `val` and `test`; Parquet files in the Hub's
layout; CIFAR's binary version; IDX files; Stanford Cars; Oxford-IIIT Pet. The first use decodes the images into the
cache (`CONVWRIGHT_CACHE`); later ones map them into memory. If data come without a test split, a fifth of the images is
drawn for it, always the same.

Data sets that would take more than 4 GiB stay encoded: they are read once to find their sizes, and decoded while a
network trains. The batches are the same, except that the mean and deviation of more than 4,096 training images are
measured on that many. A damaged image is named when training comes to it; with `skip_corrupt` each is decoded once
beforehand.
"""

from pathlib import Path
from typing import Any

import torch

from ..errors import ConvwrightError, require_fraction
from ..preprocessing import Preprocessing
from ..units import percent
from .cache import key_of, open_or_build
from .prepare import MEMORY_BYTES, PreparedData, PrepareOptions, prepare
from .sets import ImageData, Images, ImageSet, channel_statistics, sampled_statistics
from .sources.find import find_source, folder_of_data_sets
from .splits import stratified

TEST_SHARE = 0.2  # of images that come without a test split


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
    """Load a data set by name or path: decoded, split and ready for training.

    Parameters
    ----------
    text : str or Path
        A name (`data_names()`), the name of a folder in `data_folder`, or a path in one of the layouts above.
    seed : int
        Seed of the draw of validation images.
    validation : float
        Share of the training images of each class that is kept apart, unless the data come with a validation split.
    image_size, skip_corrupt, memory_bytes, whole_images, preprocessing
        See `PrepareOptions`. A preprocessing, which a set of weights needs, also replaces the images' own statistics.
    data_folder : str or Path, optional
        A folder of data sets, searched before the Hub; by default what `CONVWRIGHT_DATA` names, if that exists.

    Raises
    ------
    ConvwrightError
        When there is no such data set, it cannot be fetched, or is not as it should be.

    Examples
    --------
    >>> data = load_data("digits")
    >>> data.image_shape, data.num_classes, len(data.train), len(data.validation), len(data.test)
    ((1, 8, 8), 10, 1295, 143, 359)
    """
    require_fraction("validation", validation)
    options = PrepareOptions(
        image_size=image_size,
        skip_corrupt=skip_corrupt,
        memory_bytes=memory_bytes,
        whole_images=whole_images,
        preprocessing=preprocessing,
    )
    source = find_source(text, folder_of_data_sets(data_folder))
    return _with_all_splits(prepare(source, options), seed, validation)


def _with_all_splits(data: PreparedData, seed: int, share: float) -> ImageData:
    """Draw the splits that are missing from the training images, and measure what is left of these."""
    train, test, validation = data.splits["train"], data.splits.get("test"), data.splits.get("validation")
    notes = _notes(data)
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
    preprocessing = data.options.preprocessing
    mean, std = (preprocessing.mean, preprocessing.std) if preprocessing else _statistics(train)
    return ImageData(
        name=data.source.name,
        class_names=data.class_names,
        train=train,
        validation=validation or train.subset(torch.arange(0)),
        test=test,
        mean=mean,
        std=std,
        note="; ".join(notes),
        preprocessing=preprocessing,
    )


def _notes(data: PreparedData) -> list[str]:
    """Return what a reader of a result has to know of the data."""
    name, published, notes = data.source.name, data.source.published, []
    num_images, num_classes = sum(map(len, data.splits.values())), len(data.class_names)
    if published and (num_images, num_classes) != (published.num_images, published.num_classes):
        notes.append(
            f"not all of {name}: {num_images:,} images of {num_classes} classes, where "
            f"{published.num_images:,} images of {published.num_classes} classes were published"
        )
    if data.is_small_jpeg:
        notes.append("stored as JPEG: accuracies are some points below those published for lossless images")
    if number := data.num_skipped:
        notes.append(f"{number} corrupt image{'s' * (number > 1)} left out")
    return notes


def _statistics(images: Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Measure mean and standard deviation of each channel; those of encoded images are kept in the cache."""
    if isinstance(images, ImageSet):
        return channel_statistics(images.images)

    def measure(_folder: Path) -> dict[str, Any]:
        mean, std = sampled_statistics(images)
        return {"arrays": {}, "mean": mean, "std": std}

    facts = open_or_build(key_of(["statistics", images.fingerprint]), measure).facts
    return tuple(facts["mean"]), tuple(facts["std"])
