"""`trace`: run a model once on shapes alone, or on numbers where it needs them, and record its calls."""

import contextlib
import gc
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn
from torch.nn.modules import module as module_hooks

from convwright.child_process.limits import free_memory, is_of_memory
from convwright.errors import ConvwrightError

from . import failure
from .distributions import unchecked_distributions
from .eval_graph import eval_graph
from .graph import Graph
from .inputs import Inputs, argument_names, stand_ins, with_leaves
from .lanes import vmap_unrolled
from .lazy import initialized, is_lazy
from .mode_reads import ModeReads, mode_reads
from .module_tree import ModuleTree, unwrap
from .opaque import compiled_calls
from .recomputation import regions_noticed
from .recorder import Recorder
from .value_read import ValueRead, value_notes
from .value_recorder import ValueRecorder, example_numbers

_surroundings: WeakKeyDictionary[nn.Module, Callable[[], AbstractContextManager[object]]] = WeakKeyDictionary()


def trace_within(model: nn.Module, surroundings: Callable[[], AbstractContextManager[object]]) -> None:
    """Enter `surroundings()` for every forward pass of `model` that is traced, whoever traces it."""
    _surroundings[unwrap(model)] = surroundings


def surroundings_of(model: nn.Module) -> AbstractContextManager[object]:
    """Return the context that a forward pass of `model` is to run in, outside a trace too; by default an empty one."""
    return _surroundings.get(unwrap(model), contextlib.nullcontext)()


def trace(model: nn.Module, inputs: Inputs, *, values: bool = True) -> Graph:
    """Record one forward pass as a graph, without changing the model.

    The model runs in the mode it is in (`train` or `eval`), on inputs that have shapes but no numbers; its
    parameters stay where they are and are not read. Where it needs numbers (`if y.mean() > 0`, a boolean mask), it
    runs once more and computes, on the CPU, on copies of its parameters: `Graph.depends_on_values` says so.

    Parameters
    ----------
    model : nn.Module
        Any module, on any device, `meta` included.
    inputs : shape, tensor, sequence of either, or mapping of argument name to either
        `(1, 3, 224, 224)` is one input, `[(1, 3, 32, 32), (1, 10)]` two, `{"x": (1, 3, 32, 32)}` one by name,
        `[(1, 3, 32, 32), {"scale": 2}]` one by position and one by name. A mapping or sequence that `forward` does not
        take as arguments is one argument; values that are neither shapes nor tensors stay as they are. Only a
        model that needs numbers reads those of a tensor; a shape then stands for an image of uniform random numbers
        from 0 to 1, integers are ones.
    values : bool
        False never computes: a model that needs numbers is an error.

    Raises
    ------
    ConvwrightError
        When the model fails at these inputs, or when it needs numbers and may not or cannot compute: it is on the meta
        device, or larger than the memory.

    Examples
    --------
    >>> graph = trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 32, 32))
    >>> [(op.kind, op.path, op.output.shape) for op in graph]
    [('conv2d', '0', (1, 8, 30, 30)), ('relu', '1', (1, 8, 30, 30))]
    """
    with no_collection():
        tree = _initialized(_tree_of(model), inputs, values=values)
        try:
            return _trace(tree, inputs)
        except failure.DataDependentError as error:
            if not values:
                raise failure.with_hint(
                    error, "or let the trace compute (values=True, or without --no-values)"
                ) from error
            if not _can_compute(tree):
                raise
            return _computed(tree, inputs, error)


def trace_with_drops(model: nn.Module, inputs: Inputs, *, values: bool = True) -> tuple[Graph, Graph | None]:
    """Return the graph of `trace`, and one in which dropouts and stochastic depth ran as in train mode.

    Both come from one forward pass. The second is None where one pass does not tell both (the model needs numbers, or
    writes over what a dropout hands on in eval mode), and the first itself if nothing is dropped. `depends_on_mode` of
    the second says if train mode differs in more.

    Examples
    --------
    >>> net = nn.Sequential(nn.Linear(4, 4), nn.Dropout()).eval()
    >>> [[op.args.get("training") for op in graph] for graph in trace_with_drops(net, (1, 4))]
    [[None, False], [None, True]]
    """
    with no_collection():
        reads = ModeReads(drop=True)
        try:
            dropped = _trace(_initialized(_tree_of(model), inputs, values=values), inputs, modes=reads)
        except ConvwrightError:
            return trace(model, inputs, values=values), None  # or its error
        graph = eval_graph(dropped, reads.drops) if reads.drops else dropped
        return (graph, dropped) if graph else (trace(model, inputs, values=values), None)


def _can_compute(tree: ModuleTree) -> bool:
    """Return True for a model whose weights have numbers, which fit into the memory once more."""
    weights = [tensor for tensor, _, _ in tree.weights.values()]
    return not any(tensor.is_meta for tensor in weights) and sum(each.nbytes for each in weights) < free_memory() // 2


def _computed(tree: ModuleTree, inputs: Inputs, error: failure.DataDependentError) -> Graph:
    """Trace on numbers what cannot be traced without; `error` says why."""
    try:
        return _trace(tree, inputs, error.read)
    except ConvwrightError as failed:
        if is_of_memory(failed):
            raise error from failed
        raise failure.with_hint(failed, value_notes([error.read])[0] if error.read else "") from failed


def _trace(tree: ModuleTree, inputs: Inputs, needed: ValueRead | None = None, modes: ModeReads | None = None) -> Graph:
    model = tree.root
    args, kwargs = stand_ins(model, inputs)
    named = argument_names(model, args, kwargs)
    device = next((tensor.device for tensor, _, _ in tree.weights.values()), torch.device("cpu"))
    recorder = Recorder(tree, device)
    reads: Iterable[ValueRead] = ()
    if needed is not None:
        recorder = computing = ValueRecorder(tree, device, needed)
        numbers = example_numbers(torch.Generator().manual_seed(0))
        given_numbers = stand_ins(model, inputs, numbers)
        computing.fill(*([each for _, each in _named_tensors(pair)] for pair in ((args, kwargs), given_numbers)))
        reads = computing.reads
    given = tuple(recorder.tensors.name(tensor, "input", name=name) for name, tensor in _named_tensors(named))
    arguments = with_leaves(
        (*args, kwargs) if args and kwargs else kwargs or args, torch.Tensor, recorder.tensors.fact_of
    )
    with tree.untouched():
        if recorder.computes:
            torch.default_generator.manual_seed(0)
        with mode_reads(modes) as modes:
            modes.moment = recorder.moment
            result = _run(model, args, kwargs, recorder)
        outputs = {name: recorder.tensors.fact_of(tensor) for name, tensor in _named_tensors(result)}
        deaths = recorder.tensors.deaths()  # before the model gives back what it kept
    return Graph(
        ops=recorder.ops,
        inputs=given,
        arguments=arguments,
        outputs=MappingProxyType(outputs),
        parameters=MappingProxyType(recorder.tensors.tables["parameter"]),
        buffers=MappingProxyType(recorder.tensors.tables["buffer"]),
        modules=MappingProxyType(tree.rows(recorder.calls)),
        deaths=MappingProxyType(deaths),
        model_type=type(model).__name__,
        depends_on_values=tuple(reads),
        depends_on_mode=modes.acted,
    )


def _run(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], recorder: Recorder) -> Any:
    around = surroundings_of(model)
    regions, lanes = regions_noticed(recorder.checkpoint), vmap_unrolled(recorder.is_tracing)
    compiled = compiled_calls(recorder.tree, recorder.is_tracing)
    with around, _hooks(recorder), _as_written(), regions, lanes, compiled, torch.enable_grad(), recorder:
        try:
            return model(*args, **kwargs)
        except ConvwrightError:
            raise
        except Exception as error:
            raise failure.model_raised(error, recorder.raised[1], recorder.ops) from error


def _tree_of(model: Any) -> ModuleTree:
    if not isinstance(model, nn.Module):
        raise ConvwrightError("trace", expected="an nn.Module", got=type(model).__name__, hint="build the model first")
    return ModuleTree(unwrap(model))


def _initialized(tree: ModuleTree, inputs: Inputs, *, values: bool) -> ModuleTree:
    """Return the tree of a copy whose lazy layers are initialized, or the same where there are none."""
    if not is_lazy(tree):
        return tree
    with surroundings_of(tree.root), _as_written():
        copy = initialized(tree.root, inputs, values=values)
    if tree.root in _surroundings:
        _surroundings[copy] = _surroundings[tree.root]
    return ModuleTree(copy)


@contextlib.contextmanager
def _hooks(recorder: Recorder) -> Iterator[None]:
    before = module_hooks.register_module_forward_pre_hook(recorder.enter)
    after = module_hooks.register_module_forward_hook(recorder.leave, always_call=True)
    try:
        yield
    finally:
        before.remove()
        after.remove()


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector still: when it runs is chance, and so would be when tensors in cycles die."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _as_written() -> Iterator[None]:
    """Let compiled functions run as they were written, and keep the warnings for a real run."""
    stance = torch.compiler.set_stance("force_eager") if "torch._dynamo" in sys.modules else contextlib.nullcontext()
    with stance, unchecked_distributions(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _named_tensors(value: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor of nested dicts, sequences and dataclasses, under its dotted place."""
    if isinstance(value, torch.Tensor):
        yield name, value
        return
    if isinstance(value, Mapping):
        items: Any = value.items()
    elif is_dataclass(value) and not isinstance(value, type):
        items = ((field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, list | tuple):
        items = zip(getattr(value, "_fields", range(len(value))), value, strict=True)
    else:
        return
    for key, item in items:
        yield from _named_tensors(item, f"{name}.{key}" if name else str(key))
