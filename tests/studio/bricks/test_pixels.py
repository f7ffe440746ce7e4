"""Photographs become numbers, and numbers pictures."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.studio.bricks.pixels import CROP, TOP, liveliest_crop, picture, tensor_of
from convwright.studio.shared.photographs import Photographs


def test_there_and_back():
    image = Photographs().get("coffee")
    x = tensor_of(image)
    assert x.shape == (1, 3, 160, 240)
    kind, _, text = picture(x).partition(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(text))) as again:
        assert np.array_equal(again, (x[0] * 255).round().byte().movedim(0, 2))


def test_a_map_of_one_channel_is_gray_and_what_is_beyond_is_cut():
    encoded = picture(torch.tensor([[[[-1.0, 0.5, 2.0]]]])).partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        assert image.mode == "L"
        assert np.asarray(image).tolist() == [[0, 128, 255]]


def test_the_crop_is_where_something_is():
    image = Image.new("RGB", (400, 300), "gray")
    image.paste((255, 255, 255), (300, 200, 330, 230))
    crop = liveliest_crop(image)
    assert crop.values.shape == (1, 1, CROP, CROP)
    assert crop.left <= 300 / 400
    assert crop.left + crop.width >= 330 / 400
    assert crop.top <= 200 / 300
    assert crop.top + crop.height >= 230 / 300
    assert crop.values.max() <= TOP
    assert torch.equal(crop.values, crop.values.round())


@pytest.mark.parametrize("size", [(1, 1), (1, 1024), (13, 12), (1024, 3)])
def test_any_shape_has_a_crop(size):
    crop = liveliest_crop(Image.new("RGB", size, "white"))
    assert (crop.values == TOP).all()
    assert 0 <= crop.left <= crop.left + crop.width <= 1 + 1e-9
    assert 0 <= crop.top <= crop.top + crop.height <= 1 + 1e-9
