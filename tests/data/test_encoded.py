"""Sets whose images stay encoded."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from convwright.data.crops import crop_boxes, crop_numbers, cropped
from convwright.data.pictures import Form, decoded
from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from reference.small_sets import encoded, encoded_set, picture, pixels

SHOWN = pixels(6, height=20, width=16)


def test_images_are_those_that_decoding_gives():
    images = encoded_set([encoded(image) for image in SHOWN], size=12)
    assert len(images) == 6
    assert images.image_shape == (3, 12, 12)
    for index in range(6):
        assert np.array_equal(images.image(index), decoded(encoded(SHOWN[index]), images.form))


def test_crops_are_taken_from_whole_images():
    images = encoded_set([encoded(image) for image in SHOWN], size=12)
    numbers = crop_numbers(6, torch.Generator().manual_seed(0))
    for index in range(6):
        (box,) = crop_boxes(numbers[index : index + 1], 20, 16, 0.3)
        expected = cropped(torch.tensor(SHOWN[index]), box, 12, 12)
        assert torch.equal(images.crop(index, numbers[index], 0.3), expected)


def test_weights_say_how_images_and_crops_are_resized():
    prepare = Preprocessing(resize_px=14, crop_px=12, interpolation="bicubic")
    images = replace(encoded_set([encoded(image) for image in SHOWN], size=12), form=Form.of(prepare))
    numbers = crop_numbers(6, torch.Generator().manual_seed(0))
    for index in range(6):
        assert np.array_equal(images.image(index), prepare.pixels(picture(SHOWN[index])))
        (box,) = crop_boxes(numbers[index : index + 1], 20, 16, 0.3)
        mode = v2.InterpolationMode.BICUBIC
        expected = v2.functional.resized_crop(torch.tensor(SHOWN[index]), *box.tolist(), [12, 12], mode)
        assert torch.equal(images.crop(index, numbers[index], 0.3), expected)


def test_a_subset_reads_its_own_images():
    contents = [encoded(image) for image in SHOWN]
    some = encoded_set(contents, size=12).subset(torch.tensor([4, 1]))
    assert some.labels.tolist() == [0, 1]
    assert np.array_equal(some.image(0), decoded(contents[4], some.form))


def test_a_fingerprint_sees_bytes_labels_order_and_form():
    contents = [encoded(image) for image in SHOWN]
    original = encoded_set(contents, size=12)
    others = [
        encoded_set([*contents[:5], contents[0]], size=12),
        encoded_set(contents, size=13),
        original.subset(torch.tensor([2, 1, 0, 3, 4, 5])),
        original.subset(torch.arange(5)),
    ]
    others += [
        replace(original, form=Form.of(Preprocessing(resize_px=resize, crop_px=12, interpolation=mode)))
        for resize, mode in ((12, "bilinear"), (14, "bilinear"), (14, "bicubic"))
    ]
    assert len({each.fingerprint for each in (original, *others)}) == 8
    assert original.subset(torch.arange(6)).fingerprint == original.fingerprint == encoded_set(contents, 12).fingerprint


def test_a_damaged_image_is_named():
    images = encoded_set([encoded(SHOWN[0]), encoded(SHOWN[1], "JPEG")[:500]], size=12)
    for call in (lambda: images.image(1), lambda: images.crop(1, torch.rand(10, 4), 0.1)):
        with pytest.raises(ConvwrightError, match=r"image 1 cannot be decoded .*skip_corrupt"):
            call()
