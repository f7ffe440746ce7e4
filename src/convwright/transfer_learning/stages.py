"""The stages of any network: its modules in the order in which they run, parted where the map shrinks."""

from collections.abc import Mapping
from itertools import pairwise
from math import prod

from torch import nn

from ..graph import Graph
from ..models import ConvNet

HEAD = "head"  # the stage of the classifier alone
Given = Mapping[str, tuple[int, ...]]
_SHRUNK = 0.5  # a map of at most this share of another's area is of another stage


def find_stages(model: nn.Module, graph: Graph, given: Given, classifier: str) -> dict[str, tuple[str, ...]]:
    """Modules of every stage, from the input to "head", which is the classifier alone.

    Parameters
    ----------
    model : nn.Module
        A `ConvNet` has names for its stages: stem, stage1, ..., final, and hidden for layers between pooling and
        classifier. Others are called after their first module.
    graph : Graph
        Graph of the model in eval mode.
    given : mapping of str to tuple of int
        Shape of the tensor that each module was called with, by path; () where it was something else.
    classifier : str
        Path of the last linear layer.

    Returns
    -------
    dict of str to tuple of str
        Dotted paths of modules, which together hold every parameter once. Parameters that a network has beside its
        modules are listed by their own paths, with the first stage, as are modules that do not run.
    """
    named = _by_name(model) if isinstance(model, ConvNet) else _by_size(_units(model, graph, given, classifier), graph)
    stages = {name: tuple(path for path in paths if path != classifier) for name, paths in named.items()}
    return {name: paths for name, paths in stages.items() if paths} | {HEAD: (classifier,)}


def channels_of(stages: Mapping[str, tuple[str, ...]], graph: Graph, given: Given) -> dict[str, int]:
    """Channels of what each stage hands on to a module of the next, where that is a map, or was one."""
    channels = {}
    for (name, paths), (_, (reader, *_)) in pairwise(stages.items()):
        made = [op.output for path in paths for op in graph.ops_in(path)[-1:] if op.outputs]
        handed = given.get(reader, ())
        if len(handed) == 4:
            channels[name] = handed[1]
        elif len(handed) == 2 and made:
            last = max(made, key=lambda tensor: tensor.producer or 0)
            if last.ndim in (2, 4) and handed[1] % last.shape[1] == 0:
                channels[name] = last.shape[1]  # pooled or flattened on the way
    return channels


def _by_name(model: ConvNet) -> dict[str, list[str]]:
    def holding(parent: str) -> list[str]:
        children = model.get_submodule(parent).named_children()
        return [f"{parent}.{name}" for name, child in children if _has_parameters(child)]

    return {
        "stem": ["stem"] if _has_parameters(model.stem) else [],
        **{path.rpartition(".")[2]: [path] for path in holding("stages")},
        "final": ["final"] if _has_parameters(model.final) else [],
        "hidden": holding("head"),
    }


def _by_size(units: list[str], graph: Graph) -> dict[str, list[str]]:
    """Units that run, in that order, in groups of one size of map; then those that do not, in the first group."""
    running = [path for path in units if graph.ops_in(path)]
    groups: list[tuple[int, list[str]]] = []
    for path in sorted(running, key=lambda path: graph.ops_in(path)[0].index):
        area = _area(path, graph)
        last = groups[-1][0] if groups else -1
        if area == last or min(area, last) > _SHRUNK * max(area, last):
            groups[-1][1].append(path)
        else:
            groups.append((area, [path]))
    idle = [path for path in units if path not in running]
    if groups:
        groups[0][1].extend(idle)
    # A part of the network may be called "head" though it is not its end.
    return {paths[0] if paths[0] != HEAD else f"before {HEAD}": paths for _, paths in groups}


def _units(model: nn.Module, graph: Graph, given: Given, classifier: str) -> list[str]:
    """Paths that together hold every parameter once: the children of the network, some of them opened.

    Opened is what holds the classifier, what is not called itself, and what works on maps of several sizes if it is a
    plain sequence or holds most of the parameters.
    """
    most = sum(p.numel() for name, p in model.named_parameters() if not name.startswith(f"{classifier}.")) / 2

    def is_opened(path: str, module: nn.Module) -> bool:
        if path == classifier or not any(True for _ in module.children()):
            return False
        if classifier.startswith(f"{path}.") or (graph.ops_in(path) and path not in given):
            return True
        # Not of norms, which may stand before the layer that shrinks the map.
        mixing = [name for name, child in module.named_children() if any(p.ndim > 1 for p in child.parameters())]
        areas = {_area(f"{path}.{name}", graph) for name in mixing if graph.ops_in(f"{path}.{name}")}
        is_large = sum(p.numel() for p in module.parameters()) > most
        return len(areas) > 1 and (is_large or isinstance(module, nn.Sequential))

    def visit(prefix: str, module: nn.Module) -> list[str]:
        found = []
        for name, child in module.named_children():
            path = prefix + name
            if _has_parameters(child) and path in graph.modules:  # where a shared module is listed once
                found += visit(f"{path}.", child) if is_opened(path, child) else [path]
        return found + [prefix + name for name, _ in module.named_parameters(recurse=False)]

    return visit("", model)


def _area(path: str, graph: Graph) -> int:
    """Positions of the map that a module makes; 0 for a vector."""
    outputs = [op.output for op in graph.ops_in(path) if op.outputs]
    area = prod(outputs[-1].shape[2:]) if outputs and outputs[-1].ndim == 4 else 0
    return area if area > 1 else 0


def _has_parameters(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())
