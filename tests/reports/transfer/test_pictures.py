"""Which images a report shows, and what it says of them."""

from dataclasses import replace

import pytest
import torch

from convwright.reports.transfer import pictures
from convwright.reports.transfer.pictures import pictures_of_images, surest_mistakes, surest_of_each_class
from convwright.training.evaluate import Predictions
from reference.outcomes import outcome, transfer_result
from reference.tiny_training import tiny_net


def predictions(*rows):
    """Of (label, named class, how sure in logits)."""
    labels, named, sure = zip(*rows, strict=True)
    logits = torch.nn.functional.one_hot(torch.tensor(named), 3) * torch.tensor(sure)[:, None]
    return Predictions(logits=logits.float(), labels=torch.tensor(labels))


def test_mistakes_are_the_surest_ones_first():
    found = predictions((0, 0, 9.0), (0, 1, 1.0), (2, 1, 5.0), (1, 2, 3.0))
    assert surest_mistakes(found) == [2, 3, 1]
    assert surest_mistakes(predictions(*[(0, 1, 1.0)] * 20)) == [0, 1, 2, 3, 4, 5]


def test_right_answers_come_one_of_each_class_first():
    found = predictions((0, 0, 1.0), (0, 0, 9.0), (1, 1, 2.0), (2, 0, 8.0), (1, 1, 3.0))
    assert surest_of_each_class(found) == [1, 4, 0, 2]


@pytest.fixture
def drawn(monkeypatch):
    """What pictures are made of, instead of pictures."""
    made = []
    monkeypatch.setattr(pictures, "seen_png", lambda *given: made.append(given) or b"PNG")
    return made


def test_the_images_themselves_are_shown_with_what_was_named(drawn):
    right = [True] * 29 + [False]
    result = transfer_result(outcome(right, model=tiny_net().eval()))
    assert set(pictures_of_images(result)) == {"mistakes.png", "right.png"}
    images, maps, captions = drawn[0]
    shown = torch.tensor(images).permute(0, 3, 1, 2) * 255
    assert torch.allclose(shown, result.data.test.images[29:].float(), atol=0.01)
    assert maps.shape == (1, 8, 8)
    assert captions == ["red, 73% sure\nis: green"]
    assert drawn[1][2][0] == "red, 73% sure"


def test_without_maps_or_mistakes_there_are_fewer_pictures(drawn):
    perfect = outcome([True] * 30)
    assert set(pictures_of_images(transfer_result(perfect))) == {"right.png"}
    assert drawn[0][1] is None
    no_network = replace(perfect, result=replace(perfect.result, model=None))
    assert pictures_of_images(transfer_result(no_network)) == {}
