"""Table of live torch tensors and their facts, through views and in-place writes."""

from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any
from weakref import ref

import torch

from .failure import unseen_op
from .layout import TensorLayout, strides_of
from .meta import META
from .quick_records import make_tensor
from .records import Role, Tensor, Weight

_SEQUENCES = (tuple, list)
# What they make of a sparse matrix and a dense one is dense.
_DENSE = frozenset({"addmm", "bmm", "linear", "matmul", "mm", "mv", "sparse_mm", "to_dense"})
PLAIN = frozenset({NoneType, bool, int, float, str, complex, torch.dtype, torch.device, torch.memory_format})


class _WeakTensor(ref[torch.Tensor]):
    """A weak reference that keeps the id under which its tensor was known."""

    __slots__ = ("key",)
    key: int


class TensorTable:
    """The facts of every tensor that is alive, and when the others died.

    A torch tensor is known by its id, and only watched: it lives as long as the model holds it, as in a real run, and
    is forgotten with it, since its id may then be given to another one.

    An in-place op gives its tensor new facts in the old storage. Another tensor of that storage (a view, or what the
    view was taken from) gets new facts too, but only when it is read again: they become a further output of the op
    that wrote.

    Parameters
    ----------
    weights : mapping
        Tensor, role and names of the model's parameters and buffers, by `id(tensor)`.
    on_meta : bool
        True if the model's own tensors have no storage either.

    Attributes
    ----------
    tables : dict
        The facts of the model's parameters and of its buffers, as they were at first, by their first name.
    late_outputs : dict
        Further outputs of in-place ops, by op index.
    now : int
        Index of the op recorded last.
    next_id : int
        Id of the tensor that is named next.
    """

    def __init__(self, weights: Mapping[int, tuple[torch.Tensor, Role, list[str]]], *, on_meta: bool) -> None:
        self._on_meta = on_meta
        self.late_outputs: dict[int, list[Tensor]] = {}
        self.now = -1
        self.tables: dict[Role, dict[str, Weight]] = {"parameter": {}, "buffer": {}}
        self._facts: dict[int, Tensor] = {}
        for number, (key, (tensor, role, names)) in enumerate(weights.items()):
            fact = self._facts[key] = _weight_fact(number, tensor, role, names[0])
            self.tables[role][names[0]] = Weight(fact, tuple(names), tensor.requires_grad)
        # Storages are held (on meta they weigh nothing), so that an address never comes to mean another one.
        self._in_storage: dict[int, tuple[torch.UntypedStorage, Tensor]] = {}
        self._alive: dict[int, _WeakTensor] = {}
        self._died: dict[int, int] = {}
        self.next_id = len(weights)
        owned = (tensor for tensor, _, _ in weights.values())
        self._sparse = {number for number, tensor in enumerate(owned) if tensor.layout is not torch.strided}
        self._last_write: dict[int, int] = {}

    def knows(self, tensor: torch.Tensor) -> bool:
        """Return True if `tensor` has facts already."""
        return id(tensor) in self._facts

    def was_written(self, tensor: torch.Tensor) -> bool:
        """Return True if an op of this trace wrote into the memory of `tensor`."""
        return self.knows(tensor) and self._facts[id(tensor)].storage in self._last_write

    def fact_of(self, tensor: torch.Tensor) -> Tensor:
        """Return the current facts of `tensor`; one never seen before is a constant."""
        fact = self._facts.get(id(tensor))
        if fact is None:
            return self._adopt(tensor)
        if fact.storage not in self._last_write or not self._is_stale(fact):
            return fact
        writer = self._last_write[fact.storage]
        fact = self.name(tensor, "result", producer=writer, storage=fact.storage)
        self.late_outputs.setdefault(writer, []).append(fact)
        return fact

    def _is_stale(self, fact: Tensor) -> bool:
        """Return True if an in-place op of another tensor wrote into the storage of `fact` after it was made."""
        return fact.producer is None or fact.producer < self._last_write[fact.storage]

    def name_arguments(self, bound: dict[str, Any]) -> list[Tensor]:
        """Replace every torch tensor among the arguments of a call by its facts, and list these."""
        found: list[Tensor] = []
        facts, written = self._facts, self._last_write
        for name, value in bound.items():
            kind = value.__class__
            if kind in PLAIN or (kind is tuple and PLAIN.issuperset(map(type, value))):
                continue
            # The id of something that is no tensor is never that of a tensor alive.
            fact = facts.get(id(value))
            if fact is None or (fact.storage in written and self._is_stale(fact)):
                bound[name] = self.facts_in(value, found)
            else:
                found.append(fact)
                bound[name] = fact
        return found

    def facts_in(self, value: Any, found: list[Tensor]) -> Any:
        """Return `value` with every torch tensor in it replaced by its facts, which are also added to `found`."""
        if value.__class__ in PLAIN:
            return value
        fact = self._facts.get(id(value))
        if fact is not None or isinstance(value, torch.Tensor):
            if fact is None or fact.storage in self._last_write:
                fact = self.fact_of(value)
            found.append(fact)
            return fact
        if isinstance(value, _SEQUENCES):
            if PLAIN.issuperset(map(type, value)):
                return tuple(value)
            # What `cat` and `stack` read: tensors that nothing was written over.
            facts = [fact for fact in map(self._facts.get, map(id, value)) if fact is not None]
            if len(facts) == len(value) and self._last_write.keys().isdisjoint([fact.storage for fact in facts]):
                found += facts
                return tuple(facts)
            return tuple([self.facts_in(item, found) for item in value])
        if isinstance(value, dict):
            return {key: self.facts_in(item, found) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(*(self.facts_in(item, found) for item in (value.start, value.stop, value.step)))
        return value

    def kind_of(self, kind: str, inputs: Iterable[Tensor], outputs: Iterable[Tensor]) -> str:
        """Return the kind of an op, with "sparse_" before it where it reads a tensor that is sparse, or may be.

        Rules for dense tensors are not for it. What it makes may be sparse too.
        """
        if not self._sparse or self._sparse.isdisjoint([tensor.id for tensor in inputs]):
            return kind
        if kind not in _DENSE:
            self._sparse.update([tensor.id for tensor in outputs])
        return f"sparse_{kind.removeprefix('sparse_')}"

    def make(self, layout: TensorLayout, producer: int, base: Tensor) -> tuple[torch.Tensor, Tensor]:
        """Make a tensor without storage as a rule describes it, and its facts."""
        shape, stride, dtype, is_view = layout
        tensor = torch.empty_strided(shape, stride, dtype=dtype, device=META)
        number = self.next_id
        self.next_id = number + 1
        fact = make_tensor(
            id=number,
            shape=shape,
            stride=stride,
            dtype=dtype,
            producer=producer,
            storage=base.storage if is_view else number,
        )
        self.bind(tensor, fact)
        return tensor, fact

    def name(
        self,
        tensor: torch.Tensor,
        role: Role,
        *,
        producer: int | None = None,
        storage: int | None = None,
        name: str = "",
    ) -> Tensor:
        """Give `tensor` new facts, as it is now."""
        number = self.next_id
        self.next_id = number + 1
        fact = make_tensor(
            id=number,
            shape=tuple(tensor.shape),
            stride=strides_of(tensor),
            dtype=tensor.dtype,
            role=role,
            producer=producer,
            storage=number if storage is None else storage,
            name=name,
        )
        self.bind(tensor, fact)
        return fact

    def bind(self, tensor: torch.Tensor, fact: Tensor) -> None:
        """Let `tensor` stand for `fact` from here on."""
        key = id(tensor)
        self._facts[key] = fact
        if tensor.is_meta:
            storage = tensor.untyped_storage()
            self._in_storage[storage._cdata] = storage, fact
        if key not in self._alive:
            watch = self._alive[key] = _WeakTensor(tensor, self._forget)
            watch.key = key

    def _forget(self, watch: _WeakTensor) -> None:
        """Drop a tensor that nobody holds any more."""
        del self._alive[watch.key]
        self._died[self._facts.pop(watch.key).storage] = self.now

    def deaths(self) -> dict[int, int]:
        """Return by storage the last op during which a tensor of it was alive, without storages that still are.

        Tensors are not watched any more after that.
        """
        alive = {self._facts[key].storage for key in self._alive}
        self._alive.clear()
        return {storage: index for storage, index in self._died.items() if storage not in alive}

    def overwrite(self, tensor: torch.Tensor, producer: int) -> Tensor:
        """Give `tensor` new facts, after the op `producer` wrote into it."""
        storage = self.fact_of(tensor).storage
        self._last_write[storage] = producer
        return self.name(tensor, "result", producer=producer, storage=storage)

    def _adopt(self, tensor: torch.Tensor) -> Tensor:
        if tensor.is_meta:
            # C++ (a custom autograd function, `nn.Parameter`) may wrap a traced tensor anew: same memory, same facts.
            known = self._in_storage.get(tensor.untyped_storage()._cdata)
            if known is not None:
                self.bind(tensor, known[1])
                fact = self.fact_of(tensor)
                if fact.shape == tuple(tensor.shape) and fact.stride == tensor.stride():
                    return fact
                return self.name(tensor, fact.role, producer=fact.producer, storage=fact.storage, name=fact.name)
            if not self._on_meta:
                raise unseen_op()
        return self.name(tensor, "constant")


def _weight_fact(number: int, tensor: torch.Tensor, role: Role, name: str) -> Tensor:
    return make_tensor(
        id=number,
        shape=tuple(tensor.shape),
        stride=strides_of(tensor),
        dtype=tensor.dtype,
        role=role,
        storage=number,
        name=name,
    )


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """Yield every torch tensor in nested tuples, lists and dicts, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        yield from tensors_in(tuple(value.values()))
