"""Prepare a data set for training: decode it into the cache, or index images that stay encoded.

All images of a data set are brought to one form. Which one is known for sure only when all of them were seen, so
decoding assumes that all are like the first, and starts again where one is not.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..errors import ConvwrightError
from ..preprocessing import Preprocessing
from .cache import ArrayWriter, key_of, open_or_build
from .parallel import in_pieces
from .pictures import (
    PHOTOGRAPH_SIZE,
    Form,
    FormMismatch,
    decoded,
    form_of,
    is_small_jpeg,
    open_stored,
    resized,
    whole,
)
from .sets import EncodedSet, Images, ImageSet
from .sources.find import DataSource
from .sources.raw import CorruptImageError, EncodedImages, RawData, RawSplit

MEMORY_BYTES = 4 * 2**30  # decoded images above this stay encoded

T = TypeVar("T")
Columns = dict[str, np.ndarray]  # a row for each image: "images", "labels", ...


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """How the images of a data set are prepared.

    Attributes
    ----------
    image_size : int or None
        Height and width in pixels; None for the size that all images have, else 224.
    skip_corrupt : bool
        Leave out images that cannot be decoded, instead of raising.
    memory_bytes : int
        Decoded images that would take more stay encoded.
    whole_images : bool
        Keep images encoded if decoding would resize any.
    preprocessing : Preprocessing or None
        Resize and crop as a set of weights requires, whatever the size.
    """

    image_size: int | None = None
    skip_corrupt: bool = False
    memory_bytes: int = MEMORY_BYTES
    whole_images: bool = False
    preprocessing: Preprocessing | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what the pixels depend on, as plain values: a part of the cache's key."""
        settings = {name: value for name, value in asdict(self).items() if name != "preprocessing"}
        return settings | ({"geometry": self.preprocessing.geometry} if self.preprocessing else {})


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedData:
    """A data set in the cache.

    Attributes
    ----------
    source, options : DataSource, PrepareOptions
        What was prepared, and how.
    splits : mapping of str to ImageSet or EncodedSet
        As they came: "train", and "validation" and "test" where the data have them.
    class_names : tuple of str
        By label.
    num_skipped : int
        Images that were left out because they cannot be decoded.
    is_small_jpeg : bool
        True if the images were small before they were compressed.
    """

    source: DataSource
    options: PrepareOptions
    splits: Mapping[str, Images]
    class_names: tuple[str, ...]
    num_skipped: int
    is_small_jpeg: bool


def prepare(source: DataSource, options: PrepareOptions) -> PreparedData:
    """Open a data set in the cache; it is read and prepared if it is not there.

    Raises
    ------
    ConvwrightError
        See `prepare_into`.
    """
    key = key_of([*source.identity, options.to_dict()], source.files)
    tensors, facts = open_or_build(key, lambda folder: prepare_into(folder, source.raw, options))
    form = Form(**facts["form"], preprocessing=options.preprocessing) if "form" in facts else None
    splits: dict[str, Images] = {}
    for name in dict.fromkeys(name.partition(".")[0] for name in tensors):
        labels = tensors[f"{name}.labels"]
        if form is None:
            splits[name] = ImageSet(images=tensors[f"{name}.images"], labels=labels)
        else:
            splits[name] = EncodedSet(
                source=source.raw.splits[name].images,  # type: ignore[arg-type]  # or there would be no form
                rows=tensors[f"{name}.rows"],
                labels=labels,
                digests=tensors[f"{name}.digests"],
                form=form,
            )
    return PreparedData(
        source=source,
        options=options,
        splits=splits,
        class_names=tuple(facts["class_names"]),
        num_skipped=facts["num_skipped"],
        is_small_jpeg=facts["is_small_jpeg"],
    )


def prepare_into(folder: Path, raw: RawData, options: PrepareOptions) -> dict[str, Any]:
    """Write the arrays of a data set into a folder, and return the facts about them that the cache keeps.

    Arrays of each split: `<split>.labels` (int64, (N,)), and `<split>.images` (uint8, (N, C, H, W)) if it is decoded,
    else `<split>.rows` (int64, (N,)) and `<split>.digests` (uint8, (N, 16)) of the images that can be used.

    Returns
    -------
    dict
        `arrays` (specifications by name), `class_names`, `num_skipped`, `is_small_jpeg`, and `form` if the images stay
        encoded. The form's preprocessing is left out: whoever finds the entry asked for it with the same.

    Raises
    ------
    ConvwrightError
        For an image that cannot be decoded, a label out of range, a single class, or no images.
    """
    names, form = raw.checked_class_names(), first_form(raw, options)
    num_images = sum(len(split.labels) for split in raw.splits.values())
    are_encoded = all(isinstance(split.images, EncodedImages) for split in raw.splits.values())
    facts: dict[str, Any] = {}
    if are_encoded and (options.whole_images or num_images * form.num_bytes > options.memory_bytes):
        index, form = index_of(raw, options)
        decoded_bytes = sum(len(columns["rows"]) for columns in index.values()) * form.num_bytes
        if (options.whole_images and form.resize) or decoded_bytes > options.memory_bytes:
            facts["arrays"] = _write(folder, {name: [columns] for name, columns in index.items()})
            facts["form"] = {name: value for name, value in asdict(form).items() if name != "preprocessing"}
    if not facts:
        facts["arrays"] = _decode(folder, raw, form, options.skip_corrupt)
    num_kept = sum(facts["arrays"][f"{name}.labels"]["shape"][0] for name in raw.splits)
    train = raw.splits["train"].images
    return {
        **facts,
        "class_names": list(names),
        "num_skipped": num_images - num_kept,
        "is_small_jpeg": isinstance(train, EncodedImages) and is_small_jpeg(train.read(0)),
    }


def first_form(raw: RawData, options: PrepareOptions) -> Form:
    """Return the form of the first training image that can be decoded, resized as the options say."""
    if options.preprocessing:
        return Form.of(options.preprocessing)
    images = raw.splits["train"].images
    if isinstance(images, EncodedImages):
        form = _form_of_first(images, len(raw.splits["train"].labels), options.skip_corrupt)
    else:
        form = Form(channels=images.shape[1], height=images.shape[2], width=images.shape[3])
    if options.image_size is None:
        return form
    return Form(channels=form.channels, height=options.image_size, width=options.image_size, resize=True)


def _form_of_first(images: EncodedImages, num_images: int, skip_corrupt: bool) -> Form:
    for row in range(num_images):
        try:
            return open_stored(images, row, form_of)
        except CorruptImageError:
            if not skip_corrupt:
                raise
    raise ConvwrightError("no training image can be decoded")


def index_of(raw: RawData, options: PrepareOptions) -> tuple[dict[str, Columns], Form]:
    """Look through all stored images: for each split which can be used, and the form that fits all of them.

    A form is what stands before the pixels. Images are decoded only if corrupt ones are to be left out; otherwise an
    image whose pixels are damaged is found, and named, when training comes to it.
    """

    def look(content: bytes) -> tuple[Form, bytes]:
        form = form_of(content)
        if options.skip_corrupt:
            whole(content, form.channels)
        return form, hashlib.blake2b(content, digest_size=16).digest()

    index: dict[str, Columns] = {}
    forms: set[Form] = set()
    for name, split in raw.splits.items():
        pieces = list(_usable(name, split, look, options.skip_corrupt))
        rows = np.concatenate([rows for rows, _ in pieces])
        digests = b"".join(digest for _, piece in pieces for _, digest in piece)
        index[name] = {
            "rows": rows,
            "labels": split.labels[rows],
            "digests": np.frombuffer(digests, dtype=np.uint8).reshape(-1, 16),
        }
        forms |= {form for _, piece in pieces for form, _ in piece}
    return index, Form.of(options.preprocessing) if options.preprocessing else _common_form(forms, options.image_size)


def _common_form(forms: set[Form], image_size: int | None) -> Form:
    sizes = {(form.height, form.width) for form in forms}
    if image_size is None and len(sizes) == 1:
        height, width = next(iter(sizes))
    else:
        height = width = image_size or PHOTOGRAPH_SIZE
    channels = max(form.channels for form in forms)
    return Form(channels=channels, height=height, width=width, resize=sizes != {(height, width)})


def _decode(folder: Path, raw: RawData, form: Form, skip_corrupt: bool) -> dict[str, Any]:
    """Write the pixels of all images in `form`, or else in the form that fits all of them."""
    while True:
        pieces = {name: _decoded(name, split, form, skip_corrupt) for name, split in raw.splits.items()}
        try:
            return _write(folder, pieces)
        except FormMismatch as mismatch:
            form = mismatch.form


def _decoded(name: str, split: RawSplit, form: Form, skip_corrupt: bool) -> Iterator[Columns]:
    images, labels = split.images, split.labels
    if isinstance(images, EncodedImages):
        for rows, pixels in _usable(name, split, lambda content: decoded(content, form), skip_corrupt):
            yield {"images": np.stack(pixels), "labels": labels[rows]}
        return

    def piece(chunk: range) -> Columns:
        return {"images": resized(images[chunk.start : chunk.stop], form), "labels": labels[chunk.start : chunk.stop]}

    yield from in_pieces(piece, len(labels), f"reading {name} images")


def _usable(
    name: str, split: RawSplit, task: Callable[[bytes], T], skip_corrupt: bool
) -> Iterator[tuple[np.ndarray, list[T]]]:
    """Read the images of a split in pieces: the rows of those that are not corrupt, and what `task` makes of each."""
    images = split.images
    if not isinstance(images, EncodedImages):
        raise TypeError(f"the {name} images are decoded already")

    def piece(chunk: range) -> tuple[np.ndarray, list[T]]:
        rows, made = [], []
        for row in chunk:
            try:
                made.append(open_stored(images, row, task))
                rows.append(row)
            except CorruptImageError:
                if not skip_corrupt:
                    raise
        return np.array(rows, dtype=np.int64), made

    num_usable = 0
    for rows, made in in_pieces(piece, len(split.labels), f"reading {name} images"):
        num_usable += len(rows)
        if len(rows):
            yield rows, made
    if not num_usable:
        raise ConvwrightError(f"no {name} image can be decoded")


def _write(folder: Path, splits: Mapping[str, Iterable[Columns]]) -> dict[str, Any]:
    """Write the columns of each split piece by piece, and return the specifications of the arrays."""
    arrays: dict[str, Any] = {}
    for name, pieces in splits.items():
        with ExitStack() as opened:
            writers: dict[str, ArrayWriter] = {}
            for piece in pieces:
                for column, values in piece.items():
                    if column not in writers:
                        writers[column] = opened.enter_context(closing(ArrayWriter(folder, f"{name}.{column}")))
                    writers[column].append(values)
        arrays |= {writer.name: writer.specification() for writer in writers.values()}
    return arrays
