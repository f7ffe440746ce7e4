"""The graph to draw: edges as recorded, merges counted by arithmetic, folding that loses nothing."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from analysis.conftest import build
from convwright.analysis.analyze import analyze
from convwright.analysis.drawing import default_depth, network_graph, unfolded_to, visible

SUMS = ("parameters", "macs", "flops", "num_ops", "uncounted_ops", "saved_bytes")
NAMES = [f"torchvision:{name}" for name in ("resnet18", "densenet121", "efficientnet_b0", "googlenet")]


class Up(nn.Module):
    """Twice the size, beside a map of the encoder."""

    def __init__(self, channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(2 * channels, channels, 2, 2)
        self.conv = nn.Conv2d(2 * channels, channels, 3, padding=1)

    def forward(self, x, kept):
        return torch.relu(self.conv(torch.cat((kept, self.up(x)), 1)))


class UNet(nn.Module):
    """Three levels down and up."""

    def __init__(self):
        super().__init__()
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in ((3, 8), (8, 16), (16, 32)))
        self.bottom = nn.Conv2d(32, 64, 3, padding=1)
        self.ups = nn.ModuleList(map(Up, (32, 16, 8)))

    def forward(self, x):
        kept = []
        for down in self.downs:
            kept.append(down(x).relu())
            x = nn.functional.max_pool2d(kept[-1], 2)
        x = self.bottom(x)
        for up in self.ups:
            x = up(x, kept.pop())
        return x


class Twice(nn.Module):
    """Weights that are used twice, a constant, and a result that nobody reads."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())

    def forward(self, x, y):
        self.block(y)
        return {"sum": self.block(x) + self.block(y) + 1, "y": y}


@pytest.fixture(scope="module")
def graphs():
    found = {name: analyze(build(name), (1, 3, 224, 224)) for name in NAMES}
    found["unet"] = analyze(UNet(), (1, 3, 32, 32))
    found["twice"] = analyze(Twice(), [(1, 4, 8, 8), (1, 4, 8, 8)])
    return {name: (each, network_graph(each)) for name, each in found.items()}


@pytest.mark.parametrize("name", [*NAMES, "unet", "twice"])
def test_edges_are_those_that_the_trace_recorded(graphs, name):
    found, graph = graphs[name]
    recorded = set()
    for op in found.graph:
        for tensor in op.inputs:
            if tensor.role == "result":
                recorded.add((f"op{tensor.producer}", f"op{op.index}", tensor.id))
            elif tensor.role == "input":
                recorded.add((f"input{found.graph.inputs.index(tensor)}", f"op{op.index}", tensor.id))
    for i, tensor in enumerate(found.graph.outputs.values()):
        start = f"op{tensor.producer}" if tensor.role == "result" else f"input{found.graph.inputs.index(tensor)}"
        recorded.add((start, f"output{i}", tensor.id))
    assert {(e.source, e.target, tensor) for e in graph.edges for tensor in e.tensors} == recorded
    assert len({(e.source, e.target) for e in graph.edges}) == len(graph.edges)


def is_skip(edge, edges):
    """Return whether another path leads from the edge's source to its target, by search."""
    reached, left = set(), [e.target for e in edges if e.source == edge.source and e is not edge]
    while left:
        node = left.pop()
        if node not in reached:
            reached.add(node)
            left += [e.target for e in edges if e.source == node]
    return edge.target in reached


@pytest.mark.parametrize("name", [NAMES[0], NAMES[3], "unet", "twice"])
def test_skips_are_edges_that_another_path_goes_around(graphs, name):
    graph = graphs[name][1]
    skips = [edge for edge in graph.edges if is_skip(edge, graph.edges)]
    assert [edge for edge in graph.edges if edge.kind == "skip"] == skips


@pytest.mark.parametrize(
    ("name", "merges", "skips", "gates"),
    [
        # Two blocks in each of four stages; the first of the last three has a convolution on its shortcut.
        ("torchvision:resnet18", {"add": 8}, 5, 0),
        # A block of n layers concatenates n times (its first layer reads one map), with n (n + 1) / 2 skips.
        ("torchvision:densenet121", {"concat": 58}, sum(n * (n + 1) // 2 for n in (6, 12, 24, 16)), 0),
        # 16 blocks, each with a gate; 9 of them keep their shape (1, 1, 2, 2, 3 of the middle stages).
        ("torchvision:efficientnet_b0", {"add": 9, "gate": 16}, 9, 16),
        ("torchvision:googlenet", {"concat": 9}, 0, 0),  # nine inceptions of parallel branches
        ("unet", {"concat": 3}, 3, 0),
    ],
)
def test_merges_and_skips_of_known_nets(graphs, name, merges, skips, gates):
    graph = graphs[name][1]
    assert graph.network.merges == merges
    assert [sum(edge.kind == kind for edge in graph.edges) for kind in ("skip", "gate")] == [skips, gates]


@pytest.mark.parametrize("name", [*NAMES, "unet", "twice"])
def test_groups_add_up_to_the_whole(graphs, name):
    found, graph = graphs[name]
    for group in graph.groups:
        children = [graph.by_id[child] for child in group.children]
        assert {key: sum(getattr(c, key) for c in children) for key in SUMS} == {
            key: getattr(group, key) for key in SUMS
        }
        assert all(child.parent == group.id for child in children)
    assert graph.network.parameters + graph.unused_parameters == found.totals.parameters
    assert graph.network.macs == found.totals.macs
    assert graph.network.saved_bytes == sum(found.memory.per_op_saved)


def test_parameters_of_branches_that_do_not_run_are_unused(graphs):
    # GoogLeNet's two auxiliary heads: 128 channels of a 1x1 convolution, its norm, 2048 to 1024 and 1024 to 1000.
    heads = sum(128 * width + 2 * 128 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000 for width in (512, 528))
    assert graphs["torchvision:googlenet"][1].unused_parameters == heads


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_folding_keeps_every_op_and_every_connection(graphs, data):
    graph = graphs[data.draw(st.sampled_from(sorted(graphs)))][1]
    unfolded = data.draw(st.sets(st.sampled_from([group.id for group in graph.groups])))
    seen = visible(graph, unfolded)
    assert {key: sum(getattr(node, key) for node in seen.nodes) for key in SUMS} == {
        key: getattr(graph.network, key) for key in SUMS
    }
    stands = {}
    for node in graph.nodes:
        chain = [node.id]
        while parent := graph.by_id[chain[-1]].parent:
            chain.append(parent)
        stands[node.id] = next((each for each in reversed(chain[1:]) if each not in unfolded), node.id)
    crossing = {(stands[e.source], stands[e.target]) for e in graph.edges} - {(n, n) for n in stands.values()}
    assert {(edge.source, edge.target) for edge in seen.edges} == crossing
    order = {node.id: number for number, node in enumerate(seen.nodes)}
    assert all(order[edge.source] < order[edge.target] for edge in seen.edges)


def test_depth_zero_is_the_network_and_the_full_depth_every_op(graphs):
    for found, graph in graphs.values():
        folded = visible(graph, unfolded_to(graph, 0))
        assert [node.kind for node in folded.nodes if node.num_ops] == ["network"]
        assert sum(node.num_ops for node in visible(graph, unfolded_to(graph, graph.depth)).nodes) == len(found.ops)
        assert visible(graph, unfolded_to(graph, graph.depth)).edges == graph.edges
        assert 1 <= default_depth(graph) < graph.depth


def test_stages_keep_blocks_whole(graphs):
    b0 = graphs["torchvision:efficientnet_b0"][1]
    stages = [graph for graph in b0.groups if graph.kind == "stage"]
    assert [stage.output_shape[-1] for stage in stages] == [112, 56, 28, 14, 7, 1000]
    blocks = [node for node in b0.groups if node.type == "MBConv" and node.kind == "module"]
    assert len(blocks) == 16
    widths = list(dict.fromkeys(block.output_shape[1] for block in blocks))
    assert widths == [16, 24, 40, 80, 112, 192, 320]
    unet = graphs["unet"][1]
    sides = [unet.by_id[child].output_shape[-1] for child in unet.network.children]
    assert sides == [32, 16, 8, 4, 8, 16, 32]


def test_equal_blocks_are_a_repeat_and_others_are_not():
    class Block(nn.Module):
        def __init__(self, groups):
            super().__init__()
            self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=groups)

        def forward(self, x):
            return x + self.conv(x)

    graph = network_graph(analyze(nn.Sequential(*map(Block, (1, 1, 1, 2, 2, 1))), (1, 8, 16, 16)))
    assert [(graph.by_id[c].kind, graph.by_id[c].name) for c in graph.network.children] == [
        ("repeat", "0-2"),
        ("repeat", "3-4"),
        ("module", "5"),
    ]
    assert [group.repeats for group in graph.groups if group.kind == "repeat"] == [3, 2]


def test_a_module_that_is_called_twice_is_two_groups(graphs):
    graph = graphs["twice"][1]
    calls = [group for group in graph.groups if group.path == "block" and group.kind == "layer"]
    assert [call.num_ops for call in calls] == [2, 2, 2]
    assert [call.parameters for call in calls] == [4 * 4 * 9 + 4, 0, 0]


def test_an_op_has_the_name_of_its_module_where_it_is_all_that_the_module_does():
    class Padded(nn.Module):
        def forward(self, x):
            return nn.functional.pad(x[:, :, ::2], (0, 1))

    graph = network_graph(analyze(nn.Sequential(nn.ReLU(), Padded()), (1, 3, 8, 8)))
    ops = [(node.op, node.name, node.type) for node in graph.nodes if node.num_ops]
    assert ops == [("relu", "0", "ReLU"), ("getitem", "getitem", ""), ("pad", "pad", "")]


def test_the_graph_is_plain_values(graphs):
    for _, graph in graphs.values():
        plain = graph.to_dict()
        assert json.loads(json.dumps(plain))["model"] == graph.label
        assert {node["id"] for node in plain["nodes"]} >= {edge["source"] for edge in plain["edges"]}
