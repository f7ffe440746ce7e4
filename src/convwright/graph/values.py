"""Runs torch functions on numbers: every traced tensor stands for one that was computed on the CPU."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Any
from weakref import WeakValueDictionary

import torch

from .failure import unseen_op
from .meta import META, MetaCopies
from .tensor_table import tensors_in

CPU = torch.device("cpu")
_NUMBERS = "numbers"  # attribute of a traced tensor: its numbers live as long as it does


class ValueCopies(MetaCopies):
    """Tensors with numbers that stand for the traced ones, and for the model's own.

    What a function returns comes back as tensors without storage, which hold their numbers: views of each other, and
    tensors that were written over, share memory there as here. The model's own tensors are copied when first needed.
    """

    device = CPU

    def __init__(self) -> None:
        super().__init__()
        # By the storage of the traced tensor: C++ may wrap it anew, without its attributes.
        self._in_memory: WeakValueDictionary[int, torch.Tensor] = WeakValueDictionary()

    def fill(self, traced: torch.Tensor, numbers: torch.Tensor) -> None:
        """Let a traced tensor stand for these numbers."""
        vars(traced)[_NUMBERS] = numbers
        self._in_memory[traced.untyped_storage()._cdata] = numbers

    def assign(self, target: torch.Tensor, value: torch.Tensor) -> None:
        """Let a traced tensor, or one of the model's own, stand for the numbers of another one."""
        numbers = self._swap(value)
        if target.is_meta:
            self.fill(target, numbers)
        else:
            self._copies[id(target)], self._originals[id(numbers)] = numbers, target

    def compute(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call `function` on numbers, and return what it returns."""
        # Without a tensor it may be the switch of the gradients itself.
        with torch.no_grad() if any(True for _ in tensors_in((args, kwargs))) else nullcontext():
            return function(*self._swap(args), **self._swap(dict(kwargs)))

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call `function` on numbers, and return tensors without storage in place of those that it returns.

        One that comes back, written over or passed through, comes back as what stands for it.
        """
        given = {id(self._swap(tensor)): tensor for tensor in tensors_in((args, kwargs))}
        result = self.compute(function, args, kwargs)
        for tensor in given.values():
            self._follow(tensor)
        return self._traced_in(result, given)

    def renamed(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return another traced tensor that stands for the same numbers."""
        return self._standing_for(self._swap(tensor), None)

    def _swap(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return super()._swap(value)
        return self._numbers_of(value) if value.is_meta else self._copy_of(value)

    def _copied(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.detach().to(CPU, copy=True)

    def _numbers_of(self, traced: torch.Tensor) -> torch.Tensor:
        if _NUMBERS not in vars(traced):
            known = self._in_memory.get(traced.untyped_storage()._cdata)
            if known is None:
                raise unseen_op()
            self.fill(traced, _over(known.untyped_storage(), traced, CPU))
        numbers: torch.Tensor = vars(traced)[_NUMBERS]
        return numbers

    def _follow(self, traced: torch.Tensor) -> None:
        """Give a traced tensor the layout that its numbers have now: `unsqueeze_` and the like change it."""
        if traced.is_meta and _layout(traced) != _layout(numbers := self._numbers_of(traced)):
            traced.set_(traced.untyped_storage(), numbers.storage_offset(), numbers.shape, numbers.stride())

    def _traced_in(self, result: Any, given: Mapping[int, torch.Tensor]) -> Any:
        if isinstance(result, torch.Tensor):
            known = given.get(id(result))
            return known if known is not None else self._new(result, given)
        if isinstance(result, tuple | list) and any(True for _ in tensors_in(result)):
            items = [self._traced_in(item, given) for item in result]
            return type(result)(*items) if hasattr(result, "_fields") else type(result)(items)
        if isinstance(result, Iterator):
            return iter([self._traced_in(item, given) for item in result])
        return result

    def _new(self, numbers: torch.Tensor, given: Mapping[int, torch.Tensor]) -> torch.Tensor:
        memory = numbers.untyped_storage()._cdata
        viewed = (each for each in given.values() if each.is_meta and self.memory(each) == memory)
        return self._standing_for(numbers.resolve_conj().resolve_neg(), next(viewed, None))

    def _standing_for(self, numbers: torch.Tensor, viewed: torch.Tensor | None) -> torch.Tensor:
        """Make a traced tensor that stands for these numbers, in the storage of the one that it is a view of."""
        size = numbers.untyped_storage().nbytes()
        root = torch.empty(size, dtype=torch.uint8, device=META) if viewed is None else viewed
        traced = _over(root.untyped_storage(), numbers, META)
        self.fill(traced, numbers)
        return traced


def _over(storage: torch.UntypedStorage, like: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return a tensor over a storage, laid out like another one."""
    # A quantized tensor is seen as the integers that it holds: meta kernels know no other.
    dtype = like.int_repr().dtype if like.is_quantized else like.dtype
    empty = torch.empty(0, dtype=dtype, device=device)
    return empty.set_(storage, like.storage_offset(), like.shape, like.stride())


def _layout(tensor: torch.Tensor) -> tuple[object, ...]:
    return tuple(tensor.shape), tensor.stride(), tensor.storage_offset()
