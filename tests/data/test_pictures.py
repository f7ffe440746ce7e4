"""EncodedImages images of every kind to arrays."""

import io

import numpy as np
import pytest
from PIL import Image

from convwright.data.pictures import BROKEN, Form, FormMismatch, decoded, form_of, is_small_jpeg, picture_of, whole
from convwright.preprocessing import Preprocessing
from reference.small_sets import encoded, picture, pixels

COLOR = Form(channels=3, height=8, width=8)
GRAY = Form(channels=1, height=8, width=8)


def test_rgb_and_gray_come_out_as_they_went_in():
    assert np.array_equal(decoded(encoded(pixels(1)[0]), COLOR), pixels(1)[0])
    gray = pixels(1, channels=1)[0]
    assert np.array_equal(decoded(encoded(gray), GRAY), gray)
    assert np.array_equal(decoded(encoded(gray), COLOR), gray.repeat(3, 0))


def test_16_bits_are_scaled_to_8():
    values = np.array([[0, 257, 65535, 25700]], dtype=np.uint16)
    assert decoded(encoded(Image.fromarray(values)), Form(channels=1, height=1, width=4)).tolist() == [
        [[0, 1, 255, 100]]
    ]


def test_values_that_nobody_knows_the_range_of_are_refused():
    for array in (np.full((2, 2), 70000, dtype=np.int32), np.full((2, 2), 0.5, dtype=np.float32)):
        with pytest.raises(ValueError, match=r"16 bits do not hold|range is unknown"):
            form_of(encoded(Image.fromarray(array), "TIFF"))


def test_transparent_images_lie_on_white():
    image = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    image.putpixel((0, 0), (200, 0, 0, 255))
    shown = decoded(encoded(image), COLOR)
    assert shown[:, 0, 0].tolist() == [200, 0, 0]
    assert shown[:, 1, 1].tolist() == [255, 255, 255]
    gray = decoded(encoded(Image.new("LA", (8, 8), (10, 0))), GRAY)
    assert (gray == 255).all()


@pytest.mark.parametrize("mode", ["P", "1", "CMYK"])
def test_other_modes_are_those_that_pillow_converts(mode):
    image = picture(pixels(1)[0]).convert(mode)
    channels = 1 if mode == "1" else 3
    content = encoded(image, "TIFF")
    assert form_of(content).channels == channels
    expected = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    shown = decoded(content, Form(channels=channels, height=8, width=8))
    assert np.array_equal(np.moveaxis(shown, 0, 2).squeeze(), expected)


def test_photographs_are_turned_upright():
    image = picture(pixels(1, height=4, width=6)[0])
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    path_like = encoded(image)
    assert form_of(path_like) == Form(channels=3, height=4, width=6)
    stream = io.BytesIO()
    image.save(stream, "PNG", exif=exif)
    assert form_of(stream.getvalue()) == Form(channels=3, height=6, width=4)
    turned = decoded(stream.getvalue(), Form(channels=3, height=6, width=4))
    assert np.array_equal(turned, np.rot90(pixels(1, height=4, width=6)[0], -1, axes=(1, 2)))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_form_is_that_of_the_upright_image(kind, orientation):
    exif, stream = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    picture(pixels(1, height=4, width=6)[0]).save(stream, kind, exif=exif)
    form = form_of(stream.getvalue())
    assert whole(stream.getvalue(), 3).shape == (3, form.height, form.width)


def test_a_form_for_weights_prepares_as_they_want_and_leaves_others_as_they_were():
    prepare = Preprocessing(resize_px=10, crop_px=8, interpolation="bicubic")
    form = Form.of(prepare)
    assert (form.channels, form.height, form.width, form.resize, form.interpolation) == (3, 8, 8, True, "bicubic")
    for channels, size in ((1, 8), (3, 8), (3, 30)):
        image = pixels(1, channels=channels, height=size, width=9)[0]
        assert np.array_equal(decoded(encoded(image), form), prepare.pixels(picture(image)))
    assert COLOR.interpolation == "bilinear"
    assert str(COLOR) == "Form(channels=3, height=8, width=8, resize=False)"  # it is in fingerprints of runs


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_a_picture_again(channels):
    image = pixels(1, channels=channels)[0]
    assert np.array_equal(whole(encoded(picture_of(image)), channels), image)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormMismatch, match=r"^8x8 pixels of mode RGB do not fit Form\(channels=1, height=8"):
        decoded(encoded(pixels(1)[0]), GRAY)
    with pytest.raises(FormMismatch, match=r"^9x8 pixels of mode RGB do not fit Form\(channels=3, height=8, width=8"):
        decoded(encoded(pixels(1, width=9)[0]), COLOR)


def test_resizing_keeps_the_center():
    wide = np.zeros((3, 16, 32), dtype=np.uint8)
    wide[:, :, 8:24] = 200  # exactly the middle square
    assert (decoded(encoded(wide), Form(channels=3, height=16, width=16, resize=True)) == 200).all()
    small = decoded(encoded(wide), Form(channels=3, height=8, width=8, resize=True))
    assert (small[:, :, 1:-1] == 200).all()


@pytest.mark.parametrize(
    "content", [b"", b"no image", encoded(pixels(1)[0])[:90], encoded(pixels(1)[0], "JPEG")[:300]], ids=len
)
def test_broken_images_raise_what_the_list_says(content):
    with pytest.raises(BROKEN):
        decoded(content, COLOR)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_form_that_stands_first_is_that_of_the_pixels(mode, kind):
    if (mode, kind) == ("CMYK", "PNG"):
        pytest.skip("PNG has no such images")
    content = encoded(Image.new(mode, (5, 7)), kind)
    form = form_of(content)
    assert whole(content, form.channels).shape == (form.channels, 7, 5) == (form.channels, form.height, form.width)
    assert decoded(content, form).shape[0] == form.channels  # nothing says that it is unlike


def test_small_jpegs_are_known():
    assert is_small_jpeg(encoded(pixels(1)[0], "JPEG"))
    assert not is_small_jpeg(encoded(pixels(1)[0]))
    assert not is_small_jpeg(encoded(pixels(1, height=70)[0], "JPEG"))
    assert not is_small_jpeg(b"no image")
