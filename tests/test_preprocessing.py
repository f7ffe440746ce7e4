"""Preparing images: against torchvision's own presets, on images of every size, mode and orientation."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms._presets import ImageClassification

from convwright.data import sample_images
from convwright.errors import ConvwrightError
from convwright.preprocessing import INTERPOLATIONS, Preprocessing, upright


def noise(mode="RGB", height=40, width=60):
    values = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Image.fromarray(values, "RGBA").convert(mode)


def test_it_is_torchvisions_preset():
    with Image.open(sample_images()["chelsea"]) as image:
        image.load()
    ours = Preprocessing(resize_px=256, crop_px=224)(image)
    assert torch.allclose(ours, ImageClassification(crop_size=224, resize_size=256)(image), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 90), width=st.integers(1, 90), resize=st.integers(1, 64), crop=st.integers(1, 64),
    mode=st.sampled_from(INTERPOLATIONS), kind=st.sampled_from(["RGB", "L"]),
)  # fmt: skip
def test_pixels_are_those_of_torchvision_at_any_size(height, width, resize, crop, mode, kind):
    resize, crop, image = max(resize, crop), min(resize, crop), noise(kind, height, width)
    steps = [v2.Resize(resize, interpolation=v2.InterpolationMode(mode)), v2.CenterCrop(crop), v2.PILToTensor()]
    ours = Preprocessing(resize_px=resize, crop_px=crop, interpolation=mode).pixels(image)
    assert np.array_equal(ours, v2.Compose(steps)(image.convert("RGB")).numpy())


@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "P", "1", "CMYK", "I;16"])
def test_any_mode_becomes_three_channels(mode):
    image = Image.fromarray(np.full((40, 60), 7, dtype=np.uint16)) if mode == "I;16" else Image.new(mode, (60, 40))
    assert Preprocessing(resize_px=32, crop_px=24)(image).shape == (3, 24, 24)


def test_16_bits_are_scaled_to_8():
    image = Image.fromarray(np.array([[0, 257, 65535, 25700]], dtype=np.uint16))
    assert np.asarray(upright(image)).tolist() == [[0, 1, 255, 100]]


@pytest.mark.parametrize("array", [np.full((2, 2), 70000, dtype=np.int32), np.full((2, 2), 0.5, dtype=np.float32)])
def test_values_that_nobody_knows_the_range_of_are_refused(array):
    with pytest.raises(ValueError, match=r"16 bits do not hold|range is unknown"):
        Preprocessing(resize_px=2, crop_px=2)(Image.fromarray(array))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_lies_on_white(mode):
    seen = noise(mode)
    share = np.asarray(seen)[..., -1:] / 255
    expected = np.asarray(seen)[..., :-1] * share + 255 * (1 - share)
    ours = np.asarray(upright(seen)).reshape(expected.shape)
    assert np.abs(ours - expected).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright_whatever_their_camera_says(orientation):
    seen = np.asarray(noise())
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 1, 7: 3, 8: 3}  # by 90 degrees, counterclockwise, as the sensor lay
    stored = np.rot90(seen, turns[orientation])
    if orientation in {2, 4, 5, 7}:
        stored = stored[:, ::-1] if orientation in {2, 4} else stored[::-1]
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored)).save(stream, "PNG", exif=exif)
    assert np.array_equal(np.asarray(upright(Image.open(stream))), seen)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"resize_px": 200, "crop_px": 224}, "resize_px: expected at least 224, got 200"),
        ({"resize_px": 1, "crop_px": 0}, "crop_px: expected at least 1"),
        ({"resize_px": 256, "crop_px": 224, "interpolation": "cubic"}, "did you mean bicubic"),
    ],
)
def test_bad_fields_are_named(fields, told):
    with pytest.raises(ConvwrightError) as caught:
        Preprocessing(**fields)
    assert told in str(caught.value)
