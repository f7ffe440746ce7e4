"""What becomes of a data set before training: arrays in the cache, or an index of images that stay as they lie."""

from pathlib import Path
from typing import Any

from ..preprocessing import Preprocessing
from .decode import decode_into, first_form
from .index import index_of, write_index
from .sources.raw import Encoded, RawData


def prepare_into(
    folder: Path,
    raw: RawData,
    *,
    image_size: int | None,
    skip_corrupt: bool,
    memory_bytes: int,
    whole_images: bool,
    preprocessing: Preprocessing | None = None,
) -> dict[str, Any]:
    """Decode a set into a folder, or index it: then the facts say a `form`.

    Parameters
    ----------
    folder, raw, image_size, skip_corrupt, preprocessing
        See `decode_into`.
    memory_bytes : int
        Most that decoded images may take.
    whole_images : bool
        Keep images encoded where decoding them would resize any.

    Raises
    ------
    ConvwrightError
        See `decode_into` and `index_of`.
    """
    settings: dict[str, Any] = {"image_size": image_size, "skip_corrupt": skip_corrupt, "preprocessing": preprocessing}
    encoded = all(isinstance(part.images, Encoded) for part in raw.parts.values())
    if encoded and (whole_images or _decoded_bytes(raw, settings) > memory_bytes):
        index = index_of(raw, **settings)
        if (whole_images and index.form.resize) or index.decoded_bytes > memory_bytes:
            return write_index(folder, raw, index)
    return decode_into(folder, raw, **settings)


def _decoded_bytes(raw: RawData, settings: dict[str, Any]) -> int:
    """As if all images were like the first."""
    form = first_form(raw, **settings)
    return sum(len(part.labels) for part in raw.parts.values()) * form.channels * form.height * form.width
