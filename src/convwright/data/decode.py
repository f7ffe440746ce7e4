"""A data set as it lies to arrays on the disk: all images of one form, decoded by several threads."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from ..errors import ConvwrightError
from ..preprocessing import Preprocessing
from .cache import ArrayWriter
from .parallel import in_pieces
from .pictures import BROKEN, Form, UnlikeImages, decoded, form_of, is_small_jpeg, picture_of
from .sources.raw import Encoded, Pixels, RawData, RawPart


def decode_into(
    folder: Path,
    raw: RawData,
    *,
    image_size: int | None,
    skip_corrupt: bool,
    preprocessing: Preprocessing | None = None,
) -> dict[str, Any]:
    """Write `<part>.images` (uint8, (N, C, H, W)) and `<part>.labels` (int64, (N,)) of each part; facts about them.

    Parameters
    ----------
    folder : Path
        Where to.
    raw : RawData
        What from.
    image_size : int or None
        Height and width in pixels; None for the size that all images have, else 224.
    skip_corrupt : bool
        Leave out images that cannot be decoded, instead of raising.
    preprocessing : Preprocessing, optional
        Resize and crop as it says, whatever the size.

    Returns
    -------
    dict
        `arrays` (specifications by name), `class_names`, `num_skipped`, `is_small_jpeg`.

    Raises
    ------
    ConvwrightError
        For an image that cannot be decoded, a label out of range, a single class, or no images.
    """
    names = checked_names(raw)
    form = first_form(raw, image_size, skip_corrupt, preprocessing)
    while True:
        try:
            arrays, skipped = _write(folder, raw, form, skip_corrupt)
            break
        except UnlikeImages as unlike:
            form = unlike.form
    return {
        "arrays": arrays,
        "class_names": list(names),
        "num_skipped": skipped,
        "is_small_jpeg": holds_small_jpegs(raw),
    }


def checked_names(raw: RawData) -> tuple[str, ...]:
    """The names, numbers where the layout has none; labels are checked against them."""
    for name, part in raw.parts.items():
        if not len(part.labels):
            raise ConvwrightError(f"the {name} part holds no images")
    highest = max(int(part.labels.max()) for part in raw.parts.values())
    names = raw.class_names or tuple(str(label) for label in range(highest + 1))
    for name, part in raw.parts.items():
        outside = np.flatnonzero((part.labels < 0) | (part.labels >= len(names)))
        if len(outside):
            where = part.images.place(outside[0]) if isinstance(part.images, Encoded) else f"{name} image {outside[0]}"
            raise ConvwrightError(
                f"the label of {where}",
                expected=f"from 0 to {len(names) - 1}",
                got=str(part.labels[outside[0]]),
                hint="-1 stands for a hidden label: leave that part out" if part.labels[outside[0]] == -1 else "",
            )
    if len(np.unique(raw.parts["train"].labels)) < 2:
        raise ConvwrightError("the training images are all of one class", expected="two classes or more")
    return names


def first_form(raw: RawData, image_size: int | None, skip_corrupt: bool, preprocessing: Preprocessing | None) -> Form:
    """The form of the first image; where others differ, decoding finds out and says which form fits."""
    if preprocessing:
        return Form.of(preprocessing)
    images = raw.parts["train"].images
    if isinstance(images, Encoded):
        form = _form_of_first(images, len(raw.parts["train"].labels), skip_corrupt)
    else:
        form = Form(channels=images.shape[1], height=images.shape[2], width=images.shape[3])
    if image_size is None:
        return form
    return Form(channels=form.channels, height=image_size, width=image_size, resize=True)


def _form_of_first(images: Encoded, number: int, skip_corrupt: bool) -> Form:
    for index in range(number):
        try:
            return form_of(images.read(index))
        except BROKEN as error:
            if not skip_corrupt:
                raise images.corrupt(index, error) from error
    raise ConvwrightError("no training image can be decoded")


def _write(folder: Path, raw: RawData, form: Form, skip_corrupt: bool) -> tuple[dict[str, Any], int]:
    arrays: dict[str, Any] = {}
    skipped = 0
    for name, part in raw.parts.items():
        images, labels = ArrayWriter(folder, f"{name}.images"), ArrayWriter(folder, f"{name}.labels")
        with closing(images), closing(labels):
            for pixels, kept in _pieces(name, part, form, skip_corrupt):
                images.append(pixels)
                labels.append(kept)
        if not images.length:
            raise ConvwrightError(f"no {name} image can be decoded")
        skipped += len(part.labels) - labels.length
        arrays |= {images.name: images.specification(), labels.name: labels.specification()}
    return arrays, skipped


def _pieces(name: str, part: RawPart, form: Form, skip_corrupt: bool) -> Iterator[tuple[Pixels, np.ndarray]]:
    """Pixels and their labels, piece by piece in order."""
    images = part.images

    def piece(chunk: range) -> tuple[Pixels, np.ndarray]:
        if not isinstance(images, Encoded):
            rows = slice(chunk.start, chunk.stop)
            return _resized(images[rows], form), part.labels[rows]
        pixels, kept = [], []
        for index in chunk:
            try:
                pixels.append(decoded(images.read(index), form))
                kept.append(index)
            except BROKEN as error:
                if not skip_corrupt:
                    raise images.corrupt(index, error) from error
        empty = np.empty((0, form.channels, form.height, form.width), dtype=np.uint8)
        return np.stack(pixels) if pixels else empty, part.labels[np.asarray(kept, dtype=np.int64)]

    return in_pieces(piece, len(part.labels), f"decoding {name} images")


def _resized(images: Pixels, form: Form) -> Pixels:
    """Decoded images in a form: resized with antialiasing where they differ."""
    if form.preprocessing:
        return np.stack([form.preprocessing.pixels(picture_of(image)) for image in images])
    if images.shape[2:] == (form.height, form.width):
        return images
    tensor = torch.from_numpy(np.ascontiguousarray(images)).float()
    size = (form.height, form.width)
    resized = F.interpolate(tensor, size, mode="bilinear", antialias=True, align_corners=False)
    return resized.round().clamp(0, 255).to(torch.uint8).numpy()


def holds_small_jpegs(raw: RawData) -> bool:
    """Whether its images were small before they were made JPEGs, by the first of them."""
    images = raw.parts["train"].images
    return isinstance(images, Encoded) and is_small_jpeg(images.read(0))
