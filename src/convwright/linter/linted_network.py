"""The network being linted, with the questions that many rules ask of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import torch
from torch import nn

from ..analysis.facts import Analysis
from ..analysis.fields.image import batch_size
from ..errors import ConvwrightError
from ..graph import Graph, Op, Tensor, trace
from ..graph.failure import CallError
from ..graph.inputs import Inputs, with_leaves
from ..graph.modes import in_mode
from ..graph.module_tree import module_at
from .patterns import SILENT
from .settings import Settings


@dataclass(frozen=True, kw_only=True, eq=False)
class LintedNetwork:
    """A network under review.

    Attributes
    ----------
    model : nn.Module
        In eval mode while the rules run; on the meta device its weights cannot be read.
    training : mapping of str to bool
        The mode each module was in when it was handed over, by path.
    settings : Settings
        What it is for.
    found : Analysis or None
        Its facts; None when it does not run.
    failure : CallError or None
        Why it does not run.
    """

    model: nn.Module
    training: Mapping[str, bool]
    settings: Settings
    found: Analysis | None = None
    failure: CallError | None = None
    _traced: dict[tuple[int, ...], Graph | ConvwrightError] = field(default_factory=dict, repr=False, init=False)

    @property
    def analysis(self) -> Analysis:
        """The facts of a network that runs."""
        if self.found is None:
            raise AssertionError("a rule that does not read failures is only asked about networks that run")
        return self.found

    @property
    def graph(self) -> Graph:
        """The ops of a network that runs, traced in eval mode."""
        return self.analysis.graph

    @property
    def was_computed(self) -> bool:
        """True if the trace read numbers: a further one may read some, too."""
        return self.found is not None and bool(self.graph.depends_on_values)

    def ops_of(self, *kinds: str) -> tuple[Op, ...]:
        """The ops of these kinds, in call order."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], ())
        chosen = [op for kind in kinds for op in self._by_kind.get(kind, ())]
        return tuple(sorted(chosen, key=lambda op: op.index))

    @cached_property
    def _by_kind(self) -> dict[str, tuple[Op, ...]]:
        found: dict[str, list[Op]] = {}
        for op in self.graph:
            found.setdefault(op.kind, []).append(op)
        return {kind: tuple(ops) for kind, ops in found.items()}

    def module(self, path: str) -> nn.Module:
        """The module at `path`, in which wrappers (`DataParallel`) take no part."""
        return module_at(self.model, path)

    def parameter(self, name: str) -> nn.Parameter:
        """The parameter with this qualified name."""
        path, _, own = name.rpartition(".")
        found: nn.Parameter = getattr(self.module(path), own)
        return found

    def is_inner_call(self, op: Op) -> bool:
        """Return True if the op is a call in the `forward` of a module that has submodules."""
        module = self.module(op.path)
        return bool(module._modules) and not type(module).forward.__module__.startswith("torch.")

    def layer(self, op: Op) -> nn.Module | None:
        """The `torch.nn` layer (or subclass) whose forward is this op alone; None for functional calls."""
        module = self.module(op.path) if op.path else self.model
        own = [base for base in type(module).__mro__ if base.__module__.startswith("torch.nn.modules")]
        is_layer = len(own) > 1 and not module._modules and own[0] is not nn.Module
        return module if is_layer and len(self.graph.ops_in(op.path)) == self.graph.modules[op.path].num_calls else None

    def producer(self, tensor: Tensor, through: Collection[str] = ()) -> Op | None:
        """Return the op that made `tensor`, looking through ops that pass values on (`SILENT`) or are of some kinds."""
        op = self.graph.producer(tensor)
        while op is not None and (op.kind in SILENT or op.kind in through):
            op = self.graph.producer(op.input)
        return op

    def reader(self, op: Op, through: Collection[str] = ()) -> Op | None:
        """Return the one op that reads what `op` made, looking through as `producer`; None for several or none."""
        reader = self.graph.sole_consumer(op)
        while reader is not None and (reader.kind in SILENT or reader.kind in through):
            reader = self.graph.sole_consumer(reader)
        return reader

    def readers(self, op: Op) -> tuple[Op, ...]:
        """The ops that read what `op` made, each once."""
        return tuple(dict.fromkeys(reader for tensor in op.outputs for reader in self.graph.consumers(tensor)))

    def precedes(self, first: Op, then: Op) -> bool:
        """Return True if something that `then` reads was computed from what `first` made."""
        return bool(self._before[then.index] >> first.index & 1)

    @cached_property
    def _before(self) -> list[int]:
        """For each op the set of ops it depends on, one bit an op."""
        before: list[int] = []
        for op in self.graph:
            seen = 0
            for tensor in op.inputs:
                if tensor.producer is not None:
                    seen |= before[tensor.producer] | 1 << tensor.producer
            before.append(seen)
        return before

    @cached_property
    def residual_adds(self) -> tuple[Op, ...]:
        """The ends of residual blocks: sums of two tensors of one shape that come from one earlier tensor."""
        return tuple(op for op in self.ops_of("add") if self._is_residual(op))

    def _is_residual(self, op: Op) -> bool:
        if len(op.inputs) != 2 or any(tensor.ndim < 3 or tensor.role != "result" for tensor in op.inputs):
            return False
        if op.inputs[0].shape != op.inputs[1].shape:
            return False
        sides = [tensor.producer for tensor in op.inputs]
        first, second = (0 if at is None else self._before[at] | 1 << at for at in sides)
        return bool(first & second)

    @cached_property
    def classifies(self) -> bool:
        """True if it looks like a classifier: its one output has shape (N, classes) and comes from a linear op."""
        outputs = list(self.graph.outputs.values())
        return len(outputs) == 1 and outputs[0].ndim == 2 and self.logits is not None

    @cached_property
    def logits(self) -> Op | None:
        """The last linear op or convolution before the only output of shape (N, classes); None when there is none."""
        return self._to_logits[0] if self._to_logits and self._to_logits[0].kind in ("linear", "conv2d") else None

    @property
    def after_logits(self) -> tuple[Op, ...]:
        """The ops from the logits to the output, in call order; () for what has no logits."""
        return self._to_logits[1:] if self.logits is not None else ()

    @cached_property
    def _to_logits(self) -> tuple[Op, ...]:
        outputs = list(self.graph.outputs.values())
        op = self.graph.producer(outputs[0]) if len(outputs) == 1 and outputs[0].ndim == 2 else None
        chain = []
        while op is not None:
            chain.append(op)
            ends = op.kind in ("linear", "conv2d") or not op.inputs
            op = None if ends else self.graph.producer(op.input)
        return tuple(reversed(chain))

    @property
    def image_px(self) -> tuple[int, ...]:
        """Height and width of the image; () when no input is one."""
        return self.analysis.fields.image_px

    @cached_property
    def last_map(self) -> Op | None:
        """The op whose output the head pools or flattens."""
        return self.analysis.fields.last_map

    @property
    def batch_size(self) -> int:
        """Images in the traced call."""
        return batch_size(self.graph)

    def traced_at(self, shape: tuple[int, ...]) -> Graph | ConvwrightError:
        """The network with another shape of its only input, or why it does not run so; each shape is traced once."""
        if shape not in self._traced:
            try:
                self._traced[shape] = trace(self.model, shape, values=self.was_computed)
            except ConvwrightError as error:
                self._traced[shape] = error
        return self._traced[shape]

    def example_inputs(self, least_batch: int = 1) -> Inputs:
        """Return tensors without memory like the inputs of the trace, with a batch of at least `least_batch`."""

        def example(fact: Tensor) -> torch.Tensor:
            shape = (*(max(size, least_batch) for size in fact.shape[:1]), *fact.shape[1:])
            return torch.empty(shape, dtype=fact.dtype, device="meta")

        return cast(Inputs, with_leaves(self.graph.arguments, Tensor, example))

    def was_training(self, path: str) -> bool:
        """Return True if the module at `path` was handed over in training mode."""
        return self.training.get(path, self.training[""])

    def is_alone(self, op: Op) -> bool:
        """Return True for the only call of a `torch.nn` layer: a change of the layer changes nothing else."""
        return self.layer(op) is not None and self.graph.modules[op.path].num_calls == 1

    def is_functional(self, op: Op) -> bool:
        """Return True if it is a call in somebody's `forward`, on a line that is known."""
        return op.place is not None and not type(self.module(op.path)).__module__.startswith("torch.")

    @cached_property
    def in_training(self) -> Graph | ConvwrightError:
        """The network traced in training mode, or why that fails: what it does there may differ."""
        try:
            with in_mode(self.model, training=True):
                return trace(self.model, self.example_inputs(), values=self.was_computed)
        except ConvwrightError as error:
            return error

    def runs_in_training(self, last: Op) -> bool:
        """Return True if the network calls `last` while training too; yes where that cannot be traced."""
        graph = self.in_training
        if isinstance(graph, ConvwrightError):
            return True
        return any(op.kind == last.kind and op.path == last.path and op.place == last.place for op in graph)

    def num_before(self, tensor: Tensor) -> int:
        """Count the ops that lead to `tensor`."""
        return 0 if tensor.producer is None else self._before[tensor.producer].bit_count() + 1

    @cached_property
    def trunk(self) -> tuple[Op, ...]:
        """The ops that everything after them depends on: where the network is one tensor wide."""
        found: list[Op] = []
        on_all = ~0
        entered = sum(1 << op.index for op in self.graph if any(tensor.role == "input" for tensor in op.inputs))
        for op in reversed(self.graph.ops):
            if not (self._before[op.index] | 1 << op.index) & entered:
                continue  # computed from weights alone
            if on_all >> op.index & 1:
                found.append(op)
            on_all &= self._before[op.index]
        return tuple(reversed(found))
