"""Records every torch call of one forward pass, on tensors without numbers."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import get_ident
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from . import failure
from .callees import Callee, Treatment, callee_of
from .layout import TensorLayout
from .meta import META, MetaCopies
from .mismatch import OVERLOOKING, FailedCall
from .module_tree import ModuleTree
from .places import called_by_a_kernel, calling_place
from .quick_records import make_op
from .records import Op, Tensor
from .tensor_table import TensorTable, tensors_in

_OP, _ASK = Treatment.OP, Treatment.ASK
_FLOWING = ("input", "result")


class Call(NamedTuple):
    """A module whose `forward` is running: its path and class, and which call of it this is."""

    path: str
    type: str
    number: int


class Recorder(TorchFunctionMode):
    """Sees every torch function called while it is active, and answers with tensors that have no storage.

    Every traced tensor lives on the meta device and tells the model that it is on `device`, so that code which asks
    takes the path it would take for real.

    Parameters
    ----------
    tree : ModuleTree
        The names of the model's modules, parameters and buffers.
    device : torch.device
        Where the model is.

    Attributes
    ----------
    computes : bool
        True if ops are computed on numbers instead of laid out by rules and meta kernels.
    """

    computes = False

    def __init__(self, tree: ModuleTree, device: torch.device) -> None:
        super().__init__()
        self.tree, self.device = tree, device
        self.tensors = TensorTable(tree.weights, on_meta=device.type == "meta")
        self.calls: dict[int, int] = {}
        self.stack: list[Call] = []
        self.raised: tuple[BaseException | None, str] = (None, "")  # the last exception, and the module it arose in
        self._thread = get_ident()
        self._ops: list[Op] = []
        self._copies = MetaCopies()
        self._checkpoint = self._num_checkpoints = 0
        self._pending: dict[int, list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]]] = {}

    @property
    def ops(self) -> tuple[Op, ...]:
        """Return the ops recorded so far, in call order."""
        ops = self._ops.copy()
        for index, late in self.tensors.late_outputs.items():
            ops[index] = replace(ops[index], outputs=(*ops[index].outputs, *late))
        return tuple(ops)

    def is_tracing(self) -> bool:
        """Return True in the thread whose calls are recorded."""
        return get_ident() == self._thread

    def moment(self) -> tuple[int, int]:
        """Return the index of the next op, and the id of the next tensor."""
        return len(self._ops), self.tensors.next_id

    def enter(self, module: nn.Module, args: Any) -> None:
        """Forward pre-hook: from here on ops belong to `module`."""
        del args
        if get_ident() != self._thread:
            return  # the hooks are global: another thread runs a model of its own
        key, stack, calls = id(module), self.stack, self.calls
        number = calls[key] = calls.get(key, 0) + 1
        known = self.tree.modules.get(key)
        # A module made inside `forward`, or kept in a plain list, has no path of its own.
        path = known[1][0] if known else stack[-1].path if stack else ""
        stack.append(Call(path, module.__class__.__name__, number))

    def leave(self, module: nn.Module, args: Any, result: Any) -> None:
        """Forward hook, called also when `module` raises: back to the caller."""
        del module, args, result
        if get_ident() != self._thread:
            return
        left = self.stack.pop()
        if (error := sys.exception()) is not None and error is not self.raised[0]:
            self.raised = (error, left.path)

    @contextmanager
    def checkpoint(self) -> Iterator[None]:
        """While active, ops belong to a region that is computed again for backward; the outermost one counts."""
        if not self.is_tracing() or self._checkpoint:
            yield
            return
        self._checkpoint = self._num_checkpoints = self._num_checkpoints + 1
        try:
            yield
        finally:
            self._checkpoint = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        callee = callee_of(func)
        treatment = callee.treatment
        if treatment is _OP:
            return self._op(callee, args, kwargs or {})
        if treatment is _ASK:
            return callee.function(*args, **(kwargs or {}))
        return getattr(self, f"_{treatment.name.lower()}")(callee, args, kwargs or {})

    def _device(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self.tensors.knows(args[0]):
            return callee.function(*args, **kwargs)
        name, device = callee.kind.raw, self.device
        if name == "device":
            return device
        return device.index or 0 if name == "get_device" else name == f"is_{device.type}"

    def _read(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tensor = args[0]
        if not isinstance(tensor, torch.Tensor) or not self._has_numbers(tensor):
            raise failure.data_dependent(callee.kind.raw, self.path, calling_place(), self.ops)
        if id(tensor) in self._pending:
            tensor = tensor.detach().cpu().clone()
            for function, rest, named in self._pending[id(args[0])]:
                function(tensor, *rest, **named)
        return callee.function(tensor, *args[1:], **kwargs)

    def _has_numbers(self, tensor: torch.Tensor) -> bool:
        """Return True for the model's own tensors, whose numbers are there to be read; not for a traced one."""
        return not tensor.is_meta and not self.tensors.was_written(tensor)

    def _make(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bound = callee.signature.bind(args, kwargs)
        if callee.kind.raw in ("tensor", "as_tensor", "asarray") and any(True for _ in tensors_in(args)):
            return self._op(callee, args, {**kwargs, "device": META})
        if called_by_a_kernel():
            raise failure.unseen_op()
        result = self._run(callee, args, {**kwargs, "device": META}, bound)
        if not self.tensors.knows(result):
            self.tensors.name(result, "constant")
        return result

    def _assign(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        target, value = args
        self.tensors.bind(target, self.tensors.fact_of(value))
        if target.is_meta and not target.requires_grad:
            callee.function(*args, **kwargs)

    def _mark(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        del kwargs
        return RemovableHandle(OrderedDict()) if callee.kind.raw == "register_hook" else args[0]

    def _enter(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self:
            return callee.function(*args, **kwargs)

    def _op(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        signature = callee.signature
        bound = signature.bind(args, kwargs)
        inputs = self.tensors.name_arguments(bound)
        if callee.kind.reflected:
            first, second = signature.names[:2]
            bound[first], bound[second] = bound[second], bound[first]
        signature.canonical(bound)
        target = kwargs.get("out")
        if target is None and (callee.kind.inplace or bound.get("inplace") is True):
            target = args[0] if args else next(iter(kwargs.values()))
        if target is not None and not any(tensor.role in _FLOWING for tensor in inputs):
            return self._keep_state(callee, args, kwargs, bound, target)
        answer = callee.rule(bound) if callee.rule and not self.computes else None
        if isinstance(answer, TensorLayout) and target is not None and answer.shape != inputs[0].shape:
            answer = None  # the result does not fit where it is to be written: the kernel will say so
        if answer is None:
            result, outputs = self._by_kernel(callee, args, kwargs, bound, target)
        else:
            result, outputs = self._by_rule(answer, inputs, target)
        if outputs:
            self._record(callee, bound, inputs, outputs, target is not None)
        return result

    def _record(
        self, callee: Callee, bound: dict[str, Any], inputs: list[Tensor], outputs: tuple[Tensor, ...], inplace: bool
    ) -> None:
        call = self.stack[-1]
        index = self.tensors.now = len(self._ops)
        self._ops.append(
            make_op(
                index=index,
                kind=self.tensors.kind_of(callee.kind.name, inputs, outputs),
                args=MappingProxyType(bound),
                inputs=tuple(inputs),
                outputs=outputs,
                path=call.path,
                module_type=call.type,
                call=call.number,
                place=calling_place(),
                is_inplace=inplace,
                tracks_gradients=torch.is_grad_enabled(),
                checkpoint=self._checkpoint,
            )
        )

    def _by_rule(
        self, answer: TensorLayout | list[TensorLayout], inputs: list[Tensor], target: Any
    ) -> tuple[Any, tuple[Tensor, ...]]:
        index = len(self._ops)
        if target is not None:
            return target, (self.tensors.overwrite(target, index),)
        if isinstance(answer, TensorLayout):
            tensor, fact = self.tensors.make(answer, index, inputs[0])
            return tensor, (fact,)
        pairs = [self.tensors.make(layout, index, inputs[0]) for layout in answer]
        return tuple(tensor for tensor, _ in pairs), tuple(fact for _, fact in pairs)

    def _by_kernel(
        self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any], target: Any
    ) -> tuple[Any, tuple[Tensor, ...]]:
        if callee.kind.name in OVERLOOKING:
            failure.check_overlooked(self._failed_call(callee, bound))
        result = self._run(callee, args, kwargs, bound)
        index = len(self._ops)
        if target is not None:
            return result, (self.tensors.overwrite(target, index),)
        memory = {self._copies.memory(tensor): self.tensors.fact_of(tensor) for tensor in tensors_in((args, kwargs))}
        if isinstance(result, torch.Tensor):
            tensor, fact = self._output(result, memory, index)
            return tensor, (fact,)
        pairs = [self._output(tensor, memory, index) for tensor in tensors_in(result)]
        if type(result) in (tuple, list) and len(pairs) == len(result):
            result = type(result)(tensor for tensor, _ in pairs)
        return result, tuple(fact for _, fact in pairs)

    def _output(self, tensor: torch.Tensor, memory: dict[int, Tensor], index: int) -> tuple[torch.Tensor, Tensor]:
        if self.tensors.knows(tensor):
            # Passed through (`contiguous()` of a contiguous tensor): a new name for it, so that readers of the
            # input and readers of the result stay apart.
            viewed: Tensor | None = self.tensors.fact_of(tensor)
            tensor = self._copies.renamed(tensor)
        else:
            viewed = memory.get(self._copies.memory(tensor))
        return tensor, self.tensors.name(
            tensor, "result", producer=index, storage=viewed.storage if viewed is not None else None
        )

    def _run(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any]) -> Any:
        try:
            return self._copies.run(callee.function, args, kwargs)
        except Exception as error:
            raise failure.op_failed(self._failed_call(callee, bound), error, computed=self.computes) from error

    def _failed_call(self, callee: Callee, bound: dict[str, Any]) -> FailedCall:
        return FailedCall(
            kind=callee.kind.name,
            args=bound,
            path=self.path,
            place=calling_place(),
            ops=self._ops,
            tree=self.tree,
        )

    @property
    def path(self) -> str:
        """Path of the module that is running."""
        return self.stack[-1].path if self.stack else ""

    def _keep_state(
        self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any], target: Any
    ) -> Any:
        """An in-place write that nothing traced flows into: state of the model, or a constant being filled."""
        if id(target) not in self.tree.weights:
            result = self._run(callee, args, kwargs, bound)
            self.tensors.name(target, "constant", storage=self.tensors.fact_of(target).storage)
            return result
        # `num_batches_tracked += 1` must not happen now; should its value be asked for, it is worked out on a copy.
        self._pending.setdefault(id(target), []).append((callee.function, args[1:], kwargs))
        return target
