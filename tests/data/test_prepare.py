"""What is decoded, and what stays as it lies."""

import numpy as np
import pytest

from convwright.data.prepare import prepare_into
from convwright.data.sources.raw import RawData, RawPart
from reference.small_sets import Contents, encoded, pixels

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
        # By the first image it would be too large, by what all are brought to it is not.
        ([encoded(pixels(1, height=900, width=900)[0]), *SAME], {"memory_bytes": 5 * 3 * 224**2}, False),
    ],
)
def test_large_sets_and_images_for_crops_stay_encoded(tmp_path, contents, options, stays):
    labels = np.arange(len(contents)) % 2
    raw = RawData(parts={"train": RawPart(images=Contents(contents), labels=labels)})
    settings = {"image_size": None, "skip_corrupt": False, "memory_bytes": 10**9, "whole_images": False}
    facts = prepare_into(tmp_path, raw, **(settings | options))
    assert ("form" in facts) is stays
    assert sorted(facts["arrays"]) == (
        ["train.digests", "train.labels", "train.rows"] if stays else ["train.images", "train.labels"]
    )
    assert {path.stem for path in tmp_path.iterdir()} == set(facts["arrays"])


def test_arrays_are_decoded_already(tmp_path):
    raw = RawData(parts={"train": RawPart(images=pixels(4), labels=np.array([0, 1, 0, 1]))})
    facts = prepare_into(tmp_path, raw, image_size=None, skip_corrupt=False, memory_bytes=0, whole_images=True)
    assert "form" not in facts
