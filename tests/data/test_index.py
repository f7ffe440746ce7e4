"""Looking through a set whose images stay encoded."""

import numpy as np
import pytest
from PIL import Image

from convwright.data.index import index_of, write_index
from convwright.data.pictures import Form
from convwright.data.sources.raw import RawData, RawPart
from convwright.errors import ConvwrightError
from reference.small_sets import Contents, encoded, pixels


def raw_of(contents, labels=None):
    labels = np.array([index % 2 for index in range(len(contents))] if labels is None else labels)
    return RawData(parts={"train": RawPart(images=Contents(contents), labels=labels)}, class_names=("cat", "dog"))


def indexed(contents, *, image_size=None, skip_corrupt=False):
    return index_of(raw_of(contents), image_size=image_size, skip_corrupt=skip_corrupt)


def test_the_form_is_what_decoding_would_find():
    same = [encoded(image) for image in pixels(200)]
    gray = encoded(pixels(1, channels=1)[0])
    assert indexed(same).form == Form(channels=3, height=8, width=8)
    assert indexed([gray, gray]).form == Form(channels=1, height=8, width=8)
    assert indexed([gray, *same]).form == Form(channels=3, height=8, width=8)
    wide = encoded(pixels(1, width=9)[0])
    assert indexed([*same, wide]).form == Form(channels=3, height=224, width=224, resize=True)
    assert indexed([*same, wide], image_size=9).form == Form(channels=3, height=9, width=9, resize=True)
    assert indexed(same, image_size=8).form == Form(channels=3, height=8, width=8)
    assert indexed(same).decoded_bytes == 200 * 3 * 8 * 8


def test_what_is_no_image_is_named_or_left_out(tmp_path):
    shown = [encoded(Image.effect_noise((40, 40), 90), "JPEG") for _ in range(4)]
    contents = [b"none", *shown[:3], shown[3][:700]]
    with pytest.raises(ConvwrightError, match=r"image 0 cannot be decoded"):
        indexed(contents)
    # Cut off after the size was said: known only where images are to be left out, since then each is decoded.
    assert indexed(contents[1:]).rows["train"].tolist() == [0, 1, 2, 3]
    index = indexed(contents, skip_corrupt=True)
    assert index.rows["train"].tolist() == [1, 2, 3]
    facts = write_index(tmp_path, raw_of(contents), index)
    assert facts["num_skipped"] == 2
    assert facts["form"] == {"channels": 1, "height": 40, "width": 40, "resize": False}
    assert np.fromfile(tmp_path / "train.labels.bin", dtype=np.int64).tolist() == [1, 0, 1]
    with pytest.raises(ConvwrightError, match="no train image can be decoded"):
        indexed([b"x", b"y"], skip_corrupt=True)


def test_digests_are_of_the_stored_bytes():
    one, other = (encoded(image) for image in pixels(2))
    digests = indexed([one, other, one]).digests["train"]
    assert digests.shape == (3, 16)
    assert digests[0].tolist() == digests[2].tolist() != digests[1].tolist()


def test_labels_are_checked(tmp_path):
    contents = [encoded(image) for image in pixels(2)]
    raw = raw_of(contents, [0, 2])
    with pytest.raises(ConvwrightError, match="the label of image 1: expected from 0 to 1, got 2"):
        write_index(tmp_path, raw, index_of(raw, image_size=None, skip_corrupt=False))


def test_decoded_images_have_no_index():
    raw = RawData(parts={"train": RawPart(images=pixels(2), labels=np.array([0, 1]))})
    with pytest.raises(TypeError, match="decoded already"):
        index_of(raw, image_size=None, skip_corrupt=False)
