"""Prepare a data set for training: decode it into the cache, or index images that stay encoded.

All images of a data set are brought to one form, which is known once all of them were looked through.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ConvwrightError, require_at_least
from ..preprocessing import Preprocessing
from .cache import ArrayWriter, key_of, open_or_build
from .parallel import in_pieces
from .pictures import (
    PHOTOGRAPH_SIZE,
    Form,
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

Columns = dict[str, np.ndarray]  # a row for each image: "images", "labels", ...


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """Options for the preparation of images.

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

    def __post_init__(self) -> None:
        if self.image_size is not None:
            require_at_least("image_size", self.image_size, 1)
            if self.preprocessing:
                raise ConvwrightError("image_size", expected="none beside a preprocessing, which has its own")

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
        The data set that was prepared, and the options.
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
    usual_size = source.published.image_size if source.published else None
    settings = options.to_dict() | {"image_size": options.image_size or usual_size}
    if not options.preprocessing:
        options = replace(options, image_size=settings["image_size"])
    tensors, facts = open_or_build(
        key_of([*source.identity, settings], source.files), lambda folder: prepare_into(folder, source.raw, options)
    )
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
    names = raw.checked_class_names()
    indices = {name: index_of(name, split, options.skip_corrupt) for name, split in raw.splits.items()}
    form = common_form(set().union(*(index.forms for index in indices.values())), options)
    num_images = sum(len(index.rows) for index in indices.values())
    is_too_large = num_images * form.num_bytes > options.memory_bytes
    arrays: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    train = raw.splits["train"].images
    if isinstance(train, EncodedImages) and (is_too_large or (options.whole_images and form.resize)):
        facts["form"] = {name: value for name, value in asdict(form).items() if name != "preprocessing"}
    for name, index in indices.items():
        split = raw.splits[name]
        columns: Columns = {"rows": index.rows, "labels": split.labels[index.rows], "digests": index.digests}
        arrays |= _write(folder, name, [columns] if facts else _decoded(name, split, index.rows, form))
    return {
        **facts,
        "arrays": arrays,
        "class_names": list(names),
        "num_skipped": sum(len(split.labels) for split in raw.splits.values()) - num_images,
        "is_small_jpeg": isinstance(train, EncodedImages) and is_small_jpeg(train.read(0)),
    }


class SplitIndex(NamedTuple):
    """The images of a split that can be used.

    Attributes
    ----------
    rows : array of int64, shape (N,)
        Their numbers in the split.
    digests : array of uint8, shape (N, 16)
        Digests of their stored bytes; empty if they are decoded already.
    forms : set of Form
        All that occur among them.
    """

    rows: NDArray[np.int64]
    digests: NDArray[np.uint8]
    forms: set[Form]


def index_of(name: str, split: RawSplit, skip_corrupt: bool) -> SplitIndex:
    """Look through the images of a split, as stored.

    The form is what stands before the pixels. Images are decoded only if corrupt ones are to be left out; otherwise an
    image whose pixels are damaged is found, and named, when it is decoded.

    Raises
    ------
    ConvwrightError
        For something that is not an image, unless it is to be left out; or if no image is left.
    """
    images = split.images
    if not isinstance(images, EncodedImages):
        _, channels, height, width = images.shape
        form = Form(channels=channels, height=height, width=width)
        return SplitIndex(np.arange(len(images)), np.empty((0, 16), dtype=np.uint8), {form})

    def look(content: bytes) -> tuple[bytes, Form]:
        form = form_of(content)
        if skip_corrupt:
            whole(content, form.channels)
        return hashlib.blake2b(content, digest_size=16).digest(), form

    def piece(chunk: range) -> list[tuple[int, bytes, Form]]:
        found = []
        for row in chunk:
            try:
                found.append((row, *open_stored(images, row, look)))
            except CorruptImageError:
                if not skip_corrupt:
                    raise
        return found

    found = [each for piece in in_pieces(piece, len(split.labels), f"looking through {name} images") for each in piece]
    if not found:
        raise ConvwrightError(f"no {name} image can be decoded")
    rows, digests, forms = zip(*found, strict=True)
    all_digests = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 16)
    return SplitIndex(np.array(rows, dtype=np.int64), all_digests, set(forms))


def common_form(forms: Set[Form], options: PrepareOptions) -> Form:
    """Return the form that fits images of several forms."""
    if options.preprocessing:
        return Form.of(options.preprocessing)
    sizes = {(form.height, form.width) for form in forms}
    if options.image_size is None and len(sizes) == 1:
        height, width = next(iter(sizes))
    else:
        height = width = options.image_size or PHOTOGRAPH_SIZE
    channels = max(form.channels for form in forms)
    return Form(channels=channels, height=height, width=width, resize=sizes != {(height, width)})


def _decoded(name: str, split: RawSplit, rows: NDArray[np.int64], form: Form) -> Iterator[Columns]:
    """Decode some images of a split, piece by piece."""
    images = split.images

    def piece(chunk: range) -> Columns:
        own = rows[chunk.start : chunk.stop]
        if isinstance(images, EncodedImages):
            each = [open_stored(images, row, lambda content: decoded(content, form)) for row in own.tolist()]
            pixels = np.stack(each)
        else:
            pixels = resized(images[own], form)
        return {"images": pixels, "labels": split.labels[own]}

    return in_pieces(piece, len(rows), f"decoding {name} images")


def _write(folder: Path, split: str, pieces: Iterable[Columns]) -> dict[str, Any]:
    """Write the columns of a split piece by piece, and return the specifications of the arrays."""
    writers: dict[str, ArrayWriter] = {}
    with ExitStack() as opened:
        for piece in pieces:
            for column, values in piece.items():
                if column not in writers:
                    writers[column] = opened.enter_context(closing(ArrayWriter(folder, f"{split}.{column}")))
                writers[column].append(values)
    return {writer.name: writer.specification() for writer in writers.values()}
