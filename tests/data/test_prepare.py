"""From a data set as it is stored to arrays of one form, or to an index of images that stay encoded."""

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.data.pictures import Form
from convwright.data.prepare import PrepareOptions, common_form, index_of, prepare_into
from convwright.data.sources.raw import RawData, RawSplit
from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from reference.small_sets import Contents, encoded, pixels

NAMES = ("cat", "dog")


def raw_of(contents, labels=None, **splits):
    labels = np.array([index % 2 for index in range(len(contents))] if labels is None else labels)
    return RawData(splits={"train": RawSplit(images=Contents(contents), labels=labels)} | splits, class_names=NAMES)


def prepared(folder, raw, **options):
    facts = prepare_into(folder, raw, PrepareOptions(**options))
    arrays = {
        name: np.fromfile(folder / f"{name}.bin", dtype=specification["dtype"]).reshape(specification["shape"])
        for name, specification in facts["arrays"].items()
    }
    return arrays, facts


def test_images_of_one_size_stay_as_they_are_and_in_order(tmp_path):
    shown = pixels(300)
    made, facts = prepared(tmp_path, raw_of([encoded(image) for image in shown]))
    assert np.array_equal(made["train.images"], shown)
    assert made["train.labels"].tolist() == [0, 1] * 150
    assert facts["class_names"] == ["cat", "dog"]
    assert facts["num_skipped"] == 0
    assert facts["is_small_jpeg"] is False


def test_unlike_sizes_are_brought_to_224_and_one_color_image_makes_all_color(tmp_path):
    contents = [encoded(pixels(1, channels=1)[0])] * 200 + [encoded(pixels(1, height=9)[0])]
    made, _ = prepared(tmp_path, raw_of(contents))
    assert made["train.images"].shape == (201, 3, 224, 224)
    made, _ = prepared(tmp_path, raw_of(contents), image_size=6)
    assert made["train.images"].shape == (201, 3, 6, 6)


def test_decoded_images_are_resized_too(tmp_path):
    flat = np.full((2, 1, 8, 8), 77, dtype=np.uint8)
    raw = RawData(splits={"train": RawSplit(images=flat, labels=np.array([0, 1]))})
    made, facts = prepared(tmp_path, raw, image_size=5)
    assert made["train.images"].shape == (2, 1, 5, 5)
    assert (made["train.images"] == 77).all()
    assert facts["class_names"] == ["0", "1"]


def test_a_corrupt_image_is_named_or_left_out(tmp_path):
    contents = [encoded(image) for image in pixels(6)]
    contents[0] = contents[3] = b"cut off"
    with pytest.raises(ConvwrightError, match=r"image 0 cannot be decoded .*skip_corrupt"):
        prepared(tmp_path, raw_of(contents))
    contents[0] = encoded(pixels(1)[0])
    with pytest.raises(ConvwrightError, match=r"image 3 cannot be decoded"):
        prepared(tmp_path, raw_of(contents))
    contents[0] = b"cut off"
    made, facts = prepared(tmp_path, raw_of(contents), skip_corrupt=True)
    assert facts["num_skipped"] == 2
    assert np.array_equal(made["train.images"], pixels(6)[[1, 2, 4, 5]])
    assert made["train.labels"].tolist() == [1, 0, 0, 1]
    with pytest.raises(ConvwrightError, match="no train image can be decoded"):
        prepared(tmp_path, raw_of([b"x", b"y"]), skip_corrupt=True)


def test_a_part_with_nothing_but_corrupt_images_is_refused(tmp_path):
    test = RawSplit(images=Contents([b"x"]), labels=np.array([0]))
    with pytest.raises(ConvwrightError, match="no test image can be decoded"):
        prepared(tmp_path, raw_of([encoded(image) for image in pixels(2)], test=test), skip_corrupt=True)


def test_labels_are_checked(tmp_path):
    contents = [encoded(image) for image in pixels(3)]
    with pytest.raises(ConvwrightError, match=r"the label of image 1: expected from 0 to 1, got 2"):
        prepared(tmp_path, raw_of(contents, [0, 2, 1]))
    with pytest.raises(ConvwrightError, match=r"got -1; -1 stands for a hidden label"):
        prepared(tmp_path, raw_of(contents, [0, 1, -1]))
    with pytest.raises(ConvwrightError, match=r"all of one class: expected two classes or more"):
        prepared(tmp_path, raw_of(contents, [1, 1, 1]))
    empty = RawSplit(images=np.empty((0, 3, 8, 8), dtype=np.uint8), labels=np.empty(0, dtype=np.int64))
    with pytest.raises(ConvwrightError, match=r"the test part holds no images"):
        prepared(tmp_path, raw_of(contents, test=empty))


def test_resizing_is_torchs_antialiased_one(tmp_path):
    shown = pixels(3, height=20, width=20)
    raw = RawData(splits={"train": RawSplit(images=shown, labels=np.array([0, 1, 0]))})
    made, _ = prepared(tmp_path, raw, image_size=10)
    expected = torch.nn.functional.interpolate(torch.tensor(shown).float(), (10, 10), mode="bilinear", antialias=True)
    assert (torch.tensor(made["train.images"]).float() - expected).abs().max() <= 0.5


SAME = [encoded(image) for image in pixels(4)]  # 4 * 192 bytes
UNLIKE = [*SAME, encoded(pixels(1, width=9)[0])]


@pytest.mark.parametrize(
    ("contents", "options", "stays"),
    [
        (SAME, {"memory_bytes": 768}, False),
        (SAME, {"memory_bytes": 767}, True),
        (SAME, {"whole_images": True}, False),  # all of one size: nothing is lost by decoding
        (SAME, {"whole_images": True, "memory_bytes": 767}, True),
        (SAME, {"whole_images": True, "image_size": 6}, True),
        (UNLIKE, {}, False),
        (UNLIKE, {"whole_images": True}, True),
        ([encoded(pixels(1, height=300, width=300)[0]), *SAME], {"memory_bytes": 10**6, "image_size": 9}, False),
        # It is the common form that counts, not that of the first image: here small, then large.
        (UNLIKE, {"memory_bytes": 5 * 3 * 224**2 - 1}, True),
        ([encoded(pixels(1, height=900, width=900)[0]), *SAME], {"memory_bytes": 5 * 3 * 224**2}, False),
    ],
)
def test_large_sets_and_images_for_crops_stay_encoded(tmp_path, contents, options, stays):
    facts = prepare_into(tmp_path, raw_of(contents), PrepareOptions(**options))
    assert ("form" in facts) is stays
    assert sorted(facts["arrays"]) == (
        ["train.digests", "train.labels", "train.rows"] if stays else ["train.images", "train.labels"]
    )
    assert {path.stem for path in tmp_path.iterdir()} == set(facts["arrays"])


def test_arrays_are_decoded_already(tmp_path):
    raw = RawData(splits={"train": RawSplit(images=pixels(4), labels=np.array([0, 1, 0, 1]))})
    facts = prepare_into(tmp_path, raw, PrepareOptions(memory_bytes=0, whole_images=True))
    assert "form" not in facts


def indexed(contents, **options):
    options = PrepareOptions(**options)
    index = index_of("train", raw_of(contents).splits["train"], options.skip_corrupt)
    return index, common_form(index.forms, options)


def test_the_form_is_what_decoding_would_find():
    same = [encoded(image) for image in pixels(200)]
    gray = encoded(pixels(1, channels=1)[0])
    assert indexed(same)[1] == Form(channels=3, height=8, width=8)
    assert indexed([gray, gray])[1] == Form(channels=1, height=8, width=8)
    assert indexed([gray, *same])[1] == Form(channels=3, height=8, width=8)
    wide = encoded(pixels(1, width=9)[0])
    assert indexed([*same, wide])[1] == Form(channels=3, height=224, width=224, resize=True)
    assert indexed([*same, wide], image_size=9)[1] == Form(channels=3, height=9, width=9, resize=True)
    assert indexed(same, image_size=8)[1] == Form(channels=3, height=8, width=8)
    assert indexed(same)[1].num_bytes == 3 * 8 * 8


def test_what_is_no_image_is_named_or_left_out(tmp_path):
    shown = [encoded(Image.effect_noise((40, 40), 90), "JPEG") for _ in range(4)]
    contents = [b"none", *shown[:3], shown[3][:700]]
    with pytest.raises(ConvwrightError, match=r"image 0 cannot be decoded"):
        indexed(contents)
    # Cut off after the size was said: known only where images are to be left out, since then each is decoded.
    assert indexed(contents[1:])[0].rows.tolist() == [0, 1, 2, 3]
    arrays, facts = prepared(tmp_path, raw_of(contents), skip_corrupt=True, memory_bytes=0)
    assert arrays["train.rows"].tolist() == [1, 2, 3]
    assert arrays["train.labels"].tolist() == [1, 0, 1]
    assert facts["num_skipped"] == 2
    assert facts["form"] == {"channels": 1, "height": 40, "width": 40, "resize": False}
    with pytest.raises(ConvwrightError, match="no train image can be decoded"):
        indexed([b"x", b"y"], skip_corrupt=True)


def test_digests_are_of_the_stored_bytes():
    one, other = (encoded(image) for image in pixels(2))
    digests = indexed([one, other, one])[0].digests
    assert digests.shape == (3, 16)
    assert digests[0].tolist() == digests[2].tolist() != digests[1].tolist()


def test_labels_of_images_that_stay_encoded_are_checked_too(tmp_path):
    contents = [encoded(image) for image in pixels(2)]
    with pytest.raises(ConvwrightError, match="the label of image 1: expected from 0 to 1, got 2"):
        prepared(tmp_path, raw_of(contents, [0, 2]), memory_bytes=0)


def test_the_cache_knows_what_the_pixels_depend_on():
    """In this order: a key made anew would make every entry of today's caches anew."""
    assert list(PrepareOptions(image_size=8).to_dict().items()) == [
        ("image_size", 8),
        ("skip_corrupt", False),
        ("memory_bytes", 4 * 2**30),
        ("whole_images", False),
    ]
    lite = Preprocessing(resize_px=10, crop_px=8, mean=(0.5, 0.5, 0.5))
    assert PrepareOptions(preprocessing=lite).to_dict()["geometry"] == (10, 8, "bilinear")
