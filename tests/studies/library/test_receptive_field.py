"""What the study of receptive fields claims of its arms."""

import pytest
import torch

import convwright
from convwright.studies import study_named
from convwright.studies.generated import DISTANCE_PX, MARGIN_PX, paired_marks
from convwright.studies.library.receptive_field import DILATIONS

STUDY = study_named("receptive-field")


@pytest.fixture(scope="module")
def images():
    return (paired_marks().test.images[:100].float() - 128) / 10


def built(size_px, seed=0):
    return STUDY.arm(f"field-{size_px}").build(num_classes=2, in_channels=1, seed=seed).eval()


@pytest.mark.parametrize("size_px", DILATIONS)
def test_the_field_is_what_the_arm_is_named_for(size_px):
    assert convwright.analyze(built(size_px), (1, 1, 32, 32)).totals.receptive_field_px == (size_px, size_px)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size_px", [size for size in DILATIONS if size <= DISTANCE_PX])
def test_a_field_too_small_tells_no_image_from_another_whatever_the_weights(size_px, seed, images):
    assert size_px <= MARGIN_PX + 1
    with torch.no_grad():
        logits = built(size_px, seed)(images)
    assert (logits - logits[0]).abs().max() < 1e-5


@pytest.mark.parametrize("size_px", [size for size in DILATIONS if size > DISTANCE_PX])
def test_a_field_large_enough_tells_images_apart(size_px, images):
    with torch.no_grad():
        logits = built(size_px)(images)
    assert (logits - logits[0]).abs().max() > 1e-4


def test_there_are_fields_on_both_sides_of_what_the_task_needs():
    assert {size <= DISTANCE_PX for size in DILATIONS} == {True, False}
    assert DISTANCE_PX + 1 in DILATIONS
