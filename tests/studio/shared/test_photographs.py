"""Photographs are read whatever they hold, and refused before they cost anything."""

import asyncio
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image

from convwright.data import sample_images
from convwright.errors import ConvwrightError
from convwright.studio.shared import photographs as room
from convwright.studio.shared.photographs import Photographs, decoded, received

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_of_size(width, height):
    """A PNG that says it is large and holds next to nothing."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_kept_under_a_name_of_its_content(kind):
    photographs = Photographs()
    content = encoded(NOISE, kind, **{"lossless": True} if kind == "WEBP" else {})
    name = photographs.add(content)
    assert photographs.add(content) == name
    assert photographs.names() == (*sample_images(), name)
    kept = photographs.get(name)
    assert (kept.mode, kept.size) == ("RGB", (60, 40))
    assert kind == "JPEG" or np.array_equal(kept, NOISE)


def test_those_that_ship_are_there():
    photographs = Photographs()
    for name, path in sample_images().items():
        with Image.open(path) as image:
            assert photographs.get(name).size == image.size
    assert photographs.get("coffee") is photographs.get("coffee")


@pytest.mark.parametrize("name", ["", "yours-0", "../chelsea", "chelsea.jpg", "/etc/passwd", "chelse"])
def test_only_names_that_are_known_lead_to_one(name):
    with pytest.raises(ConvwrightError, match="unknown photograph"):
        Photographs().get(name)


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(room, "_KEPT", 2)
    photographs = Photographs()
    contents = [encoded(NOISE.rotate(90 * turn, expand=True), "PNG") for turn in range(3)]
    first, second = (photographs.add(content) for content in contents[:2])
    photographs.add(contents[0])
    third = photographs.add(contents[2])
    assert photographs.names() == (*sample_images(), first, third)
    with pytest.raises(ConvwrightError, match="send it again"):
        photographs.get(second)


def test_a_large_one_is_shrunk_and_one_on_its_side_turned():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = encoded(NOISE.resize((3000, 2000)), "JPEG", exif=exif)
    assert decoded(content).size == (683, 1024)


@pytest.mark.parametrize(
    ("mode", "kind"), [("P", "PNG"), ("RGBA", "WEBP"), ("L", "JPEG"), ("CMYK", "JPEG"), ("1", "PNG")]
)
def test_every_mode_becomes_red_green_blue(mode, kind):
    image = decoded(encoded(NOISE.convert(mode), kind))
    assert (image.mode, image.size) == ("RGB", (60, 40))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        encoded(NOISE, "GIF"),
        encoded(NOISE, "BMP"),
        encoded(NOISE, "TIFF"),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ],
    ids=["empty", "text", "gif", "bmp", "tiff", "svg", "eps", "no more than png", "no more than jpeg"],
)
def test_what_is_no_photograph_is_refused_by_what_is_in_it(content):
    with pytest.raises(ConvwrightError, match="expected a JPEG, PNG or WebP image"):
        decoded(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_cut_off_is_refused(kind):
    content = encoded(NOISE, kind)
    for share in (0.3, 0.9):
        with pytest.raises(ConvwrightError, match=r"broken|expected a JPEG"):
            decoded(content[: int(share * len(content))])


@pytest.mark.parametrize("size", [(6000, 6000), (12_000, 8_000), (60_000, 60_000)])
def test_a_bomb_is_not_unpacked(size, monkeypatch):
    def unpacked(*_):
        raise AssertionError("pixels were read")

    monkeypatch.setattr(room, "upright", unpacked)
    with pytest.raises(ConvwrightError, match=r"this image: expected at most 32.0 Mpixels"):
        decoded(png_of_size(*size))


def test_a_text_in_a_picture_is_no_bomb_either():
    content = encoded(NOISE, "PNG")
    text = b"note\0\0" + zlib.compress(bytes(70_000_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    with pytest.raises(ConvwrightError):
        decoded(content[:33] + chunk + content[33:])


def test_too_many_bytes_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 10)
    with pytest.raises(ConvwrightError, match="expected at most 10 B"):
        decoded(b"x" * 11)


async def _parts(sizes, taken):
    for size in sizes:
        taken.append(size)
        yield bytes(size)


def test_a_body_is_read_no_further_than_it_may_be(monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 100)
    taken = []
    assert asyncio.run(received(_parts([60, 40], taken), "100")) == bytes(100)
    for declared, sizes, read in [
        (None, [60, 60, 60], 2),
        ("101", [60], 0),
        ("-1", [1], 0),
        ("x", [1], 0),
        ("9", [101], 1),
    ]:
        taken.clear()
        with pytest.raises(ConvwrightError, match="this file: expected at most 100 B"):
            asyncio.run(received(_parts(sizes, taken), declared))
        assert len(taken) == read
