"""`convwright field`: a picture that can be opened, of the field that was asked for."""

import pytest
from PIL import Image
from typer.testing import CliRunner

from convwright.cli.field import _photograph
from convwright.cli.main import app
from convwright.errors import ConvwrightError


def invoke(*arguments):
    result = CliRunner().invoke(app, ["field", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_picture_of_the_last_map(tmp_path):
    path = tmp_path / "field.png"
    output = invoke("resnet20", "-o", str(path))
    assert "81 px, jump 4 px, map 8x8" in output
    with Image.open(path) as picture:
        picture.load()
        assert picture.width >= 480


def test_a_page_of_one_layer_on_the_users_image(tmp_path):
    Image.new("RGB", (50, 40), "green").save(tmp_path / "leaf.png")
    path = tmp_path / "field.html"
    output = invoke(
        "vgg16_bn_cifar", "--layer", "stages.stage2", "--image", str(tmp_path / "leaf.png"), "-o", str(path)
    )
    assert "stages.stage2.1.pool: 16 px, jump 4 px, map 8x8" in output  # 5, pool 6, then 10, 14, pool 16
    assert "data:image/png;base64," in path.read_text()


def test_what_is_transparent_in_an_image_is_white(tmp_path):
    Image.new("RGBA", (50, 40), (200, 0, 0, 0)).save(tmp_path / "logo.png")
    drawn = _photograph(tmp_path / "logo.png", (16, 24))
    assert (drawn.size, drawn.getpixel((3, 3))) == ((24, 16), (255, 255, 255))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["resnet20", "--layer", "stages.stage9"], "unknown layer 'stages.stage9'"),
        (["resnet20", "--image", "no-such.jpg"], "no-such.jpg cannot be read as an image"),
        (["resnet20", "-o", "field.gif"], "ends in .png or .html"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConvwrightError) as caught:
        invoke(*arguments)
    assert told in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_computed_where_that_is_forbidden(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "from torch import nn\nclass Net(nn.Conv2d):\n    def forward(self, x):\n"
    (tmp_path / "net.py").write_text(text + "        return super().forward(x if x.mean() > 0 else -x)\n")
    arguments = ("net.py:Net", "--arg", "in_channels=3", "--arg", "out_channels=2", "--arg", "kernel_size=3")
    assert "3 px, jump 1 px" in invoke(*arguments, "--input", "3x32x32")
    with pytest.raises(ConvwrightError, match="--no-values"):
        invoke(*arguments, "--input", "3x32x32", "--no-values")
