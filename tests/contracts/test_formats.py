"""What every export format must do, whoever adds it; nothing here names one."""

import os

import pytest
import torch

from convwright.models import build
from convwright.transfer_learning import export as room
from convwright.transfer_learning.export import export
from convwright.transfer_learning.formats import formats
from reference.export_program import CARD, small_program

pytestmark = pytest.mark.parametrize("name", formats())


@pytest.fixture
def kind(name, monkeypatch):
    """The format; the test is skipped where its packages are not installed."""
    found = formats()[name]
    for package in found.packages:
        pytest.importorskip(package)
    monkeypatch.setattr(room, "BUDGET_SECONDS", 0.001)
    return found


def test_it_says_what_it_is(name):
    found = formats()[name]
    assert found.suffix.startswith(".")
    assert found.runtime
    assert name == name.lower()


def test_what_is_written_is_one_file_that_runs_on_any_number_of_images(kind, tmp_path):
    program, path = small_program(), tmp_path / f"net{kind.suffix}"
    kind.write(program, path, CARD)
    run, net = kind.load(path), program.module()
    for number in (1, 2, 7):
        images = torch.randn(number, 3, 32, 32)
        torch.testing.assert_close(run(images), net(images))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_its_export_says_the_same_and_does_not_know_where_it_was_made(kind, name, tmp_path):
    images = torch.randn(2, 3, 32, 32)
    path = tmp_path / f"net{kind.suffix}"
    found = export(build("resnet20", depth=0.1), images, format=name, out=path, card=CARD)
    assert all(each.parity.is_equal for each in found.comparisons)
    content = path.read_bytes()
    for place in (os.path.dirname(os.path.dirname(room.__file__)), os.path.dirname(torch.__file__)):
        assert place.encode() not in content
