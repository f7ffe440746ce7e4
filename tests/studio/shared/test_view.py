"""A view says what there is to say of a design that works, and of one that does not."""

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.linter import lint
from convwright.models import build
from convwright.networks import Network, NetworkInput
from convwright.studio.shared import view as room
from convwright.studio.shared.view import layers_of, place_of, view_of
from convwright.studio.shared.workbench import Workbench


def look(model, shape=(1, 3, 32, 32)):
    return view_of(lambda: Network(module=model, label="net", given=(NetworkInput(shape=shape),)), "net")


def opened(**texts):
    bench = Workbench("resnet50")
    return bench.view(bench.design(texts))


def test_it_is_what_analyze_and_lint_say():
    model = build("resnet20", device="meta")
    view = look(model)
    assert view.analysis.totals == analyze(model.eval(), (1, 3, 32, 32)).totals
    said = lint(build("resnet20", device="meta"), (1, 3, 32, 32)).groups
    assert [group.to_dict() for group in view.findings] == [group.to_dict() for group in said]
    assert not view.problem


def test_the_linter_is_told_of_the_mode_that_the_network_is_in():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
    model[1].weight.requires_grad_(False)
    model[1].bias.requires_grad_(False)
    assert [group.first.code for group in look(model).findings] == [
        f.first.code for f in lint(model, (1, 3, 32, 32)).groups
    ]
    assert model.training


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"stem": "none"}, "stem='none' and 3 to 64 channels clash"),
        ({"width": "-1"}, "width: expected a multiplier above 0"),
        ({"num_classes": "99999999999999999999"}, "resnet50 cannot be built like this: "),
        ({"blocks": "9999, 1, 1, 1"}, "at most 10,000 modules"),
    ],
)
def test_what_cannot_be_built_is_a_sentence(texts, words):
    view = opened(**texts)
    assert words in view.problem
    assert "\n" not in view.problem
    assert (view.analysis, view.findings, layers_of(view, 3)) == (None, (), [])


def test_what_does_not_run_has_the_findings_that_say_why():
    view = look(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(9, 8, 3)))
    assert view.problem.startswith("net does not run on an input of 1x3x32x32: `1` (conv2d")
    assert [group.first.path for group in view.findings] == ["1"]
    assert view.findings[0].first.fix


def test_every_finding_sits_at_the_lowest_line_that_its_layer_is_in():
    view = opened()
    layers = layers_of(view, 3)
    marked = {finding.code: layer.row.cells[0] for layer in layers for finding in layer.findings}
    assert marked == {"CW203": "1-5 x 5", "CW209": "conv", "CW503": "0", "CW512": "resnet50"}
    assert layers[place_of(layers, "stages.stage3.5.residual.conv2.conv")].row.paths == (
        "stages.stage3.1",
        "stages.stage3.5",
    )
    assert place_of(layers, "") == 0
    assert layers[place_of(layers, "stages.stage3.0.shortcut")].row.paths[0] == "stages.stage3.0"


def test_a_finding_is_at_its_layer_and_not_at_a_function_beside_it():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.norm, self.fc = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 4)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, x):
            return self.softmax(self.fc(self.norm(self.conv(x)).relu().mean((2, 3))))

    layers = layers_of(look(Net()), 3)
    marked = {finding.code: layer.row.cells[0] for layer in layers for finding in layer.findings}
    assert marked["CW301"] == "conv"
    assert marked["CW601"] == "softmax"


def test_the_hook_on_modules_is_gone_afterwards(monkeypatch):
    monkeypatch.setattr(room, "MOST_MODULES", 3)
    assert "at most 3 modules" in opened().problem
    assert len(nn.Sequential(*(nn.ReLU() for _ in range(5)))) == 5
