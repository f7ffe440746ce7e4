"""Measures that studies share, against doing it by hand."""

import torch
from torch import nn

from convwright.studies import TRAIN_ACCURACY
from convwright.studies.measures import TRAIN_TEST_GAP
from convwright.training import evaluate
from reference.tiny_study import small_data


def test_train_accuracy_is_the_share_of_training_images_that_are_right():
    model, data = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3)), small_data()
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.std))
    with torch.no_grad():
        right = model((data.train.images / 255 - mean) / std).argmax(1) == data.train.labels
    assert 0 < right.sum() < len(right)
    assert TRAIN_ACCURACY.function(model, data) == int(right.sum()) / len(right)


def test_the_gap_is_what_is_lost_on_the_test_images():
    model, data = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3)), small_data()
    right = [evaluate(model, images, data).num_correct / len(images) for images in (data.train, data.test)]
    assert right[0] != right[1]
    assert TRAIN_TEST_GAP.function(model, data) == right[0] - right[1]
