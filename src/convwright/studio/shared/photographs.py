"""The photographs that pages show networks: those that ship, and a few that somebody sent, in memory."""

import hashlib
import io
import warnings
from collections import OrderedDict
from collections.abc import AsyncIterator
from functools import cache
from threading import Lock

from PIL import Image

from ... import units
from ...data import sample_images
from ...data.pictures import BROKEN
from ...errors import ConvwrightError, unknown
from ...preprocessing import upright

MOST_BYTES = 16 * 2**20
MOST_PIXELS = 32_000_000
SIDE = 1024  # pixels of the longer side, once it is kept
TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_KEPT = 16  # of 3 MB each


class Photographs:
    """Photographs by name; the oldest of those that were sent goes when there are too many.

    Examples
    --------
    >>> photographs = Photographs()
    >>> photographs.names()
    ('chelsea', 'coffee', 'rocket')
    >>> photographs.get("rocket").size
    (640, 427)
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[str, Image.Image] = OrderedDict()
        self._lock = Lock()

    def names(self) -> tuple[str, ...]:
        """Return all names, the latest last."""
        with self._lock:
            return (*sample_images(), *self._sent)

    def add(self, content: bytes) -> str:
        """Keep the photograph in a file, under a name made of what is in it.

        Raises
        ------
        ConvwrightError
            For a file of another type, one that is broken, and one that is too large.
        """
        image = decoded(content)
        name = f"yours-{hashlib.sha256(content).hexdigest()[:12]}"
        with self._lock:
            self._sent[name] = image
            self._sent.move_to_end(name)
            while len(self._sent) > _KEPT:
                self._sent.popitem(last=False)
        return name

    def get(self, name: str) -> Image.Image:
        """Return a photograph, of mode RGB and at most `SIDE` pixels a side; it is shared, so change a copy.

        Raises
        ------
        ConvwrightError
            When there is none of that name.
        """
        with self._lock:
            sent = self._sent.get(name)
        if sent is not None:
            return sent
        if name not in sample_images():
            hint = "photographs that were sent are forgotten when the studio ends: send it again"
            raise unknown("photograph", name, self.names(), hint=hint)
        return _shipped(name)


def decoded(content: bytes) -> Image.Image:
    """Return the picture in a file, upright, of mode RGB, shrunk to at most `SIDE` pixels a side.

    What is in the file says its type, and its size in pixels is known before any of them is read.

    Raises
    ------
    ConvwrightError
        For a file of another type, one that is broken, and one that is too large.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=tuple(TYPES.values()))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except BROKEN as error:
        raise ConvwrightError("this file", expected="a JPEG, PNG or WebP image") from error
    with opened as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels(f"{image.width:,} x {image.height:,}")
        try:
            image.draft(None, (SIDE, SIDE))  # a large JPEG need not be decoded whole
            seen = upright(image).convert("RGB")
        except BROKEN as error:
            raise ConvwrightError("this image is broken", hint="open it elsewhere and save it again") from error
    seen.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return seen


async def received(parts: AsyncIterator[bytes], declared: str | None) -> bytes:
    """Return the body of a request, which is no longer read once it is too large.

    Parameters
    ----------
    parts : async iterator of bytes
        As they come in.
    declared : str or None
        How many bytes the request says that it has, where it says so.

    Raises
    ------
    ConvwrightError
        When it says, or has, more than `MOST_BYTES`.
    """
    if declared is not None and not (declared.isdecimal() and int(declared) <= MOST_BYTES):
        raise too_large()
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > MOST_BYTES:
            raise too_large()
    return bytes(content)


@cache
def _shipped(name: str) -> Image.Image:
    return decoded(sample_images()[name].read_bytes())


def too_large() -> ConvwrightError:
    """Return the error for a file of more than `MOST_BYTES`."""
    return ConvwrightError("this file", expected=f"at most {units.bytes_(MOST_BYTES)}")


def _too_many_pixels(got: str = "") -> ConvwrightError:
    return ConvwrightError("this image", expected=f"at most {units.count(MOST_PIXELS, 'pixels')}", got=got)
