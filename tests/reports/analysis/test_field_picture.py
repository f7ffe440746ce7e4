"""Fields over a photograph: boxes where they belong, and what is outside of the image shown too."""

import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from convwright.reports.analysis.field_picture import COLORS, DrawnField, as_png, field_page, field_picture

GRAY = Image.new("RGB", (32, 32), (100, 100, 100))


def outlined(picture, color):
    """Rows and columns of the pixels of a color, above the legend."""
    pixels = np.asarray(picture)
    return np.nonzero((pixels[: picture.width] == ImageColor.getrgb(color)).all(-1))


def test_a_box_is_drawn_around_its_pixels():
    picture = field_picture(GRAY, [DrawnField(label="one", first=(8, 4), last=(15, 27))])
    rows, columns = outlined(picture, COLORS[0])
    margin, zoom = (picture.width - 480) / 2, 480 / 32
    assert rows.min() == pytest.approx(margin + 8 * zoom, abs=2)
    assert rows.max() == pytest.approx(margin + 16 * zoom, abs=2)
    assert columns.min() == pytest.approx(margin + 4 * zoom, abs=2)
    assert columns.max() == pytest.approx(margin + 28 * zoom, abs=2)


def test_a_field_beyond_the_image_gets_room():
    inside = field_picture(GRAY, [DrawnField(label="in", first=(8, 8), last=(20, 20))])
    outside = field_picture(GRAY, [DrawnField(label="out", first=(-10, -10), last=(41, 41))])
    huge = field_picture(GRAY, [DrawnField(label="huge", first=(-500, -500), last=(530, 530))])
    assert inside.width < outside.width < huge.width == 3 * 480


def test_heat_reddens_where_it_is():
    heat = np.zeros((32, 32))
    heat[:16] = 1.0
    pixels = np.asarray(field_picture(GRAY, [], heat=heat)).astype(int)
    margin = (pixels.shape[1] - 480) // 2
    top, bottom = pixels[margin + 60, pixels.shape[1] // 2], pixels[margin + 420, pixels.shape[1] // 2]
    assert top[0] > top[2] + 100
    assert abs(bottom[0] - bottom[2]) < 3


def test_the_page_holds_the_picture():
    picture = field_picture(GRAY, [DrawnField(label="one", first=(8, 4), last=(15, 27))])
    with Image.open(io.BytesIO(as_png(picture))) as read:
        assert read.size == picture.size
    page = field_page(picture, "A <title>", ["one"])
    assert "A &lt;title&gt;" in page
    assert "data:image/png;base64," in page
