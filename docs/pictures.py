"""Pictures of kept results: drawn again when the result changes, and small."""

import hashlib
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from PIL import Image, PngImagePlugin

HERE = Path(__file__).parent
_COLORS = 64  # lines and marks need no more
_MARK = "made of"  # in a picture: the digest of its result
Picture = tuple[Callable[[], bytes], str]  # what draws it, and the digest of what it is drawn from


def stale(wanted: Mapping[Path, Picture], there: Collection[Path], *, write: bool) -> Iterator[str]:
    """Names of pictures that are not of what they should be; where it is to `write`, they are drawn anew or removed."""
    for path, (make, digest) in wanted.items():
        if not is_of(path, digest):
            yield _named(path)
            if write:
                keep(path, make(), digest)
    for path in set(there) - wanted.keys():
        yield _named(path)
        if write:
            path.unlink()


def digest_of(path: Path) -> str:
    """What tells a kept result from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def is_of(path: Path, digest: str) -> bool:
    """Whether there is a picture, made of the result with that digest."""
    return path.exists() and Image.open(path).text.get(_MARK) == digest


def keep(path: Path, png: bytes, digest: str, *, colors: int = _COLORS) -> None:
    """Write a picture in few colors, with the digest of what it was made of."""
    about, out = PngImagePlugin.PngInfo(), io.BytesIO()
    about.add_text(_MARK, digest)
    Image.open(io.BytesIO(png)).convert("RGB").quantize(colors).save(out, "PNG", optimize=True, pnginfo=about)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(out.getvalue())


def _named(path: Path) -> str:
    return str(Path(path.parent.name) / path.name)
