"""Parameter counts of a network, by op and by module, and the parameters that no op reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from convwright.graph import Graph, Weight
from convwright.graph.packed_weights import QUANTIZED


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Parameter counts of a network; a shared parameter counts once.

    Attributes
    ----------
    trainable, frozen : int
        Elements that do and do not require a gradient.
    num_bytes : int
        Bytes of all of them.
    per_op : tuple of int
        Elements each op of the graph is the first to read, so that the column, `unused` and `train_only`
        add up to `total`.
    per_module : mapping of str to int
        Elements held at or below each module path; "" is the model. Modules without any are left out.
    unused : tuple of str
        Parameters that no op reads and the model does not return: they cost memory and do nothing.
    num_unused : int
        Elements of those.
    train_only : tuple of str
        Parameters that only train mode reads, such as those of auxiliary heads.
    num_train_only : int
        Elements of those.
    """

    trainable: int
    frozen: int
    num_bytes: int
    per_op: tuple[int, ...]
    per_module: Mapping[str, int]
    unused: tuple[str, ...]
    num_unused: int
    train_only: tuple[str, ...]
    num_train_only: int

    @property
    def total(self) -> int:
        """All elements."""
        return self.trainable + self.frozen

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain values."""
        return {
            "total": self.total,
            "trainable": self.trainable,
            "frozen": self.frozen,
            "num_bytes": self.num_bytes,
            "per_op": list(self.per_op),
            "per_module": dict(self.per_module),
            "unused": list(self.unused),
            "num_unused": self.num_unused,
            "train_only": list(self.train_only),
            "num_train_only": self.num_train_only,
        }


def count_parameters(graph: Graph, training: Graph | None = None) -> Parameters:
    """Count the parameters of a traced network.

    Parameters
    ----------
    training : Graph, optional
        Of the same call in train mode, where that differs: what it reads is not unused.

    Examples
    --------
    A weight that two layers share is held by both and counted once:

    >>> from torch import nn
    >>> from convwright.graph import trace
    >>> model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    >>> model[2].weight = model[0].weight
    >>> facts = count_parameters(trace(model, (1, 4)))
    >>> facts.total, facts.per_op, dict(facts.per_module)
    (24, (20, 0, 4), {'': 24, '0': 20, '2': 20})
    """
    rows = graph.parameters
    numels = {name: row.numel for name, row in rows.items()}
    total = sum(numels.values())
    frozen = sum([numels[name] for name, row in rows.items() if not row.trainable])
    unread = numels.copy()
    per_op = [
        sum([unread.pop(tensor.name, 0) for tensor in op.inputs if tensor.role == "parameter"]) for op in graph.ops
    ]
    for tensor in graph.outputs.values():
        unread.pop(tensor.name, None)
    for name in _packed_with(rows, unread):
        unread.pop(name)
    read = _read_by(training) if training is not None and unread else set()
    train_only = tuple([name for name in unread if name in read])
    num_train_only = sum([unread.pop(name) for name in train_only])
    return Parameters(
        trainable=total - frozen,
        frozen=frozen,
        num_bytes=sum([numels[name] * row.dtype.itemsize for name, row in rows.items()]),
        per_op=tuple(per_op),
        per_module=MappingProxyType(_per_module(rows, numels)),
        unused=tuple(unread),
        num_unused=sum(unread.values()),
        train_only=train_only,
        num_train_only=num_train_only,
    )


def _packed_with(rows: Mapping[str, Weight], unread: Mapping[str, int]) -> list[str]:
    """Return weights that a quantized layer holds in one object with a weight that was read."""
    read = {name for name, row in rows.items() if row.dtype in QUANTIZED and name not in unread}
    return [name for name in unread if name.rpartition(".")[0] in read]


def _read_by(graph: Graph) -> set[str]:
    read = [tensor for op in graph.ops for tensor in op.inputs]
    return {tensor.name for tensor in (*read, *graph.outputs.values()) if tensor.role == "parameter"}


def _per_module(rows: Mapping[str, Weight], numels: Mapping[str, int]) -> dict[str, int]:
    own: dict[str, int] = {}
    held: dict[str, int] = {}
    around: dict[str, tuple[str, ...]] = {"": ("",)}
    for name, row in rows.items():
        if len(row.names) == 1:
            holder = name.rpartition(".")[0]
            own[holder] = own.get(holder, 0) + numels[name]
        else:
            # A module that holds it under several names holds it once.
            for path in {path for known in row.names for path in _upwards(known.rpartition(".")[0], around)}:
                held[path] = held.get(path, 0) + numels[name]
    for holder, numel in own.items():
        for path in _upwards(holder, around):
            held[path] = held.get(path, 0) + numel
    return {path: held[path] for path in sorted(held)}


def _upwards(path: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A module's path and those of all modules around it.

    >>> _upwards("layer1.0", {"": ("",)})
    ('', 'layer1', 'layer1.0')
    """
    found = known.get(path)
    if found is None:
        found = known[path] = (*_upwards(path.rpartition(".")[0], known), path)
    return found
