"""The module tree adds up on every level, and folds what is equal."""

import pytest
from torch import nn
from torchvision import models as torchvision_models

from convwright.analysis.analyze import analyze
from convwright.analysis.tree import module_tree


def tree_of(model, shape):
    found = analyze(model.eval(), shape)
    return found, module_tree(found.ops, found.graph.modules, found.label)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenet_v3_small", "squeezenet1_1", "googlenet"])
def test_every_level_adds_up_to_the_one_above(name):
    options = {"init_weights": False} if name == "googlenet" else {}
    found, root = tree_of(torchvision_models.get_model(name, weights=None, **options), (1, 3, 64, 64))
    assert (root.parameters, root.macs, root.flops) == (
        found.totals.parameters - found.parameters.num_unused - found.parameters.num_train_only,
        found.totals.macs,
        found.totals.flops,
    )
    for _, node in root.walk():
        if node.children:
            for what in ("parameters", "macs", "flops", "num_ops"):
                assert getattr(node, what) == sum(getattr(child, what) for child in node.children), node.path


def test_equal_neighbours_fold_into_one_row():
    block = [nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()) for _ in range(4)]
    _, root = tree_of(nn.Sequential(nn.Conv2d(3, 8, 3), *block, nn.Conv2d(8, 4, 1)), (1, 3, 16, 16))
    assert [(child.name, child.repeats) for child in root.children] == [("0", 1), ("1-4", 4), ("5", 1)]
    folded = root.children[1]
    assert folded.macs == 4 * 8 * 8 * 9 * 14 * 14
    assert folded.receptive_field_px == (11, 11)  # of the last: 3 + 4 * 2
    assert [child.name for child in folded.children] == ["0", "1"]


def test_what_only_looks_alike_is_kept_apart():
    _, root = tree_of(nn.Sequential(nn.Conv2d(8, 8, 3), nn.Conv2d(8, 8, 3)), (1, 8, 16, 16))  # other sizes
    assert [child.repeats for child in root.children] == [1, 1]


def test_ops_that_a_module_calls_itself_are_rows():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x):
            return (x + self.conv(x)).relu()

    _, root = tree_of(nn.Sequential(Residual()), (1, 4, 8, 8))
    assert [(child.name, child.type_name) for child in root.children[0].children] == [
        ("conv", "Conv2d"),
        ("add", ""),
        ("relu", ""),
    ]


def test_depth_cuts_the_walk():
    _, root = tree_of(torchvision_models.resnet18(), (1, 3, 64, 64))
    assert {level for level, _ in root.walk(1)} == {0, 1}
    assert len(list(root.walk())) > len(list(root.walk(2)))
