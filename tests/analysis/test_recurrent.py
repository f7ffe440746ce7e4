"""Sizes of recurrent layers, and what torch's own loop over their steps keeps for backward."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

from convwright.analysis.memory import measure_memory
from convwright.analysis.recurrent import recurrent_sizes
from convwright.graph import trace

LAYERS = (nn.GRU, nn.LSTM, nn.RNN)


@pytest.mark.parametrize("kind", LAYERS)
def test_sizes(kind: type[nn.RNNBase]) -> None:
    layer = kind(8, 16, 2, bidirectional=True, batch_first=True)
    sizes = recurrent_sizes(next(op for op in trace(layer, (3, 10, 8)) if op.kind.startswith(kind.__name__.lower())))
    assert (sizes.steps, sizes.hidden, sizes.num_layers, sizes.directions) == (30, 16, 4, 2)
    assert (sizes.states, sizes.between) == (30 * 16 * 4, 30 * 16 * 2)
    assert sum(rows * columns for rows, columns in sizes.matrices) == sum(
        weight.numel() for name, weight in layer.named_parameters() if name.startswith("weight")
    )


@pytest.fixture
def own_loop() -> Iterator[None]:
    """Let torch run the steps itself."""
    torch._C._set_mkldnn_enabled(False)
    yield
    torch._C._set_mkldnn_enabled(True)


@pytest.mark.usefixtures("own_loop")
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize(("num_layers", "bidirectional"), [(1, False), (2, False), (1, True), (2, True)])
def test_what_a_layer_keeps(
    kind: type[nn.RNNBase], num_layers: int, bidirectional: bool, torch_saved: Callable[..., int]
) -> None:
    layer = kind(8, 16, num_layers, bidirectional=bidirectional)
    facts = measure_memory(trace(layer, (10, 3, 8)))
    assert facts.activation_bytes == torch_saved(layer, torch.rand(10, 3, 8))
    assert facts.assumed == (("lstm",) if kind is nn.LSTM else ())


@pytest.mark.parametrize("kind", [nn.GRUCell, nn.LSTMCell, nn.RNNCell])
@pytest.mark.parametrize("has_state", [False, True])
def test_what_a_cell_keeps(kind: type[nn.RNNCellBase], has_state: bool, torch_saved: Callable[..., int]) -> None:
    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = kind(8, 16)

        def forward(self, x: torch.Tensor, *state: torch.Tensor) -> torch.Tensor:
            given = state if kind is nn.LSTMCell else state[0]
            return self.cell(x, given if has_state else None)

    inputs = torch.rand(3, 8), torch.rand(3, 16), torch.rand(3, 16)
    facts = measure_memory(trace(Cell(), [tuple(x.shape) for x in inputs]))
    assert (facts.activation_bytes, facts.assumed) == (torch_saved(Cell(), *inputs), ())
