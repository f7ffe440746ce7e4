"""Records a forward pass that is computed: the model reads numbers on its way, and gets them."""

from collections.abc import Callable
from typing import Any

import torch

from .callees import Callee
from .module_tree import ModuleTree
from .places import calling_place
from .recorder import Recorder
from .tensor_table import tensors_in
from .value_read import ValueRead, value_read
from .values import CPU, ValueCopies


class ValueRecorder(Recorder):
    """A recorder that computes each op on copies, and answers from their numbers when the model asks for some.

    To the model and to the table of tensors a traced tensor is what it is to `Recorder`: every fact is the same.

    Parameters
    ----------
    needed : ValueRead
        The call at which a trace without numbers stopped.

    Attributes
    ----------
    reads : dict of ValueRead to None
        That call, and all others that read the numbers of a traced tensor.
    """

    computes = True
    _copies: ValueCopies

    def __init__(self, tree: ModuleTree, device: torch.device, needed: ValueRead) -> None:
        super().__init__(tree, device)
        self._copies = ValueCopies()
        self.reads: dict[ValueRead, None] = {needed: None}

    def fill(self, inputs: Any, numbers: Any) -> None:
        """Give the tensors of nested inputs their numbers, which are nested alike."""
        for traced, each in zip(tensors_in(inputs), tensors_in(numbers), strict=True):
            self._copies.fill(traced, each)

    def _read(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if all(self._has_numbers(tensor) for tensor in tensors_in((args, kwargs))):
            return self._copies.compute(callee.function, args, kwargs)
        self.reads[value_read(callee.kind.raw, self.path, calling_place())] = None
        return self._op(callee, args, kwargs)

    def _assign(self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        super()._assign(callee, args, kwargs)
        self._copies.assign(*args)

    def _keep_state(
        self, callee: Callee, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any], target: Any
    ) -> Any:
        if id(target) not in self.tree.weights:
            return super()._keep_state(callee, args, kwargs, bound, target)
        return self._run(callee, args, kwargs, bound)


def example_numbers(generator: torch.Generator) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return a function that gives an input its numbers: its own if it has some, else those of an image, or ones.

    Ones are an index, a length and a mask that most models take.

    >>> numbers = example_numbers(torch.Generator().manual_seed(0))
    >>> numbers(torch.empty(2, dtype=torch.int64, device="meta")), numbers(torch.empty(2, device="meta")).max() < 1
    (tensor([1, 1]), tensor(True))
    """

    def numbers(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_meta:
            return tensor.detach().to(CPU, copy=True)
        if tensor.is_floating_point() or tensor.is_complex():
            return torch.rand(tensor.shape, generator=generator).to(tensor.dtype)
        return torch.ones(tensor.shape, dtype=tensor.dtype)

    return numbers
