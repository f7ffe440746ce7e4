"""The exported code builds the network that was looked at."""

import pytest
import torch

from convwright.linter import lint
from convwright.models import build
from convwright.studio.designer.code import code_of, fix_code_of
from convwright.studio.shared.design import read_design
from convwright.studio.shared.knobs import knobs_of

DESIGNS = [
    ("resnet20", {}),
    ("resnet18", {"width": "0.125", "num_classes": "10", "downsample": "blur", "se_ratio": "0.0625"}),
    ("efficientnet_b0", {"table": "1, 8, 1, 3, 1; 6, 16, 2, 5, 2", "stem_channels": "8", "final_channels": "32"}),
    ("vgg11", {"width": "0.1", "head": "gap", "norm": "batch", "conv_bias": "no", "in_channels": "1"}),
    ("speed_cnn", {"channels": "8, 16, 24", "act": "silu"}),
]


@pytest.mark.parametrize(("name", "texts"), DESIGNS)
def test_it_makes_the_same_weights_and_the_same_output(name, texts):
    design = read_design(name, texts, knobs_of(name))
    made: dict = {}
    exec(code_of(design, "A summary."), made)
    model, same = made["model"].eval(), build(name, **design.options).eval()
    assert list(model.state_dict()) == list(same.state_dict())
    x = torch.randn(2, same.config.in_channels, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(model(x), same(x), rtol=0, atol=0)
    assert made["__doc__"] == "A summary."


def test_its_lines_are_short():
    texts = {"width": "0.5", "num_classes": "10", "downsample": "stochastic", "stem": "cifar"}
    code = code_of(read_design("resnet18", texts, knobs_of("resnet18")))
    assert max(map(len, code.splitlines())) <= 88
    assert code.count("\n    ") == 5


def test_the_code_of_a_fix_makes_a_network_without_the_finding():
    design = read_design("resnet18", {"width": "0.125", "input_size": "64"}, knobs_of("resnet18"))
    shape = (1, 3, 64, 64)
    before = {finding.code for finding in lint(build("resnet18", **design.options), shape).findings}
    made: dict = {}
    exec(fix_code_of(design, "CW503", shape), made)
    after = {finding.code for finding in lint(made["model"], shape).findings}
    assert before - after == {"CW503"}
    assert made["model"](torch.zeros(shape)).shape == (1, 1000)
