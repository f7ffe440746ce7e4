"""Images in two parts are found, whatever form they have."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.data import ImageSet
from convwright.data.duplicates import shared_images
from reference.small_sets import encoded, encoded_set, pixels

LEVELS = st.lists(st.integers(0, 5), max_size=8)


def images_of(levels):
    pixels = torch.tensor(levels, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 4, 4).clone()
    return ImageSet(images=pixels, labels=torch.zeros(len(levels), dtype=torch.int64))


@given(LEVELS, LEVELS)
def test_pairs_are_those_of_brute_force(one, other):
    expected = [(one.index(level), place) for place, level in enumerate(other) if level in one]
    assert shared_images(images_of(one), images_of(other)) == expected


def test_one_pixel_makes_another_image():
    given, changed = images_of([3]), images_of([3])
    changed.images[0, 2, 3, 3] += 1
    assert shared_images(given, changed) == []


def test_encoded_images_are_known_by_their_bytes():
    whole = encoded_set([encoded(each) for each in pixels(3)], 4)
    assert shared_images(whole, whole.subset(torch.tensor([2, 0]))) == [(2, 0), (0, 1)]
