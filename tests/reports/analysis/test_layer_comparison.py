"""Layers of two networks are paired, and what differs is said."""

import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.models import build
from convwright.reports.analysis.layer_comparison import compare_layers
from convwright.reports.analysis.layers import leaf_rows


def compared(first, second, shape=(1, 3, 32, 32)):
    rows = [leaf_rows(analyze(model.eval(), shape)) for model in (first, second)]
    return compare_layers(("first", "second"), *rows), rows


def small(kernel=3):
    return nn.Sequential(nn.Conv2d(3, 8, kernel, padding=kernel // 2), nn.ReLU(), nn.Conv2d(8, 4, 1))


def test_a_network_is_equal_to_itself():
    found, (rows, _) = compared(build("resnet20", device="meta"), build("resnet20", device="meta"))
    assert found.sheet().lines == found.to_dict() == []
    assert found.summary().startswith(f"{len(rows)} layers are equal, 0 differ")


def test_each_difference_of_a_layer_has_both_values():
    found, _ = compared(small(3), small(5))
    assert found.pairs[0].differs == {
        "kernel": ((3, 3), (5, 5)),
        "parameters": (8 * 27 + 8, 8 * 75 + 8),
        "macs": (8 * 27 * 1024, 8 * 75 * 1024),
        "field": ((3, 3), (5, 5)),
    }
    assert found.sheet().lines == [
        ("0", "kernel 3x3 -> 5x5, parameters 224 -> 608, macs 221 k -> 614 k, field 3 -> 5"),
        ("1 .. 2", "field 3 -> 5"),
    ]
    assert found.to_dict()[0]["differs"]["kernel"] == [[3, 3], [5, 5]]
    assert "0 layers are equal, 1 differ, 2 in the field only" in found.summary()


def test_deeper_networks_of_a_family_have_their_blocks_in_common():
    found, rows = compared(build("resnet20", device="meta"), build("resnet32", device="meta"))
    only = [pair.second for pair in found.pairs if pair.first is None]
    assert len(only) == len(rows[1]) - len(rows[0])
    assert not any(pair.second is None for pair in found.pairs)
    # Two more blocks in each of three stages: two convolutions without bias and two norms each.
    added = sum(2 * (2 * 9 * width * width + 2 * 2 * width) for width in (16, 32, 64))
    assert sum(row.values["parameters"] for row in only) == added
    assert next(words for _, words in found.sheet().lines if "only in" in words).startswith("only in second: 14 layers")


@pytest.mark.parametrize("is_swapped", [False, True])
def test_networks_with_other_names_are_paired_by_structure(is_swapped):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.act, self.last = nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 1)

        def forward(self, x):
            return self.last(self.act(self.first(x)).sigmoid())

    nets = [small(), Named()]
    found, _ = compared(*(reversed(nets) if is_swapped else nets))
    pairs = [tuple(row.name if row else None for row in (pair.first, pair.second)) for pair in found.pairs]
    wanted = [("0", "first"), ("1", "act"), (None, "sigmoid()"), ("2", "last")]
    assert pairs == [pair[::-1] if is_swapped else pair for pair in wanted]
