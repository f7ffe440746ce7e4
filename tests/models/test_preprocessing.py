"""Preparing images: against torchvision's own preset, on images of every mode."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms._presets import ImageClassification

from convwright.data import sample_images
from convwright.errors import ConvwrightError
from convwright.models import Preprocessing


def test_it_is_torchvisions_preset():
    with Image.open(sample_images()["chelsea"]) as image:
        image.load()
    ours = Preprocessing(resize_px=256, crop_px=224)(image)
    assert torch.allclose(ours, ImageClassification(crop_size=224, resize_size=256)(image), atol=1e-6)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "I;16"])
def test_any_mode_becomes_three_channels(mode):
    image = Image.fromarray(np.full((40, 60), 7, dtype=np.uint16)) if mode == "I;16" else Image.new(mode, (60, 40))
    assert Preprocessing(resize_px=32, crop_px=24)(image).shape == (3, 24, 24)


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
