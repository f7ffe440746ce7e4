"""A graph of TorchScript as plain values."""

import copy

import pytest
import torch

from convwright.networks.torchscript.saved_graph import function_name, read_graph

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")  # deprecated, and in use


def test_values_are_dropped_after_their_last_use():
    def chain(x: torch.Tensor) -> torch.Tensor:
        y = x.relu()
        z = y + x
        return z.exp()

    block = read_graph(torch.jit.script(chain).graph)
    drops = {step.kind: step.drops for step in block.steps}
    assert drops["aten::relu"] == ()
    assert {"y.1", "x.1"} <= set(drops["aten::add"])
    assert drops["aten::exp"] == ("z.1",)
    assert copy.deepcopy(block) == block


def test_what_a_block_inside_reads_is_kept_until_then():
    def choose(x: torch.Tensor, n: int) -> torch.Tensor:
        y = x.relu()
        if n > 0:
            y = y + 1
        return y

    steps = read_graph(torch.jit.script(choose).graph).steps
    assert next(step.drops for step in steps if step.kind == "aten::relu") == ("x.1",)
    assert "y.1" in next(step.drops for step in steps if step.kind == "prim::If")


def test_a_function_is_a_constant_by_its_name():
    assert function_name("function relu") == "relu"
    assert function_name("relu") == function_name(3) == ""
