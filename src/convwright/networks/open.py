"""Open a network by its name: the only place where a name becomes a module."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import ConvwrightError, unknown
from ..extras import needs_extra
from ..graph.call_sites import recorded_call_sites
from ..graph.trace import trace_within
from ..models import build, model_names
from ..models.state_file import fit, read_state
from .building import build_network
from .candidates import with_network
from .evidence.network_inputs import named_inputs
from .exported import open_exported
from .factories import find_factory
from .guards.silence import silent
from .inputs.declared import declared_input
from .inputs.network_input import NetworkInput
from .libraries import open_timm, open_torchvision
from .name import FORMS, LIBRARIES, TORCHSCRIPT, NetworkName
from .network import Network
from .reading.reader import FileReader, file_reader
from .torchscript import open_torchscript


def open_network(
    name: NetworkName,
    *,
    seed: int = 0,
    computes: bool = True,
    num_classes: int | None = None,
    in_channels: int | None = None,
) -> Network:
    """Build the network that `name` names, in the mode its factory leaves it in, with its weights.

    Parameters
    ----------
    seed : int
        Seed of the first weights; torch's generators are left as they were.
    computes : bool
        False builds a network of the zoo without weights, on the meta device, in milliseconds, and one of the user's
        if its weights are huge.
    num_classes, in_channels : int, optional
        Facts of the data, for a network of the zoo whose arguments do not give them.

    Raises
    ------
    ConvwrightError
        When there is no such network, its file fails, its factory does not build one from these arguments, or its
        weights cannot be had or do not fit.

    Examples
    --------
    >>> network = open_network(NetworkName(text="resnet20"), num_classes=7)
    >>> network.inputs[0].shape, network.module.config.num_classes
    ((1, 3, 32, 32), 7)
    """
    if name.is_saved:
        return _from_saved(name)
    name = with_network(name)
    with seeded(seed):
        if name.is_from_zoo:
            data = {"num_classes": num_classes, "in_channels": in_channels}
            options = {key: value for key, value in data.items() if value is not None}
            return _from_zoo(name, {"device": "cpu" if computes else "meta", "seed": seed, **options})
        opener = _OPENERS.get(name.source)
        network = opener(name) if opener else _from_factory(name, computes=computes)
    _load_weights(network.module, name)
    return network


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's generators for a moment, and put them back.

    >>> before = torch.random.get_rng_state()
    >>> with seeded(3):
    ...     first = torch.rand(1)
    >>> with seeded(3):
    ...     torch.equal(torch.rand(1), first), torch.equal(before, torch.random.get_rng_state())
    (True, False)
    >>> torch.equal(before, torch.random.get_rng_state())
    True
    """
    # A GPU that nobody has used yet is left alone: seeding it now would outlast this block.
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=gpus):
        torch.default_generator.manual_seed(seed)
        if gpus:
            torch.cuda.manual_seed_all(seed)
        yield


def _from_saved(name: NetworkName) -> Network:
    if name.text.endswith(".pt2"):
        return open_exported(name)
    if name.text.endswith(TORCHSCRIPT):
        return open_torchscript(name)
    with needs_extra("export"):
        from .onnx_graph import open_onnx

        return open_onnx(name)


def _from_zoo(name: NetworkName, options: dict[str, Any]) -> Network:
    if name.text not in model_names():
        raise unknown("model", name.text, model_names(), hint=f"MODEL is {FORMS}")
    try:
        module = build(name.text, **{"weights": name.weights or None, **options, **name.arguments})
    except ConvwrightError:
        raise
    except Exception as error:  # a layer's own words for arguments that clash, above the stack that torch appends
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ConvwrightError(f"{name.text} cannot be built like this: {reason}") from error
    shape = declared_input(module)
    return Network(module=module, label=name.text, given=(NetworkInput(shape=shape),) if shape else ())


def _from_factory(name: NetworkName, *, computes: bool) -> Network:
    with recorded_call_sites() as sites, file_reader(name.source, run_all=name.run_all) as reader:
        factory = find_factory(name.source, name.factory, reader)
        built = build_network(factory, name.arguments, name.text, reader, computes=computes)
    trace_within(built.module, partial(_running, name.source, reader))
    return Network(
        module=built.module,
        label=name.text,
        call_sites=sites.of(built.module),
        arguments=built.arguments,
        assumed=built.assumptions,
        left_out=tuple(reader.left_out),
        guard=reader.guard,
        evidence=partial(named_inputs, built.module, name.source, name.factory),
    )


@contextmanager
def _running(source: str, reader: FileReader) -> Iterator[None]:
    """Run the forward pass of a user's network: guarded, its imports read, silent."""
    with file_reader(source, reader=reader, is_tracing=True), silent():
        yield


def _load_weights(module: nn.Module, name: NetworkName) -> None:
    """Load weights from a file; those of a library are in the module already."""
    if not name.weights or (name.source in LIBRARIES and name.weights.partition(":")[0] == name.source):
        return
    path = Path(name.weights).expanduser()
    if not path.is_file():
        own = f"{name.source}, or " if name.source in LIBRARIES else ""
        problem = f"weights {name.weights!r} of {name.text}"
        raise ConvwrightError(problem, expected=f"{own}the path of a file that exists")
    module.load_state_dict(fit(read_state(path), module, {}, origin=str(path)))


_OPENERS = {"torchvision": open_torchvision, "timm": open_timm}
