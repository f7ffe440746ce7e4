"""Maps are pictures of what is in them."""

import io

import numpy as np
from PIL import Image

from convwright.reports.analysis.map_pictures import map_png, photograph_png


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_photograph_keeps_its_pixels():
    image = np.random.default_rng(0).random((32, 40, 3), dtype=np.float32)
    drawn = read(photograph_png(image))
    assert drawn.shape == (256, 320, 3)
    assert np.abs(drawn[::8, ::8] - 255 * image).max() <= 0.5


def test_heat_lies_over_it():
    image, heat = np.full((8, 8, 3), 0.5, dtype=np.float32), np.zeros((8, 8), dtype=np.float32)
    heat[2, 3] = 1
    drawn = read(photograph_png(image, heat))
    assert drawn[:40, :40].mean() < 64  # under no heat: nearly half of the gray
    assert drawn[2 * 40 + 20, 3 * 40 + 20].mean() > 150


def test_a_map_goes_from_dark_to_light():
    drawn = read(map_png(np.array([[-3.0, 0.0], [1.0, 5.0]], dtype=np.float32))).sum(2)
    assert drawn.shape == (2, 2)
    assert drawn.argmax() == 3
    assert drawn.argmin() == 0
    assert len(np.unique(read(map_png(np.ones((2, 2), dtype=np.float32))).reshape(-1, 3), axis=0)) == 1
