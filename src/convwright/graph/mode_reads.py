"""Reads of `module.training` during a trace: without any, train mode and eval mode run the same ops."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Any, NamedTuple

from torch import nn

# Batch norms that read the mode for one argument, and nothing else.
_NORMS = frozenset({"torch.nn.modules.batchnorm", "torch.nn.modules.instancenorm", "timm.layers.norm_act"})
# What drops nothing where this attribute is 0.
_DROPPING = {
    "torch.nn.modules.dropout": "p",
    "torch.nn.modules.rnn": "dropout",
    "torchvision.ops.stochastic_depth": "p",
    "timm.layers.drop": "drop_prob",
    "timm.layers.attention": "attn_drop.p",
    "timm.models.vision_transformer": "attn_drop.p",
}
# Functions that in train mode run one op more, or one with another argument, and read the mode for nothing else.
_DROPS = {
    ("torch.nn.modules.dropout", "Dropout.forward"): "dropout",
    ("torchvision.ops.stochastic_depth", "StochasticDepth.forward"): "mul",
    ("timm.layers.drop", "DropPath.forward"): "mul",
}


class Drop(NamedTuple):
    """An op of train mode that eval mode has not, or has as an identity.

    Attributes
    ----------
    op : int
        Its index in the trace.
    kind : str
        "dropout", or "mul" by a mask.
    first_tensor : int
        Id from which on tensors are those of the op: mask and result.
    """

    op: int
    kind: str
    first_tensor: int


class ModeReads:
    """Answer to the question whether code read the mode of a module, and could act on it.

    Batch norms of torch and timm do not count: in both modes they are one op with one argument that differs. Nor do
    dropouts that drop nothing.

    Parameters
    ----------
    drop : bool
        True tells those that are known to do nothing else with it (`nn.Dropout`, stochastic depth) that the mode is
        train, and lists them in `drops`.

    Attributes
    ----------
    acted : bool
        True once such code was seen, `drops` aside.
    drops : list of Drop
        In the order of the trace.
    moment : callable
        Returns how many ops and tensors the trace has so far.
    """

    def __init__(self, *, drop: bool = False) -> None:
        self.acted = False
        self.drops: list[Drop] = []
        self.moment: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self._drop = drop
        self._thread = get_ident()

    def answer(self, module: nn.Module, reader: str, function: str, mode: bool) -> bool:
        """Note that a function of the Python module `reader` asked for the mode of `module`; return what to tell it."""
        if reader in _NORMS or get_ident() != self._thread or _drops_nothing(module, reader):
            return mode
        kind = _DROPS.get((reader, function))
        if not self._drop or kind is None or mode:
            self.acted = True
            return mode
        num_ops, num_tensors = self.moment()
        self.drops.append(Drop(num_ops, kind, num_tensors))
        return True


def _drops_nothing(module: Any, reader: str) -> bool:
    name = _DROPPING.get(reader)
    if name is None:
        return False
    for part in name.split("."):
        module = getattr(module, part, True)
    return not module


class _WatchedTraining:
    """Descriptor in front of the attribute `training` of every module."""

    def __init__(self) -> None:
        self.watchers: list[ModeReads] = []

    def __get__(self, module: nn.Module | None, owner: type) -> Any:
        if module is None:
            return self
        own = vars(module)
        mode: Any = own["training"] if "training" in own else module.__getattr__("training")
        frame = sys._getframe(1)
        reader, function = frame.f_globals.get("__name__", ""), frame.f_code.co_qualname
        for watcher in self.watchers:
            mode = watcher.answer(module, reader, function, mode)
        return mode

    def __set__(self, module: nn.Module, mode: bool) -> None:
        vars(module)["training"] = mode

    def __delete__(self, module: nn.Module) -> None:
        del vars(module)["training"]


_watched, _lock = _WatchedTraining(), Lock()


@contextmanager
def mode_reads(reads: ModeReads | None = None) -> Iterator[ModeReads]:
    """Watch who reads the mode of a module.

    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)).eval()
    >>> with mode_reads() as reads:
    ...     net[0].training, reads.acted
    (False, True)
    """
    reads = reads or ModeReads()
    with _lock:
        _watched.watchers.append(reads)
        type.__setattr__(nn.Module, "training", _watched)  # of the class: no module changes its mode
    try:
        yield reads
    finally:
        with _lock:
            _watched.watchers.remove(reads)
            if not _watched.watchers:
                del nn.Module.training
