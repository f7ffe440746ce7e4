"""The model's modules, parameters and buffers by name, and a promise to leave them as they were."""

import contextlib
import random
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import filterfalse
from operator import is_

import torch
from torch import nn

from .packed_weights import packed_weights
from .records import ModuleRow, Role


class ModuleTree:
    """Every module, parameter and buffer of a model under its qualified names.

    Wrappers that only forward (`torch.compile`, `DataParallel`) take no part in a path.

    Attributes
    ----------
    modules : dict
        Module and its paths, by `id(module)`, in the order of `named_modules`.
    weights : dict
        Tensor, its role and its names, by `id(tensor)`.
    """

    def __init__(self, model: nn.Module) -> None:
        self.root = model
        self.modules: dict[int, tuple[nn.Module, list[str]]] = {}
        self.weights: dict[int, tuple[torch.Tensor, Role, list[str]]] = {}
        self._wrapped: list[tuple[nn.Module, str, nn.Module]] = []
        self._walk(model, "", ())

    def _walk(self, module: nn.Module, path: str, holders: tuple[int, ...]) -> None:
        key = id(module)
        if key in holders:
            return
        self.modules.setdefault(key, (module, []))[1].append(path)
        prefix = f"{path}." if path else ""
        if module._parameters:
            self._note("parameter", prefix, module._parameters)
        if module._buffers:
            self._note("buffer", prefix, module._buffers)
        for name, held, tensor in packed_weights(module):
            self.weights.setdefault(id(held), (tensor, "parameter", []))[2].append(prefix + name)
        if not module._modules:
            return
        holders = (*holders, key)
        for name, child in module._modules.items():
            if child is not None:
                inner = unwrap(child) if child._modules else child
                if inner is not child:
                    self._wrapped.append((module, name, inner))
                self._walk(inner, prefix + name, holders)

    def _note(self, role: Role, prefix: str, tensors: Mapping[str, torch.Tensor | None]) -> None:
        for name, tensor in tensors.items():
            if tensor is not None:
                self.weights.setdefault(id(tensor), (tensor, role, []))[2].append(prefix + name)

    def rows(self, calls: dict[int, int]) -> dict[str, ModuleRow]:
        """Return the modules by their first path, given how often each was called by `id(module)`."""
        return {
            paths[0]: ModuleRow(
                path=paths[0],
                paths=tuple(paths),
                module_class=type(module),
                num_calls=calls.get(key, 0),
                training=module.training,
                is_leaf=not module._modules,
            )
            for key, (module, paths) in self.modules.items()
        }

    def classes(self) -> dict[str, type]:
        """Return the class of the module at every path."""
        return {path: type(module) for module, paths in self.modules.values() for path in paths}

    @contextlib.contextmanager
    def untouched(self) -> Iterator[None]:
        """Give every module back the attributes, and every generator the state, it has now.

        Meanwhile wrappers step aside: compiled and parallel submodules are called directly.
        """
        saved = _SavedAttributes(module for module, _ in self.modules.values())
        for holder, name, inner in self._wrapped:
            holder._modules[name] = inner
        with random_state(), torch.set_grad_enabled(torch.is_grad_enabled()):
            try:
                yield
            finally:
                saved.restore()


class _SavedAttributes:
    """The attributes of modules and the contents of the dicts, lists and sets among them.

    Caches kept in a dict or list (relative positions, masks) would otherwise keep tensors without storage.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        named = [vars(module) for module in modules]
        held = [value for attributes in named for value in attributes.values() if value.__class__ in _CONTAINERS]
        self.empty = [*filterfalse(None, held)]
        filled = [*filter(None, held)]
        self.named = [*named, *[container for container in filled if isinstance(container, dict)]]
        self.named_before = [container.copy() for container in self.named]
        self.listed = [container for container in filled if not isinstance(container, dict)]
        self.listed_before = [container.copy() for container in self.listed]

    def restore(self) -> None:
        # Compared by identity: comparing tensors would be a computation.
        for container, before in zip(self.named, self.named_before, strict=True):
            if [*container] != [*before] or not all(map(is_, container.values(), before.values())):
                container.clear()
                container.update(before)
        for items, earlier in zip(self.listed, self.listed_before, strict=True):
            if len(items) != len(earlier) or not all(map(is_, items, earlier)):
                items.clear()
                items.extend(earlier) if isinstance(items, list) else items.update(earlier)
        for container in filter(None, self.empty):
            container.clear()


_CONTAINERS = frozenset({dict, OrderedDict, defaultdict, list, set})
_PARALLEL = (nn.DataParallel, nn.parallel.DistributedDataParallel)


def unwrap(module: nn.Module) -> nn.Module:
    """Return the module behind `torch.compile`, `DataParallel` and `DistributedDataParallel`."""
    while (inner := _wrapped(module)) is not None:
        module = inner
    return module


def module_at(model: nn.Module, path: str) -> nn.Module:
    """Return the module at a path of the graph, in which wrappers take no part."""
    module = unwrap(model)
    for name in path.split(".") if path else ():
        module = unwrap(module.get_submodule(name))
    return module


def _wrapped(module: nn.Module) -> nn.Module | None:
    if "_orig_mod" in module._modules:
        return module._modules["_orig_mod"]
    if isinstance(module, _PARALLEL):
        return module._modules.get("module")  # none of what is no module
    return None


@contextlib.contextmanager
def random_state() -> Iterator[None]:
    """Give the generators of Python, torch and numpy back the state they have now."""
    python, cpu = random.getstate(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    numpy = sys.modules.get("numpy")
    numpy_state = numpy.random.get_state() if numpy else None
    try:
        yield
    finally:
        random.setstate(python)
        torch.set_rng_state(cpu)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
        if numpy:
            numpy.random.set_state(numpy_state)
