"""A layer that was clicked: its source, its arithmetic, its field."""

import re
from base64 import b64decode
from io import BytesIO

import pytest
from PIL import Image
from torch import nn

from convwright.data import sample_images
from convwright.graph import Place
from convwright.networks import Network, NetworkInput
from convwright.studio.designer.explained import formulas_list, layer_part
from convwright.studio.designer.layer_source import LayerSource
from convwright.studio.shared.view import view_of
from convwright.studio.shared.workbench import Workbench
from reference.html import Page


@pytest.fixture(scope="module")
def view():
    bench = Workbench("resnet20")
    return bench.view(bench.first)


@pytest.fixture(scope="module")
def cat():
    with Image.open(sample_images()["chelsea"]) as image:
        return image.convert("RGB")


def test_formulas_are_those_of_the_layers_below(view):
    text = formulas_list(view, "stem.conv")
    assert "16 * 3 / 1 * 3 * 3 = <b>432</b>" in text
    assert Page(text).unclosed == []
    assert "more layers with a formula" in formulas_list(view, "stages")
    assert "has no convolution" in formulas_list(view, "stem.conv.act")
    assert formulas_list(view, "<b>").strip() == formulas_list(view, "").strip() == ""


def test_the_source_is_shown_and_escaped(view, cat):
    source = LayerSource(place=Place(file="net.py", line=4), text="f(x < 1)")
    text = layer_part(view, "stem", source, cat, "?model=resnet20")
    assert "built at <code>net.py:4</code>" in text
    assert "f(x &lt; 1)" in text
    assert "<pre" not in layer_part(view, "stem", LayerSource(place=source.place), cat, "?model=resnet20")


def test_the_field_is_a_box_on_the_photograph_of_the_size_that_is_said(view, cat):
    text = layer_part(view, "stem", None, cat, "?model=resnet20&width=2")
    assert 'href="/field?model=resnet20&amp;width=2&amp;layer=stem.conv.conv"' in text
    assert "stem.conv.act: 3 px, jump 1 px, map 32x32" in text
    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', text)
    drawn = Image.open(BytesIO(b64decode(data))).convert("RGB")
    orange = [
        (x, y)
        for x in range(drawn.width)
        for y in range(drawn.height)
        if all(abs(a - b) < 40 for a, b in zip(drawn.getpixel((x, y)), (230, 159, 0), strict=True))
    ]
    width = max(x for x, _ in orange) - min(x for x, _ in orange)
    assert width == pytest.approx(3 * 480 / 32, abs=4)  # three of 32 pixels, at 480 for all


def test_what_sees_no_image_says_so(cat):
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8))
    flat = view_of(lambda: Network(module=model, label="net", given=(NetworkInput(shape=(4, 16)),)), "net")
    text = layer_part(flat, "1", None, cat, "?model=net")
    assert "<img" not in text
    assert Page(text).unclosed == []
    assert "16 * 8 + 8" in formulas_list(flat, "1")


def test_of_a_layer_that_is_not_there_nothing_is_said(view, cat):
    assert layer_part(view, "nowhere", None, cat, "?") == layer_part(view, "", None, cat, "?") == ""
