"""Stratified splits."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.data.splits import stratified


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.sampled_from([0.0, 0.1, 0.5, 0.99]), st.integers(0, 3))
def test_each_image_is_in_one_part_and_each_class_in_proportion(classes, fraction, seed):
    labels = torch.tensor(classes)
    stays, drawn = stratified(labels, fraction, seed=seed, purpose="validation")
    assert sorted([*stays.tolist(), *drawn.tolist()]) == list(range(len(classes)))
    assert drawn.tolist() == sorted(drawn.tolist())
    for label in set(classes):
        number = classes.count(label)
        wanted = min(round(torch.tensor(number * fraction).item()), number - 1)
        assert abs(int((labels[drawn] == label).sum()) - wanted) == 0


def test_the_draw_depends_on_seed_and_purpose_alone():
    labels = torch.arange(100) % 5
    first = stratified(labels, 0.2, seed=0, purpose="validation")[1]
    assert torch.equal(first, stratified(labels, 0.2, seed=0, purpose="validation")[1])
    assert not torch.equal(first, stratified(labels, 0.2, seed=1, purpose="validation")[1])
    assert not torch.equal(first, stratified(labels, 0.2, seed=0, purpose="test")[1])
