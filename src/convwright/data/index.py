"""A data set that stays as it lies: looked through once, for what has to be known before the first image is wanted."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ConvwrightError
from ..preprocessing import Preprocessing
from .cache import ArrayWriter
from .decode import checked_names, holds_small_jpegs
from .parallel import in_pieces
from .pictures import BROKEN, PHOTOGRAPH_SIZE, Form, form_of, whole
from .sources.raw import Encoded, RawData


@dataclass(frozen=True, kw_only=True, eq=False)
class Index:
    """What is known of a set whose images stay encoded.

    Attributes
    ----------
    form : Form
        What all images will be brought to; `resize` says whether any has to be changed for it.
    rows : dict of str to array of int64
        For each part the images that can be used.
    digests : dict of str to array of uint8, (N, 16)
        Of their stored bytes.
    """

    form: Form
    rows: dict[str, np.ndarray]
    digests: dict[str, np.ndarray]

    @property
    def decoded_bytes(self) -> int:
        """What its images would take decoded."""
        num_images = sum(len(rows) for rows in self.rows.values())
        return num_images * self.form.channels * self.form.height * self.form.width


def index_of(
    raw: RawData, *, image_size: int | None, skip_corrupt: bool, preprocessing: Preprocessing | None = None
) -> Index:
    """Look through all images of a set, as stored: their sizes and colors, by what stands before the pixels.

    Parameters
    ----------
    raw : RawData
        Whose images are encoded.
    image_size : int or None
        Height and width in pixels; None for the size that all images have, else 224.
    skip_corrupt : bool
        Leave out images that cannot be decoded: then each is decoded, so that it is known beforehand which these are.
        Otherwise one whose pixels are damaged is found, and named, when training comes to it.
    preprocessing : Preprocessing, optional
        Resize and crop as it says, whatever the size.

    Raises
    ------
    ConvwrightError
        For something that is no image, where none is to be left out, or a part without images.
    """
    rows, digests, forms = {}, {}, set()
    for name, part in raw.parts.items():
        if not isinstance(part.images, Encoded):
            raise TypeError(f"the {name} images are decoded already")
        pieces = _looked_at(name, part.images, len(part.labels), skip_corrupt)
        found = [row for piece in pieces for row in piece]
        if not found:
            raise ConvwrightError(f"no {name} image can be decoded")
        rows[name] = np.array([row for row, _, _ in found], dtype=np.int64)
        digests[name] = np.frombuffer(b"".join(digest for _, digest, _ in found), dtype=np.uint8).reshape(-1, 16)
        forms |= {form for _, _, form in found}
    form = Form.of(preprocessing) if preprocessing else _common_form(forms, image_size)
    return Index(form=form, rows=rows, digests=digests)


def _common_form(forms: set[Form], image_size: int | None) -> Form:
    sizes = {(form.height, form.width) for form in forms}
    if image_size is None and len(sizes) == 1:
        height, width = next(iter(sizes))
    else:
        height = width = image_size or PHOTOGRAPH_SIZE
    channels = max(form.channels for form in forms)
    return Form(channels=channels, height=height, width=width, resize=sizes != {(height, width)})


def write_index(folder: Path, raw: RawData, index: Index) -> dict[str, Any]:
    """Write `<part>.rows`, `<part>.labels` and `<part>.digests`; the facts that `decode_into` has, and `form`.

    What the form has of a preprocessing is left out: whoever finds the entry asked for it with the same.
    """
    arrays = {}
    for part, rows in index.rows.items():
        columns = {"rows": rows, "labels": raw.parts[part].labels[rows], "digests": index.digests[part]}
        for name, values in columns.items():
            writer = ArrayWriter(folder, f"{part}.{name}")
            with closing(writer):
                writer.append(values)
            arrays[writer.name] = writer.specification()
    return {
        "arrays": arrays,
        "class_names": list(checked_names(raw)),
        "num_skipped": sum(len(part.labels) - len(index.rows[name]) for name, part in raw.parts.items()),
        "is_small_jpeg": holds_small_jpegs(raw),
        "form": {name: value for name, value in asdict(index.form).items() if name != "preprocessing"},
    }


def _looked_at(name: str, images: Encoded, number: int, skip_corrupt: bool) -> Iterator[list[tuple[int, bytes, Form]]]:
    """Number, digest and form of the images that can be used, piece by piece."""

    def piece(chunk: range) -> list[tuple[int, bytes, Form]]:
        found = []
        for row in chunk:
            try:
                content = images.read(row)
                form = form_of(content)
                if skip_corrupt:
                    whole(content, form.channels)
                found.append((row, hashlib.blake2b(content, digest_size=16).digest(), form))
            except BROKEN as error:
                if not skip_corrupt:
                    raise images.corrupt(row, error) from error
        return found

    return in_pieces(piece, number, f"looking through {name} images")
