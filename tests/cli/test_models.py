"""`convwright models`."""

from typer.testing import CliRunner

from convwright.cli.main import app
from convwright.models import model_names

RUN = CliRunner()


def test_lists_the_whole_zoo():
    output = RUN.invoke(app, ["models"]).output
    assert all(name in output for name in model_names())
    assert f"{len(model_names())} models" in output


def test_a_pattern_or_a_part_of_a_name_selects():
    output = RUN.invoke(app, ["models", "efficientnet_lite?"]).output
    assert "5 models" in output
    assert "4.65 M" in output  # Lite0: 4.652 M, as timm counts tf_efficientnet_lite0
    assert "3x224x224" in output


def test_macs_are_listed():
    assert "1.81 G" in RUN.invoke(app, ["models", "resnet18"]).output  # torchvision's metadata: 1.814
