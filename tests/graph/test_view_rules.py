"""Rules of views are held to torch's own kernels in `test_shape_rules.py`; here is what needs a network."""

import torch
import torch.nn.functional as F
from torch import nn

from convwright.graph import trace
from convwright.graph.layout import TensorLayout
from convwright.graph.records import Tensor
from convwright.graph.view_rules import unbind


def test_unbind_of_an_axis_that_is_not_there_is_left_to_torch() -> None:
    x = Tensor(id=0, shape=(2, 3), stride=(3, 1), dtype=torch.float32, storage=0)
    assert unbind({"input": x, "dim": 2}) is None
    assert unbind({"input": x, "dim": 0}) == [TensorLayout((3,), (1,), torch.float32, is_view=True)] * 2


class Attention(nn.Module):
    """A packed projection, as in most vision transformers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = x.reshape(2, 7, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(2, 7, 12)


def test_heads_are_put_together_without_a_copy_as_on_real_numbers() -> None:
    graph = trace(Attention(), (2, 7, 36))
    assert graph.ops[-1].output.storage == graph.ops[-3].output.storage
    q, k, v = torch.zeros(2, 7, 3, 3, 4).permute(2, 0, 3, 1, 4).unbind(0)
    real = F.scaled_dot_product_attention(q, k, v)
    assert graph.ops[-3].output.stride == real.stride()
    assert real.transpose(1, 2).reshape(2, 7, 12).data_ptr() == real.data_ptr()
