"""The graph of a network under `torch.autocast` to bfloat16, made from its graph in float32.

Source: the lists of CUDA in `ATen/autocast_mode.h` of PyTorch 2.14. Weights stay in float32; the copy of each that an
op of the first list reads is made once, and lives to the end of the forward pass. Other ops work in the precision of
what they read, the higher one where inputs differ.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import torch

from convwright.graph import Graph, Op, Tensor

LOW = torch.bfloat16
HIGH = torch.float32

_TO_LOW = """
conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc prelu addmm addmv addr matmul einsum
mm mv linalg_vecdot linear addbmm baddbmm bmm chain_matmul linalg_multi_dot lstm_cell gru_cell rnn_tanh_cell
rnn_relu_cell scaled_dot_product_attention
"""
_TO_HIGH = """
acos asin cosh erfinv exp expm1 log log10 log2 log1p reciprocal rsqrt sinh tan pow softplus layer_norm rms_norm
group_norm nuclear_norm cosine_similarity poisson_nll_loss cosine_embedding_loss nll_loss hinge_embedding_loss kl_div
l1_loss smooth_l1_loss huber_loss mse_loss margin_ranking_loss multilabel_margin_loss soft_margin_loss
triplet_margin_loss multi_margin_loss binary_cross_entropy_with_logits dist pdist cdist renorm logsumexp
prod softmax log_softmax cumprod cumsum linalg_vector_norm linalg_matrix_norm sum norm
"""
TO_LOW, TO_HIGH = frozenset(_TO_LOW.split()), frozenset(_TO_HIGH.split())
# What `interpolate` calls is on torch's second list, under other names.
_ALSO_HIGH = frozenset({"interpolate", "upsample", "cross_entropy", "float_power", "normalize"})
_CASTS = frozenset({"to", "float", "double", "half", "bfloat16", "type", "type_as"})
# They hand on the precision of the first input, whatever that of their weights.
_AS_FIRST = frozenset({"batch_norm", "instance_norm", "to", "setitem"})


def autocast_graph(graph: Graph) -> Graph:
    """Return the graph of the same call under autocast, its casts included.

    Examples
    --------
    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> graph = autocast_graph(trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 8, 8)))
    >>> [(op.kind, str(op.output.dtype)) for op in graph][:2], [op.kind for op in graph]
    ([('to', 'torch.bfloat16'), ('to', 'torch.bfloat16')], ['to', 'to', 'to', 'conv2d', 'relu'])
    """
    rewriter = _AutocastOps(graph)
    for op in graph.ops:
        rewriter.add(op)
    return rewriter.graph()


class _AutocastOps:
    """Takes the ops of a graph one by one, and makes those of the new one."""

    def __init__(self, graph: Graph) -> None:
        self._before = graph
        self._ops: list[Op] = []
        self._now: dict[int, Tensor] = {}  # by id before
        self._copied: dict[int, int] = {}  # storages that are copies only here, by what they share before
        self._copies: dict[int, Tensor] = {}  # of parameters in low precision
        self._moved: list[int] = []  # index of each op now
        self._deaths: dict[int, int] = {}
        self._next_id = 1 + max((tensor.id for tensor in graph.tensors), default=0)

    def add(self, op: Op) -> None:
        wanted = LOW if op.kind in TO_LOW else HIGH if op.kind in TO_HIGH | _ALSO_HIGH else None

        def read(tensor: Tensor) -> Tensor:
            now = self._now.get(tensor.id, tensor)
            return now if wanted is None or op.is_inplace else self._cast(now, wanted, op)

        inputs = tuple([read(tensor) for tensor in op.inputs])
        changed = {tensor.id: now for tensor, now in zip(op.inputs, inputs, strict=True)}
        index = len(self._ops)
        self._moved.append(index)
        outputs = tuple([self._made(tensor, op, inputs, wanted, index) for tensor in op.outputs])
        args = _replaced(dict(op.args), lambda tensor: changed.get(tensor.id, self._now.get(tensor.id, tensor)))
        self._ops.append(replace(op, index=index, args=MappingProxyType(args), inputs=inputs, outputs=outputs))

    def graph(self) -> Graph:
        before = self._before.deaths
        deaths = {storage: self._moved[last] for storage, last in before.items()}
        deaths |= {new: self._moved[before[old]] for new, old in self._copied.items() if old in before}
        outputs = {name: self._now.get(tensor.id, tensor) for name, tensor in self._before.outputs.items()}
        return replace(self._before, ops=tuple(self._ops), outputs=outputs, deaths=deaths | self._deaths)

    def _cast(self, tensor: Tensor, dtype: torch.dtype, op: Op) -> Tensor:
        """Return a tensor in the precision that an op wants, by a cast before it where it has another one."""
        if tensor.dtype not in (LOW, HIGH) or tensor.dtype is dtype:
            return tensor
        if tensor.id in self._copies:
            return self._copies[tensor.id]
        index, id_ = len(self._ops), self._next_id
        self._next_id += 1
        made = replace(tensor, id=id_, storage=id_, dtype=dtype, role="result", producer=index, name="")
        args = MappingProxyType({"self": tensor, "dtype": dtype})
        cast = replace(op, index=index, kind="to", args=args, inputs=(tensor,), outputs=(made,), is_inplace=False)
        self._ops.append(cast)
        if tensor.role == "parameter":
            self._copies[tensor.id] = made
        else:
            # The op is the next to be added, behind casts of its other inputs.
            self._deaths[id_] = index + 1
        return made

    def _made(
        self, tensor: Tensor, op: Op, inputs: tuple[Tensor, ...], wanted: torch.dtype | None, index: int
    ) -> Tensor:
        dtype, storage = tensor.dtype, tensor.storage
        base = self._base(tensor, op)
        if base is not None:
            storage = base.storage
            if dtype is HIGH and base.dtype is LOW:
                dtype = LOW
                if _asks_for_high(op):  # which does nothing to what is in float32, and copies this
                    dtype, storage = HIGH, tensor.id
                    self._copied[storage] = tensor.storage
        elif dtype is HIGH and not tensor.is_alias and op.kind not in _CASTS:
            dtype = wanted or _promoted(inputs[:1] if op.kind in _AS_FIRST else inputs)
        made = self._now[tensor.id] = replace(tensor, dtype=dtype, storage=storage, producer=index)
        return made

    def _base(self, tensor: Tensor, op: Op) -> Tensor | None:
        """Return what a view, or a result in place, has the memory of."""
        found = [read for read in op.inputs if read.storage == tensor.storage] if tensor.is_alias else []
        return self._now.get(found[0].id, found[0]) if found else None


def _asks_for_high(op: Op) -> bool:
    return op.kind == "float" or (op.kind in _CASTS and any(value is HIGH for value in op.args.values()))


def _promoted(tensors: Iterable[Tensor]) -> torch.dtype:
    """Return the precision of what an op makes of these; of numbers as tensors only where there is nothing else."""
    floating = [tensor for tensor in tensors if tensor.dtype in (LOW, HIGH)]
    counted = [tensor for tensor in floating if tensor.ndim] or floating
    return LOW if counted and all(tensor.dtype is LOW for tensor in counted) else HIGH


def _replaced(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: _replaced(each, change) for key, each in value.items()}
    return type(value)(_replaced(each, change) for each in value) if type(value) in (list, tuple) else value
