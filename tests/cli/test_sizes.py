"""`convwright sizes`."""

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.errors import ConvwrightError


def invoke(*arguments):
    return CliRunner().invoke(app, ["sizes", *arguments], catch_exceptions=False).output


def rows(output):
    return [line.split("│")[1:-1] for line in output.splitlines() if line.startswith("│")]


def test_the_chapters_list():
    found = [int(row[5]) for row in rows(invoke("3,1,1 2,2,0 3,1,1 2,2,0 3,1,1 2,2,0", "--size", "32"))]
    assert found == [32, 32, 16, 16, 8, 8, 4]


def test_field_and_jump_of_a_resnet_stem():
    last = rows(invoke("7,2,3 3,2,1"))[-1]
    assert [int(cell) for cell in last[5:]] == [56, 11, 4]  # 7 + (3 - 1) * 2 = 11


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ("3,1,1 7,1,0", "layer 2 (7,1,0): the window is larger than its map"),
        ("3;1;1", "expected kernel,stride,padding[,dilation], such as 3,1,1, got '3;1;1'"),
        ("3,-1,1", "3,-1,1 stride: expected at least 1, got -1"),
        ("", "expected at least one window"),
    ],
)
def test_wrong_lists_are_named(layers, told):
    with pytest.raises(ConvwrightError) as caught:
        invoke(layers, "--size", "4")
    assert told in str(caught.value)
